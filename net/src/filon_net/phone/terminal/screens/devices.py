"""This user's devices: listed, linked, removed; and the certificate of this one."""

from collections.abc import Callable, Iterable

from filon_net.errors import FilonNetError
from filon_net.phone import notices
from filon_net.phone.errors import NeedsBackupCode
from filon_net.phone.notices import Event
from filon_net.phone.terminal.screens.parts import Action, Ask, Page, Paragraph

__all__ = ["Devices"]


class Devices(Page[None]):
    """The devices as the log shows them."""

    def __init__(self) -> None:
        super().__init__()
        self._link = ""

    def title_of(self) -> str:
        return self.words.say("Your devices")

    def paragraphs(self) -> Iterable[Paragraph]:
        say, mine = self.words.say, self.phone.engine.books.device.certificate.device
        listed = self.phone.devices()
        if not listed:
            yield Paragraph(say("The log does not show this device yet."))
        for number, one in enumerate(listed, 1):
            here = "  " + say("(this one)") if one == mine else ""
            yield Paragraph(f"{number}  {one.hex()[:8]} {one.hex()[8:16]}{here}")
        yield Paragraph(
            say("Your contacts see every change of this list. A number here that you do not know is an alarm."), "quiet"
        )
        if self._link:
            yield Paragraph(say("On the new device, within half an hour:"), "heading")
            yield Paragraph("filon-net phone new PATH --restore --link LINK")
            yield Paragraph(say("It asks for your backup code and for the operator's leave. The link:"), "quiet")
            yield Paragraph(self._link)

    def actions(self) -> list[Action]:
        say = self.words.say
        made = [Action("l", say("link a new device"), self._open)]
        if len(self.phone.devices()) > 1:
            made.append(Action("x", say("remove a device"), self._remove))
        made.append(Action("r", say("renew this device's certificate for a year"), self._renew))
        return made

    def _open(self) -> None:
        self._link = self.attempt(self.phone.open_link) or ""
        self.rebuild()

    def _remove(self) -> None:
        def chosen(number: str | None) -> None:
            listed = self.phone.devices()
            if number is None:
                return
            if not number.strip().isdecimal() or not 1 <= int(number) <= len(listed):
                self.tell(self.words.say("There is no device of this number."), bad=True)
                return
            device = listed[int(number) - 1]
            self._with_code(lambda code: self.phone.revoke_device(device, code))

        explains = [
            self.words.say("Its number in the list. Contacts stop writing to it as soon as the log shows this.")
        ]
        self.app.push_screen(Ask(self.words.say("Which device goes?"), explains), chosen)

    def _renew(self) -> None:
        self._with_code(self.phone.renew_certificate)

    def _with_code(self, what: Callable[[str | None], object]) -> None:
        """Do it with the master key kept here, or ask for the backup code."""

        def typed(code: str | None) -> None:
            if code:
                self.attempt(lambda: what(code))
                self.rebuild()

        try:
            what(None)
        except NeedsBackupCode:
            explains = [self.words.say("From the paper; it is not kept.")]
            self.app.push_screen(Ask(self.words.say("Backup code"), explains, secret=True), typed)
        except FilonNetError:
            self.attempt(lambda: what(None))
        self.rebuild()

    def take(self, event: Event) -> None:
        if isinstance(event, notices.Joined | notices.NoticeTold | notices.NoticeGone):
            self.rebuild()
