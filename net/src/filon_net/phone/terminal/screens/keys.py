"""All keys on one page."""

import textwrap
from collections.abc import Iterable

from filon_net.phone.terminal.screens.parts import Page, Paragraph

__all__ = ["Keys"]

_KEYS = (
    ("Tab, Shift+Tab", "from the list to the messages to the writing line, and back"),
    ("Enter", "open a conversation, send a message, show a message whole"),
    ("Ctrl+J", "a new line while writing"),
    ("↑ in the first line", "choose a message; ↑ at the top loads older ones"),
    ("r on a message", "send again what was not delivered"),
    ("Esc", "back"),
    ("n", "invite somebody"),
    ("a", "answer an invite"),
    ("c, F2", "the contact: fingerprint, verify, block"),
    ("t, F3", "disappearing messages"),
    ("d", "your devices"),
    ("s", "settings, tokens from the operator"),
    ("T", "teams: policies, drafts, your key as an admin"),
    ("!, F8", "alarms"),
    ("?, F1", "this page"),
    ("q, Ctrl+Q", "leave; the phone stays encrypted on the disk"),
)
_MARKS = (
    ("✓", "verified by comparing keys"),
    ("◔", "messages disappear"),
    ("(3)", "three unread"),
    ("waiting", "not at the relay yet"),
    ("handed to relay", "the relay has it, sealed"),
    ("delivered", "a device of theirs has it; this is told some minutes later, on purpose"),
    ("NOT DELIVERED", "no sign of arrival within the stated time; it may still arrive"),
)


class Keys(Page[None]):
    """Keys, and what the marks mean."""

    def title_of(self) -> str:
        return self.words.say("Keys")

    def paragraphs(self) -> Iterable[Paragraph]:
        yield Paragraph(self._table(_KEYS))
        yield Paragraph(self.words.say("Marks"), "heading")
        yield Paragraph(self._table(_MARKS))

    def _table(self, rows: Iterable[tuple[str, str]]) -> str:
        say, room = self.words.say, max(20, self.app.size.width - 27)
        made = []
        for key, what in rows:
            head, *rest = textwrap.wrap(say(what), room)
            made += [f"{say(key):<20} {head}", *(" " * 21 + one for one in rest)]
        return "\n".join(made)
