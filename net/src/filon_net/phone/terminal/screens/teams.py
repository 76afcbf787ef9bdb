"""The teams of this phone: policies in force, drafts on their way, and this phone's key as an admin."""

from collections.abc import Iterable
from functools import partial

from filon_net.phone import notices
from filon_net.phone.composing import Composing
from filon_net.phone.notices import Event
from filon_net.phone.terminal.policy_files import policy_in
from filon_net.phone.terminal.screens.choose import Choose
from filon_net.phone.terminal.screens.code import show_code
from filon_net.phone.terminal.screens.compose import Compose
from filon_net.phone.terminal.screens.draft import DraftPage
from filon_net.phone.terminal.screens.parts import Action, Ask, Page, Paragraph, PhoneScreen
from filon_net.phone.terminal.team_words import in_force_words, quoted, standing_words, team_name
from filon_net.phone.terminal.typed import number_of
from filon_net.phone.terminal.view import fingerprint_of

__all__ = ["AdminKey", "TeamPage", "Teams", "read_policy"]


class Teams(Page[None]):
    """Every team in a few sentences, by number in full."""

    def title_of(self) -> str:
        return self.words.say("Teams")

    def paragraphs(self) -> Iterable[Paragraph]:
        say = self.words.say
        teams, drafts = self.phone.teams(), self.phone.drafts()
        if not teams:
            yield Paragraph(say("No team has a policy for this phone."), "quiet")
        for number, one in enumerate(teams, 1):
            yield Paragraph(f"{number}. {standing_words(self.phone.in_force(one.team), self.words)}")
        if drafts:
            yield Paragraph(say("On their way, not in force"), "heading")
        for number, draft in enumerate(drafts, len(teams) + 1):
            name = say(
                "Draft for team {name}, policy {version}", name=team_name(draft.policy), version=draft.policy.version
            )
            signed = say("Signatures: {count}; needed: {needed}.", count=len(draft.signed), needed=draft.needed)
            yield Paragraph(f"{number}. {name}. {signed}")

    def actions(self) -> list[Action]:
        say, made = self.words.say, []
        for number, policy in enumerate(self.phone.teams(), 1):
            label = say("{name}: the whole policy, or a change of it", name=team_name(policy))
            made.append(Action(_digit(number), label, partial(self._show_team, policy.team)))
        for number, draft in enumerate(self.phone.drafts(), len(made) + 1):
            label = say("{name}: the draft", name=team_name(draft.policy))
            made.append(Action(_digit(number), label, partial(self._show_draft, draft.data)))
        return [
            *made,
            Action("p", say("read a policy somebody gave you: paste it, or a file"), lambda: read_policy(self)),
            Action("n", say("make a new team"), self._new),
            Action("a", say("your own key as an admin"), lambda: self.app.push_screen(AdminKey())),
        ]

    def _show_team(self, team: bytes) -> None:
        self.app.push_screen(TeamPage(team))

    def _show_draft(self, data: bytes) -> None:
        self.app.push_screen(DraftPage(data))

    def _new(self) -> None:
        def named(name: str | None) -> None:
            made = self.attempt(lambda: Composing(self.phone, name=name)) if name else None
            if made is not None:
                self.app.push_screen(Compose(made))

        explains = [self.words.say("All members and admins see it.")]
        self.app.push_screen(Ask(self.words.say("Name of the team"), explains), named)

    def take(self, event: Event) -> None:
        if isinstance(event, notices.PolicyChanged):
            self.rebuild()

    def on_screen_resume(self) -> None:
        self.rebuild()


def _digit(number: int) -> str:
    """The key of a row; rows past the ninth are reached by arrows."""
    return str(number) if number < 10 else ""


def read_policy(screen: PhoneScreen[None]) -> None:
    """Ask for a policy and show it in words; nothing is signed by that."""
    say = screen.words.say

    def given(text: str | None) -> None:
        data = screen.attempt(lambda: policy_in(text)) if text else None
        if data is not None and screen.attempt(lambda: screen.phone.keep_draft(data)) is not None:
            screen.app.push_screen(DraftPage(data))

    explains = [
        say(
            "Paste the line, whole, or the path of a file that holds it. It is shown in words before anything is signed."
        )
    ]
    screen.app.push_screen(Ask(say("A team's policy"), explains), given)


