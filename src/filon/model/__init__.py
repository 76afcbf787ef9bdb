"""The words of the field: values that every floor above exchanges."""

from filon.model.progress import Progress, Report, silent
from filon.model.records import (
    Account,
    AccountRef,
    Attachment,
    Conversation,
    ConversationRef,
    Defect,
    Event,
    Locator,
    Message,
    Name,
    Place,
    Record,
    Skipped,
    Total,
    Unread,
)
from filon.model.time import Stamp
from filon.model.view import View

__all__ = [
    "Account",
    "AccountRef",
    "Attachment",
    "Conversation",
    "ConversationRef",
    "Defect",
    "Event",
    "Locator",
    "Message",
    "Name",
    "Place",
    "Progress",
    "Record",
    "Report",
    "Skipped",
    "Stamp",
    "Total",
    "Unread",
    "View",
    "silent",
]
