"""Making a team's policy, or a change of one, field by field."""

from collections.abc import Iterable

from filon_net.phone.composing import Composing, key_of
from filon_net.phone.links import AdminLink, read_link
from filon_net.phone.terminal.moments import lasts
from filon_net.phone.terminal.screens.choose import Choose
from filon_net.phone.terminal.screens.draft import DraftPage
from filon_net.phone.terminal.screens.parts import Action, Ask, Page, Paragraph, ask_time
from filon_net.phone.terminal.team_words import admin_lines, member_names, quoted
from filon_net.phone.terminal.typed import number_of
from filon_net.wire.links import kind_of

__all__ = ["Compose"]


class Compose(Page[None]):
    """Making a policy. Nothing is signed here: the last step shows the whole in words."""

    def __init__(self, made: Composing) -> None:
        super().__init__()
        self._made = made

    def title_of(self) -> str:
        say = self.words.say
        return say("A new team") if self._made.new else say("A change of a team's policy")

    def paragraphs(self) -> Iterable[Paragraph]:
        say, made = self.words.say, self._made
        yield Paragraph(say("Name: {name}", name=made.name))
        yield Paragraph(say("Members: {names}.", names=member_names(self.view, sorted(made.members)) or say("nobody")))
        heading = say("Admins; {needed} of {count} must sign a change:", needed=made.needed, count=len(made.admins))
        yield Paragraph(heading + "\n" + admin_lines(self.view, sorted(made.admins)))
        keep = lasts(made.keep, self.words) if made.keep else say("none")
        yield Paragraph(say("The least time messages stay: {time}", time=keep))
        yield Paragraph(say("Legal hold: {state}", state=say("on") if made.hold else say("off")))

    def actions(self) -> list[Action]:
        say = self.words.say
        return [
            Action("g", say("go on: show it in words, then sign"), self._go_on),
            Action("m", say("members"), self._members),
            Action("a", say("add an admin"), self._add_admin),
            Action("x", say("take an admin out"), self._drop_admin),
            Action("c", say("how many admins must sign a change"), self._count),
            Action("r", say("the least time messages stay"), self._keep),
            Action("h", say("legal hold on or off"), self._hold),
            Action("n", say("the name"), self._rename),
        ]

    def _go_on(self) -> None:
        data = self.attempt(lambda: self._made.unsigned(self.phone.now))
        if data is not None:
            self.app.switch_screen(DraftPage(data))

    def _members(self) -> None:
        mine, known = self.phone.user, self.phone.contacts()
        rows = [(mine, self.words.say("you"))] + [
            (one.user, quoted(self.view.name_of(one), self.view)) for one in known
        ]
        strangers = self._made.members - {mine} - {one.user for one in known}
        rows += [(one, self.view.name(one)) for one in sorted(strangers)]

        def turn(user: bytes) -> None:
            self._made.member(user, user not in self._made.members)

        def done(_: bytes | None) -> None:
            self.rebuild()

        explains = [self.words.say("Enter takes somebody in or out, Esc is done.")]
        page = Choose(self.words.say("Members"), explains, rows, lambda user: user in self._made.members, turn)
        self.app.push_screen(page, done)

    def _add_admin(self) -> None:
        offered = [(one, self.phone.admin_of(one.user)) for one in self.phone.contacts()]
        rows = [(one.user, quoted(self.view.name_of(one), self.view)) for one, key in offered if key is not None]

        def chosen(user: bytes | None) -> None:
            key = self.phone.admin_of(user) if user else None
            if user and key is not None:
                self._admin(key, user, "")
            elif user == b"":
                self._paste_admin()

        explains = [
            self.words.say("Contacts who wrote you their key as an admin, or paste a key."),
            self.words.say("Where somebody is not verified, compare the key with their screen before you sign."),
        ]
        rows.append((b"", self.words.say("paste a key")))
        self.app.push_screen(Choose(self.words.say("Who becomes an admin?"), explains, rows), chosen)

    def _paste_admin(self) -> None:
        def typed(text: str | None) -> None:
            if text:
                key = self.attempt(lambda: read_link(text, AdminLink).key if kind_of(text) else key_of(text))
                if key is not None:
                    self.app.push_screen(Ask(self.words.say("Whose key is it?"), [only]), lambda name: named(key, name))

        def named(key: bytes, name: str | None) -> None:
            self._admin(key, b"", name or "")

        only = self.words.say("Only this phone shows the name.")
        explains = [self.words.say("The 64 digits and letters on their screen, or the link under them.")]
        self.app.push_screen(Ask(self.words.say("Key of the new admin"), explains), typed)

    def _admin(self, key: bytes, user: bytes, name: str) -> None:
        self.attempt(lambda: self._made.admin(key))
        if user or name.strip():
            self.attempt(lambda: self.phone.call_admin(key, user, name))
        self.rebuild()

    def _drop_admin(self) -> None:
        admins = sorted(self._made.admins)

        def typed(number: str | None) -> None:
            found = number_of(number or "", len(admins))
            if found is not None:
                self.attempt(lambda: self._made.admin(admins[found - 1], into=False))
                self.rebuild()
            elif number:
                self.tell(self.words.say("There is no admin of this number."), bad=True)

        self.app.push_screen(
            Ask(self.words.say("Which admin goes?"), [self.words.say("The number in the list.")]), typed
        )

    def _count(self) -> None:
        def typed(count: str | None) -> None:
            if count:
                self.attempt(lambda: self._made.need(number_of(count, 16) or 0))
                self.rebuild()

        self.app.push_screen(Ask(self.words.say("How many admins must sign a change?")), typed)

    def _keep(self) -> None:
        def least(seconds: int) -> None:
            self._made.keep = seconds
            self.rebuild()

        explains = [self.words.say("No timer between members may be shorter; 0 for no least time."), "12h  7d  4w"]
        ask_time(self, self.words.say("The least time messages stay"), explains, least)

    def _hold(self) -> None:
        self._made.hold = not self._made.hold
        self.rebuild()

    def _rename(self) -> None:
        def named(name: str | None) -> None:
            if name is not None:
                self.attempt(lambda: self._made.call(name))
                self.rebuild()

        self.app.push_screen(Ask(self.words.say("Name of the team"), value=self._made.name), named)
