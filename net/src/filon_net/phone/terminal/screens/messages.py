"""A conversation: bubbles, and the line one writes in."""

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static, TextArea

from filon_net.phone.terminal.view import Line

__all__ = ["Bubble", "Messages", "Writing"]


class Bubble(Widget):
    """One line of a conversation. Messages can be chosen with the arrows."""

    def __init__(self, line: Line, more: str) -> None:
        super().__init__(classes=line.kind)
        self.line = line
        self._more = more
        self.can_focus = line.kind in ("mine", "theirs")
        self._shown = Static(markup=False)

    def compose(self) -> ComposeResult:
        yield self._shown

    def on_mount(self) -> None:
        self.say(self.line, self._more)

    def say(self, line: Line, more: str) -> None:
        """Show the line, or how it has changed."""
        self.line = line
        self.set_class(line.failed, "failed")
        parts: list[tuple[str, str]] = [(line.text, "")]
        if line.cut:
            parts.append((f"\n{more}", "italic"))
        if line.meta:
            parts.append(("\n" if line.kind in ("mine", "theirs") else "  ", ""))
            parts.append((line.meta, "$error bold" if line.failed else "$quiet"))
        self._shown.update(Content.assemble(*parts))


class Messages(VerticalScroll):
    """The bubbles of one conversation, kept in step with what the phone holds."""

    class Older(Message):
        """Older messages are wanted."""

    def __init__(self) -> None:
        super().__init__(id="messages", can_focus=False)
        self._bubbles: dict[bytes, Bubble] = {}

    def clear(self) -> None:
        """Show nothing."""
        for bubble in self._bubbles.values():
            bubble.remove()
        self._bubbles = {}

    def show(self, lines: Sequence[Line], more: str, to_end: bool) -> None:
        """Show these lines; ``more`` is said below a message that is cut."""
        follow = to_end or self.scroll_y >= self.max_scroll_y - 2
        wanted = {line.id for line in lines}
        for ident in [one for one in self._bubbles if one not in wanted]:
            self._bubbles.pop(ident).remove()
        before: Bubble | None = None
        for line in lines:
            bubble = self._bubbles.get(line.id)
            if bubble is None:
                bubble = self._bubbles[line.id] = Bubble(line, more)
                if before is not None:
                    self.mount(bubble, after=before)
                else:
                    self.mount(bubble, before=0) if self.children else self.mount(bubble)
            elif bubble.line != line:
                bubble.say(line, more)
            before = bubble
        if follow:
            self.call_after_refresh(self.scroll_end, animate=False)

    def on_key(self, event: events.Key) -> None:
        if event.key not in ("up", "down", "home", "end", "pageup"):
            return
        chosen = self.screen.focused
        able = [one for one in self._in_order() if one.can_focus]
        if not isinstance(chosen, Bubble) or chosen not in able:
            return
        event.stop()
        at = able.index(chosen)
        if event.key in ("up", "pageup") and at == 0:
            self.post_message(self.Older())
            return
        steps = {"up": at - 1, "down": at + 1, "home": 0, "end": len(able) - 1, "pageup": max(0, at - 8)}
        if steps[event.key] < len(able):
            able[steps[event.key]].focus()
        else:
            self.screen.query_one("#writing").focus()

    def _in_order(self) -> list[Bubble]:
        return [one for one in self.children if isinstance(one, Bubble) and one.line.id in self._bubbles]

    def choose_last(self) -> bool:
        """Choose the newest message; False where there is none."""
        able = [one for one in self._in_order() if one.can_focus]
        if able:
            able[-1].focus()
        return bool(able)


class Writing(TextArea):
    """What one writes in: Enter sends, Ctrl+J makes a new line."""

    class Sent(Message):
        """Enter was pressed on a text."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Left(Message):
        """The arrow up was pressed on the first line."""

    NEW_LINE: ClassVar[tuple[str, ...]] = ("ctrl+j", "shift+enter", "alt+enter")

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "enter":
            event.stop()
            event.prevent_default()
            if self.text.strip():
                self.post_message(self.Sent(self.text))
            return
        if event.key in self.NEW_LINE:
            event.stop()
            event.prevent_default()
            self.insert("\n")
            return
        if event.key == "up" and self.cursor_location[0] == 0:
            event.stop()
            event.prevent_default()
            self.post_message(self.Left())
            return
        await super()._on_key(event)
