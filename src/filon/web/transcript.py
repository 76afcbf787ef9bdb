"""A stretch of a conversation as lines to read: days, events, messages grouped by sender and minute."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from filon.case.answers import ConversationPage, EventView, MessageView
from filon.web.show import Show

__all__ = ["Line", "transcript"]

MINUTE = 60_000_000
OF_A_MESSAGE = {"edit", "deletion", "reaction", "receipt", "pin"}


@dataclass(frozen=True)
class Line:
    """A message with the events that are about it, or an event between messages. ``day`` opens a new day above it."""

    place: int
    """Of the message in the conversation; of an event, that of the message it stands before."""
    message: MessageView | None = None
    event: EventView | None = None
    continued: bool = False
    """True where conversation, sender and minute are those of the message above."""
    day: str | None = None
    """ISO date where another day begins here; empty where times end."""
    about: tuple[EventView, ...] = ()


def transcript(page: ConversationPage, start: int, show: Show) -> tuple[Line, ...]:
    """Lines for the places from ``start`` on; a page that begins earlier lends its last message for the grouping."""
    about, between = _sort_events(page.events, page.messages)
    lines: list[Line] = []
    previous: MessageView | None = None
    waiting = iter(between)
    event = next(waiting, None)
    for place, message in enumerate(page.messages, page.offset):
        while event is not None and message.time is not None and (event.time or 0) < message.time:
            if place >= start:
                lines.append(Line(place, event=event))
            event = next(waiting, None)
        if place >= start:
            day = show.day(message.time, message.zone_known)
            opens = previous is None or show.day(previous.time, previous.zone_known) != day
            joined = not opens and previous is not None and _continues(previous, message)
            events = tuple(about.get(message.native_id or "", ()))
            lines.append(Line(place, message, None, joined, day if opens else None, events))
        previous = message
    while event is not None:
        lines.append(Line(page.offset + len(page.messages), event=event))
        event = next(waiting, None)
    return tuple(lines)


def _sort_events(
    events: Iterable[EventView], messages: Iterable[MessageView]
) -> tuple[dict[str, list[EventView]], list[EventView]]:
    held = {message.native_id for message in messages if message.native_id}
    about: dict[str, list[EventView]] = defaultdict(list)
    between: list[EventView] = []
    for event in events:
        if event.target in held and event.kind in OF_A_MESSAGE:
            about[event.target or ""].append(event)
        else:
            between.append(event)
    return about, sorted(between, key=lambda e: e.time or 0)


def _continues(before: MessageView, message: MessageView) -> bool:
    if before.sender is None or message.sender is None or before.time is None or message.time is None:
        return False
    same = before.sender.account == message.sender.account and before.device == message.device
    same = same and before.conversation == message.conversation
    return same and before.zone_known == message.zone_known and before.time // MINUTE == message.time // MINUTE
