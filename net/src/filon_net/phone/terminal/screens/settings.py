"""Name, receipts and spare tokens, the timer of a conversation, and what the teams ask."""

from collections.abc import Iterable
from functools import partial

import msgspec

from filon_net.phone.terminal.moments import lasts
from filon_net.phone.terminal.screens.parts import Action, Ask, Page, Paragraph, ask_time
from filon_net.phone.terminal.screens.teams import Teams
from filon_net.phone.terminal.screens.tokens import ask_tokens, tokens_paragraph
from filon_net.phone.terminal.sentences import policy_words
from filon_net.words import visible_line

__all__ = ["SettingsPage", "TimerPage"]

_CHOICES = (0, 300, 3_600, 86_400, 604_800, 2_419_200)


class SettingsPage(Page[None]):
    """What the person sets, and what is set for them."""

    def title_of(self) -> str:
        return self.words.say("Settings")

    def paragraphs(self) -> Iterable[Paragraph]:
        say, held = self.words.say, self.phone.settings
        on, off = say("on"), say("off")
        name = visible_line(held.name, 64) or say("(none)")
        yield Paragraph(say("Name your contacts see: {name}", name=name))
        yield Paragraph(
            say(
                "Receipts of arrival: {state}. Without them nobody can tell that a message of theirs was lost.",
                state=on if held.arrived else off,
            )
        )
        yield Paragraph(
            say("Receipts of reading: {state}. They tell when you were at the phone.", state=on if held.read else off)
        )
        yield tokens_paragraph(self)
        teams = self.phone.teams()
        yield Paragraph(say("Teams"), "heading")
        if not teams:
            yield Paragraph(say("No team has a policy for this phone."), "quiet")
        for one in teams:
            yield Paragraph(policy_words(one, self.words))

    def actions(self) -> list[Action]:
        say = self.words.say
        return [
            Action("n", say("change the name"), self._ask_name),
            Action("a", say("receipts of arrival on or off"), self._arrived),
            Action("r", say("receipts of reading on or off"), self._read),
            Action("k", say("take in tokens from the operator"), lambda: ask_tokens(self)),
            Action("t", say("teams: policies, drafts, your key as an admin"), lambda: self.app.push_screen(Teams())),
            Action("m", say("light or dark"), self._theme),
        ]

    def _ask_name(self) -> None:
        def named(name: str | None) -> None:
            if name is not None:
                self._change(name=" ".join(name.split())[:64])

        self.app.push_screen(Ask(self.words.say("Name your contacts see"), value=self.phone.settings.name), named)

    def _arrived(self) -> None:
        self._change(arrived=not self.phone.settings.arrived)

    def _read(self) -> None:
        self._change(read=not self.phone.settings.read)

    def on_screen_resume(self) -> None:
        self.rebuild()

    def _theme(self) -> None:
        self.app.theme = "filon-light" if self.app.theme == "filon-dark" else "filon-dark"

    def _change(self, **fields: object) -> None:
        changed = msgspec.structs.replace(self.phone.settings, **fields)
        self.attempt(lambda: self.phone.set_settings(changed))
        self.rebuild()


class TimerPage(Page[None]):
    """After what time the messages of a conversation disappear."""

    def __init__(self, user: bytes) -> None:
        super().__init__()
        self._user = user

    def title_of(self) -> str:
        return self.words.say("Disappearing messages with {name}", name=self.view.name(self._user))

    def paragraphs(self) -> Iterable[Paragraph]:
        say, contact = self.words.say, self.phone.contact(self._user)
        theirs, mine = contact.their_timer, contact.timer
        never = say("never")
        yield Paragraph(
            say("Yours: {time} after reading", time=lasts(mine, self.words))
            if mine
            else say("Yours: {time}", time=never)
        )
        yield Paragraph(
            say("Theirs: {time} after reading", time=lasts(theirs, self.words))
            if theirs
            else say("Theirs: {time}", time=never)
        )
        yield Paragraph(
            say(
                "The shorter of both counts. A message that disappeared is erased on both phones; "
                "who photographed the screen still has it."
            ),
            "quiet",
        )
        members = [one for one in self.phone.teams() if self._user in one.members]
        for one in members:
            yield Paragraph(policy_words(one, self.words), "quiet")

    def actions(self) -> list[Action]:
        made = []
        for number, seconds in enumerate(_CHOICES):
            label = lasts(seconds, self.words) if seconds else self.words.say("never")
            made.append(Action(str(number), label, partial(self._set, seconds)))
        made.append(Action("o", self.words.say("another time"), self._other))
        return made

    def _other(self) -> None:
        ask_time(self, self.words.say("After what time?"), ["30s  5m  12h  7d  4w"], self._set)

    def _set(self, seconds: int) -> None:
        self.attempt(lambda: self.phone.set_timer(self._user, seconds))
        self.rebuild()
