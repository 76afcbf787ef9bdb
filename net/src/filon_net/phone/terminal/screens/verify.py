"""Verifying a contact: seven emoji compared by voice, or sixty digits, or a QR code."""

from collections.abc import Iterable

from filon_net.phone.emoji import EMOJI
from filon_net.phone.notices import EmojiReady, Event, Verified
from filon_net.phone.terminal.qr import save_picture
from filon_net.phone.terminal.screens.code import show_code
from filon_net.phone.terminal.screens.parts import Action, Ask, Page, Paragraph

__all__ = ["Emoji", "Numbers"]


class Emoji(Page[None]):
    """Waits for the other side, shows seven emoji on both, asks whether they are the same."""

    def __init__(self, user: bytes, talk: bytes, indices: tuple[int, ...] = ()) -> None:
        super().__init__()
        self.user = user
        self.talk = talk
        self._indices = indices
        self._done: bool | None = None

    def title_of(self) -> str:
        return self.words.say("Compare emoji with {name}", name=self.view.name(self.user))

    def paragraphs(self) -> Iterable[Paragraph]:
        say = self.words.say
        if self._done is not None:
            yield (
                Paragraph(say("✓ Verified."), "good")
                if self._done
                else Paragraph(
                    say(
                        "Not verified. If the emoji differed, somebody may sit between you: "
                        "do not write here, and tell the operator."
                    ),
                    "bad",
                )
            )
        elif not self._indices:
            yield Paragraph(say("Waiting for the other phone. It must be online."))
        else:
            yield Paragraph(say("Read these aloud to each other, by voice or side by side; not over this chat."))
            yield Paragraph(
                "\n".join(f"  {number}  {picture}  {say(word)}" for number, (picture, word) in self._shown()), "emoji"
            )
            yield Paragraph(say("Are all seven the same, in the same order?"))

    def _shown(self) -> Iterable[tuple[int, tuple[str, str]]]:
        return enumerate((EMOJI[one] for one in self._indices), 1)

    def actions(self) -> list[Action]:
        if self._done is not None or not self._indices:
            return []
        return [
            Action("y", self.words.say("yes, all the same"), lambda: self._say(True)),
            Action("n", self.words.say("no, they differ"), lambda: self._say(False)),
        ]

    def _say(self, same: bool) -> None:
        self.attempt(lambda: self.phone.confirm(self.talk, same))
        self._done = same
        self.rebuild()

    def take(self, event: Event) -> None:
        if isinstance(event, EmojiReady) and event.talk == self.talk:
            self._indices = event.indices
            self.rebuild()
        elif isinstance(event, Verified) and event.user == self.user and self._done is None:
            self._done = event.done
            self.rebuild()


class Numbers(Page[None]):
    """The sixty digits both sides see alike, and a QR code for the other phone to scan."""

    def __init__(self, user: bytes) -> None:
        super().__init__()
        self._user = user
        self._saved = ""

    def title_of(self) -> str:
        return self.words.say("Compare numbers with {name}", name=self.view.name(self._user))

    def paragraphs(self) -> Iterable[Paragraph]:
        say = self.words.say
        digits = self.phone.safety_code(self._user).split()
        yield Paragraph("\n".join(" ".join(digits[at : at + 4]) for at in range(0, len(digits), 4)), "emoji")
        yield Paragraph(
            say(
                "{name} sees the same digits under the same heading. Read them to each other, or let their phone scan the QR code.",
                name=self.view.name(self._user),
            )
        )
        link = self.phone.verify_link(self._user)
        yield Paragraph(self._saved or link, "quiet")

    def actions(self) -> list[Action]:
        say = self.words.say
        return [
            Action("f", say("the QR code alone"), lambda: show_code(self, self.phone.verify_link(self._user))),
            Action("l", say("type or paste what I scanned from their screen"), self._scan),
            Action("p", say("save the QR code as a picture"), self._picture),
        ]

    def _scan(self) -> None:
        def scanned(link: str | None) -> None:
            if link and self.attempt(lambda: self.phone.scanned(link)) is not None:
                self.tell(self.words.say("✓ Verified."))
                self.dismiss()

        self.app.push_screen(
            Ask(self.words.say("What the code on their screen says"), ["filon-net://verify/…"]), scanned
        )

    def _picture(self) -> None:
        path = save_picture(self.phone.verify_link(self._user), self.phone.engine.books.store.path, "verify")
        self._saved = self.words.say("Saved as {path}", path=path)
        self.rebuild()