class TeamPage(Page[None]):
    """One policy in force, in full."""

    def __init__(self, team: bytes) -> None:
        super().__init__()
        self._team = team

    def title_of(self) -> str:
        return next(iter(in_force_words(self.phone.in_force(self._team), self.view))).text

    def paragraphs(self) -> Iterable[Paragraph]:
        _, *words = in_force_words(self.phone.in_force(self._team), self.view)  # the first is the title
        for one in words:
            yield Paragraph(one.text, one.look)

    def actions(self) -> list[Action]:
        say, held = self.words.say, self.phone.in_force(self._team)
        made = []
        if self.phone.engine.teams.known_key() in held.policy.admins and not held.forked:
            made.append(Action("c", say("draft a change"), self._change))
        made.append(Action("w", say("say whose an admin's key is"), self._whose))
        if held.member and not held.joined:  # not the first, which Enter takes
            made.append(Action("j", say("join: let the policy bind this phone"), self._join))
        return made

    def _join(self) -> None:
        self.attempt(lambda: self.phone.join_team(self._team))
        self.rebuild()

    def _change(self) -> None:
        made = self.attempt(lambda: Composing(self.phone, self._team))
        if made is not None:
            self.app.push_screen(Compose(made))

    def _whose(self) -> None:
        name_admin(self, self.phone.in_force(self._team).policy.admins)

    def take(self, event: Event) -> None:
        if isinstance(event, notices.PolicyChanged):
            self.rebuild()

    def on_screen_resume(self) -> None:
        self.rebuild()


def name_admin(screen: Page[None], admins: tuple[bytes, ...]) -> None:
    """Ask which key of these is whose, for this phone only."""
    say = screen.words.say

    def typed(text: str | None) -> None:
        first, _, name = (text or "").strip().partition(" ")
        number = number_of(first, len(admins))
        if number is not None and name.strip():
            key = admins[number - 1]
            screen.attempt(lambda: screen.phone.call_admin(key, name=name))
            screen.rebuild()
        elif text:
            screen.tell(say("Write a number of the list and a name, as in: 2 Bob"), bad=True)

    explains = [
        say("Compare the key with the one on their own screen first. Only this phone shows the name."),
        say("Write a number of the list and a name, as in: 2 Bob"),
    ]
    screen.app.push_screen(Ask(say("Whose key is it?"), explains), typed)


class AdminKey(Page[None]):
    """This phone's key as an admin of teams: shown, copied, sent."""

    def __init__(self) -> None:
        super().__init__()
        self._said = ""

    def title_of(self) -> str:
        return self.words.say("Your key as an admin of teams")

    def paragraphs(self) -> Iterable[Paragraph]:
        say, groups = self.words.say, fingerprint_of(self.phone.admin_key())
        yield Paragraph("\n".join(" ".join(groups[at : at + 8]) for at in (0, 8)), "emoji")
        yield Paragraph(
            say(
                "It is no secret. Whoever drafts a policy needs it; let them compare all of it with your screen, or send it in a "
                "conversation with somebody you verified. The other half never leaves this phone: with the phone it is lost."
            )
        )
        yield Paragraph(self._said or self.phone.admin_link(), "good" if self._said else "quiet")

    def actions(self) -> list[Action]:
        say = self.words.say
        return [
            Action("s", say("send it to a contact"), self._send),
            Action("y", say("copy the link (other programs can then read it)"), self._copy),
            Action("f", say("the QR code alone"), lambda: show_code(self, self.phone.admin_link())),
        ]

    def _copy(self) -> None:
        self.app.copy_to_clipboard(self.phone.admin_link())
        self._said = self.words.say("The terminal was asked to copy it.")
        self.rebuild()

    def _send(self) -> None:
        def chosen(user: bytes | None) -> None:
            if user is not None and self.attempt(lambda: self.phone.send(user, self.phone.admin_link())) is not None:
                self._said = self.words.say("Written to {name}.", name=self.view.name(user))
                self.rebuild()

        rows = [(one.user, quoted(self.view.name_of(one), self.view)) for one in self.phone.contacts()]
        self.app.push_screen(Choose(self.words.say("Who gets it?"), (), rows), chosen)
