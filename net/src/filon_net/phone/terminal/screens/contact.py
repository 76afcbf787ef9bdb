"""One contact: who they are, whether that was verified, and what can be done."""

from collections.abc import Iterable

from filon_net.phone import notices
from filon_net.phone.notices import Event
from filon_net.phone.state import Contact, ContactState
from filon_net.phone.terminal.moments import lasts
from filon_net.phone.terminal.screens.parts import Action, Ask, Page, Paragraph
from filon_net.phone.terminal.screens.verify import Emoji, Numbers
from filon_net.phone.terminal.view import fingerprint_of

__all__ = ["ContactPage"]


class ContactPage(Page[None]):
    """Fingerprint, devices, verification, hold, block."""

    def __init__(self, user: bytes) -> None:
        super().__init__()
        self._user = user

    @property
    def _contact(self) -> Contact:
        return self.phone.contact(self._user)

    def title_of(self) -> str:
        return self.view.name(self._user)

    def paragraphs(self) -> Iterable[Paragraph]:
        one, say = self._contact, self.words.say
        if one.verified:
            yield Paragraph(say("✓ Verified: you compared keys with this person."), "good")
        else:
            yield Paragraph(
                say(
                    "Not verified. The invite was a secret while it was open; comparing makes sure nobody used it first."
                )
            )
        if one.held:
            yield Paragraph(say("Their devices changed. Your messages wait until you accept the change."), "bad")
        if one.broken:
            yield Paragraph(
                say("The log holds an entry in their name that they did not sign. Nothing is sent to them."), "bad"
            )
        if one.state is ContactState.ASKING:
            yield Paragraph(say("The log has not shown this person yet: nothing is sent, nothing is shown."))
        if one.state is ContactState.BLOCKED:
            yield Paragraph(say("Blocked: they cannot write to you, and nothing of theirs is read."), "bad")
        yield Paragraph(say("Fingerprint of the master key") + "\n" + _rows(one.master))
        yield Paragraph(
            self.words.many("{count} device in the log", "{count} devices in the log", len(one.devices)), "quiet"
        )
        yield Paragraph(self._timer_words(one), "quiet")

    def _timer_words(self, one: Contact) -> str:
        say, seconds = self.words.say, self.phone.timer(one.user)
        if not seconds:
            return say("Messages do not disappear.")
        return say("Messages disappear {time} after reading.", time=lasts(seconds, self.words))

    def actions(self) -> list[Action]:
        one, say = self._contact, self.words.say
        made = []
        if any(
            isinstance(told.notice, notices.KeyChanged) and told.notice.user == one.user
            for told in self.phone.notices()
        ):
            made.append(Action("y", say("accept the change: they told me by another way"), self._accept))
        if one.devices and one.state is ContactState.OPEN:
            made.append(Action("e", say("compare emoji, by voice or side by side"), self._emoji))
            made.append(Action("v", say("compare numbers or scan a QR code"), self._numbers))
        made.append(Action("r", say("rename on this phone"), self._rename))
        if one.state is ContactState.BLOCKED:
            made.append(Action("b", say("take the block back"), lambda: self._block(False)))
        else:
            made.append(Action("b", say("block"), lambda: self._block(True)))
        return made

    def _accept(self) -> None:
        self.attempt(lambda: self.phone.accept_change(self._user))
        self.rebuild()

    def _emoji(self) -> None:
        talk = self.attempt(lambda: self.phone.compare(self._user))
        if talk is not None:
            self.app.push_screen(Emoji(self._user, talk))

    def _numbers(self) -> None:
        self.app.push_screen(Numbers(self._user))

    def _rename(self) -> None:
        def renamed(alias: str | None) -> None:
            if alias is not None:
                self.attempt(lambda: self.phone.rename(self._user, alias.strip()))
                self.rebuild()

        explains = [self.words.say("Only this phone shows it. Empty for the name they chose.")]
        self.app.push_screen(Ask(self.words.say("New name"), explains, value=self._contact.alias), renamed)

    def _block(self, blocked: bool) -> None:
        self.attempt(lambda: self.phone.block(self._user, blocked))
        self.rebuild()

    def take(self, event: Event) -> None:
        if getattr(event, "user", None) == self._user or isinstance(event, notices.NoticeTold | notices.NoticeGone):
            self.rebuild()

    def on_screen_resume(self) -> None:
        self.rebuild()


def _rows(key: bytes) -> str:
    groups = fingerprint_of(key)
    return "\n".join(" ".join(groups[at : at + 8]) for at in range(0, len(groups), 8))
