"""A QR code alone on the screen, as large as it gets; any key goes back."""

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from filon_net.phone.terminal.qr import drawn, needs
from filon_net.phone.terminal.screens.parts import PhoneScreen

__all__ = ["show_code"]


class _Code(Screen[None]):
    """The code, dark on light whatever the theme."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__(id="code")
        self._lines = lines

    def compose(self) -> ComposeResult:
        shown = Static(Content("\n".join(self._lines)), markup=False)
        shown.styles.width = "auto"
        shown.styles.color = "black"
        shown.styles.background = "white"
        yield shown

    def on_key(self, event: events.Key) -> None:
        event.stop()
        self.dismiss()


def show_code(screen: PhoneScreen[None], link: str) -> None:
    """Show the code of a link, or say how large the window would have to be."""
    size = screen.app.size
    lines = drawn(link, size.width, size.height, 2) or drawn(link, size.width, size.height, 1)
    if lines is not None:
        screen.app.push_screen(_Code(lines))
        return
    columns, rows = needs(link)
    screen.tell(
        screen.words.say(
            "A window of {columns} columns and {rows} lines would show it; p saves it as a picture.",
            columns=columns,
            rows=rows,
        ),
        bad=True,
    )
