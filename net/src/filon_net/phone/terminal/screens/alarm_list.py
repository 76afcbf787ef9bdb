"""Every banner and alarm in full, to be acknowledged one by one."""

from collections.abc import Iterable

from filon_net.phone import notices
from filon_net.phone.notices import Event
from filon_net.phone.terminal.alarms import Alarm
from filon_net.phone.terminal.moments import clock, day
from filon_net.phone.terminal.screens.contact import ContactPage
from filon_net.phone.terminal.screens.parts import Action, Page, Paragraph
from filon_net.phone.terminal.screens.teams import TeamPage
from filon_net.phone.terminal.screens.tokens import ask_tokens

__all__ = ["AlarmList"]


class AlarmList(Page[None]):
    """The loudest first. What is acknowledged goes, and comes again if it happens again."""

    def __init__(self) -> None:
        super().__init__()
        self._at = 0

    def title_of(self) -> str:
        count = len(self.view.alarms())
        return self.words.many("{count} notice", "{count} notices", count) if count else self.words.say("No alarms")

    def _chosen(self) -> Alarm | None:
        alarms = self.view.alarms()
        self._at = max(0, min(self._at, len(alarms) - 1))
        return alarms[self._at] if alarms else None

    def paragraphs(self) -> Iterable[Paragraph]:
        one = self._chosen()
        if one is None:
            yield Paragraph(self.words.say("Nothing waits for you here."), "quiet")
            return
        count = len(self.view.alarms())
        if count > 1:
            yield Paragraph(self.words.say("{number} of {count}", number=self._at + 1, count=count), "quiet")
        yield Paragraph(one.said(self.words), "bad" if one.weight == 2 else "heading")
        when = f"{day(one.at, self.view.now, self.words)}, {clock(one.at)}"
        yield Paragraph(self.words.say("Since {when}.", when=when), "quiet")
        if one.more:
            yield Paragraph(one.more)
        yield Paragraph(self.words.say("What to do: {step}", step=one.step))

    def actions(self) -> list[Action]:
        one, say = self._chosen(), self.words.say
        if one is None:
            return []
        made = [Action("k", say("I have read this: take it away"), self._acknowledge)]
        if one.user is not None and one.user in self.phone.engine.books.contacts:
            made.append(Action("c", say("open the contact"), self._contact))
        if any(told.id == one.id and isinstance(told.notice, notices.NoSpareToken) for told in self.phone.notices()):
            made.append(Action("t", say("take in tokens from the operator"), lambda: ask_tokens(self)))
        asks = [told.notice for told in self.phone.notices() if told.id == one.id]
        if asks and isinstance(asks[0], notices.TeamAsks):
            team = asks[0].team
            made.append(Action("t", say("open the team"), lambda: self.app.push_screen(TeamPage(team))))
        if len(self.view.alarms()) > 1:
            made.append(Action("n", say("next"), self._next))
        return made

    def _acknowledge(self) -> None:
        one = self._chosen()
        if one is not None:
            self.attempt(lambda: self.phone.acknowledge(one.id))
            self.rebuild()

    def _contact(self) -> None:
        one = self._chosen()
        if one is not None and one.user is not None:
            self.app.push_screen(ContactPage(one.user))

    def _next(self) -> None:
        self._at = (self._at + 1) % max(1, len(self.view.alarms()))
        self.rebuild()

    def take(self, event: Event) -> None:
        if isinstance(event, notices.NoticeTold | notices.NoticeGone):
            self.rebuild()
