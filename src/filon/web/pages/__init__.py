"""Every page of the reading room, one file each, in one explicit tuple."""

from filon.web.pages.accounts import account, accounts
from filon.web.pages.activity import activity
from filon.web.pages.add import (
    add,
    answer,
    begin,
    discard,
    draft_page,
    prepare,
    upload,
)
from filon.web.pages.around import around
from filon.web.pages.conversation import conversation, lines, place, reader, strip
from filon.web.pages.conversations import conversations
from filon.web.pages.custody import custody
from filon.web.pages.defects import defects
from filon.web.pages.desk import delete_note, delete_search, desk, save_search, undo
from filon.web.pages.export import export, exported
from filon.web.pages.items import items, original
from filon.web.pages.job import job, stop_job
from filon.web.pages.mark import add_note, add_tag, mark_read, remove_tag, tag_hits
from filon.web.pages.message import message, raw
from filon.web.pages.overview import overview
from filon.web.pages.participation import participation
from filon.web.pages.search import complete, facets, hits, search, total
from filon.web.pages.words import try_words, words

__all__ = ["PAGES"]

PAGES = (
    overview,
    activity,
    search,
    hits,
    total,
    facets,
    complete,
    words,
    try_words,
    conversations,
    conversation,
    reader,
    lines,
    place,
    strip,
    participation,
    accounts,
    account,
    around,
    message,
    raw,
    add_tag,
    remove_tag,
    tag_hits,
    add_note,
    mark_read,
    items,
    original,
    defects,
    custody,
    desk,
    save_search,
    delete_search,
    delete_note,
    undo,
    add,
    prepare,
    upload,
    draft_page,
    answer,
    begin,
    discard,
    job,
    stop_job,
    export,
    exported,
)
