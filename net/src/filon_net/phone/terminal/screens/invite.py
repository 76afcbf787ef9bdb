"""Inviting somebody, and answering an invite."""

from collections.abc import Iterable

from filon_net.errors import FilonNetError
from filon_net.phone.terminal.qr import save_picture
from filon_net.phone.terminal.screens.code import show_code
from filon_net.phone.terminal.screens.parts import Action, Ask, Page, Paragraph, PhoneScreen
from filon_net.phone.terminal.sentences import said_error

__all__ = ["Invite", "answer"]


class Invite(Page[None]):
    """A link and QR code for one person."""

    def __init__(self) -> None:
        super().__init__()
        self._link = ""
        self._said = ""

    def on_mount(self) -> None:
        super().on_mount()
        self.run_worker(self._make(), exclusive=True)

    async def _make(self) -> None:
        try:
            self._link = await self.phone.invite()
        except FilonNetError as error:
            self._said = said_error(error, self.words)
        self.rebuild()

    def title_of(self) -> str:
        return self.words.say("Invite somebody")

    def paragraphs(self) -> Iterable[Paragraph]:
        say = self.words.say
        if self._said and not self._link:
            yield Paragraph(self._said, "bad")
            return
        if not self._link:
            yield Paragraph(say("Asking the relay to let an answer in …"))
            return
        yield Paragraph(
            say(
                "For one person, once, within 14 days. It is a secret until it was answered: "
                "give it in person or over a way you trust, and verify afterwards."
            )
        )
        yield Paragraph(self._said, "good") if self._said else Paragraph(say("The link, to be copied whole:"))
        yield Paragraph(self._link)

    def actions(self) -> list[Action]:
        if not self._link:
            return []
        say = self.words.say
        return [
            Action("f", say("the QR code alone"), lambda: show_code(self, self._link)),
            Action("y", say("copy the link (other programs can then read it)"), self._copy),
            Action("p", say("save the QR code as a picture"), self._picture),
        ]

    def _copy(self) -> None:
        self.app.copy_to_clipboard(self._link)
        self._said = self.words.say("The terminal was asked to copy it.")
        self.rebuild()

    def _picture(self) -> None:
        path = save_picture(self._link, self.phone.engine.books.store.path, "invite")
        self._said = self.words.say("Saved as {path}; erase it when it was used.", path=path)
        self.rebuild()


def answer(screen: PhoneScreen[None]) -> None:
    """Ask for the link of an invite and take it up."""
    say = screen.words.say

    def answered(link: str | None) -> None:
        if link and screen.attempt(lambda: screen.phone.answer(link)) is not None:
            screen.tell(
                say("Answered. The conversation opens when the log shows the other side, within a minute or so.")
            )

    explains = [say("Paste the link, whole. Only answer an invite you got from the person themselves.")]
    screen.app.push_screen(Ask(say("Answer an invite"), explains), answered)
