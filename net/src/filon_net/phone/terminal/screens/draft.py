"""A draft of a team's policy: shown in words, signed, passed on, put into force."""

from collections.abc import Iterable

from textual.containers import VerticalScroll

from filon_net.phone import notices
from filon_net.phone.links import policy_link
from filon_net.phone.notices import Event
from filon_net.phone.standing import Draft
from filon_net.phone.terminal.policy_files import save_policy
from filon_net.phone.terminal.screens.choose import Choose
from filon_net.phone.terminal.screens.parts import Action, Page, Paragraph
from filon_net.phone.terminal.team_words import draft_words, quoted

__all__ = ["DraftPage"]


class DraftPage(Page[None]):
    """Somebody's draft or one's own: in words first, then what can be done with it."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self._data = data
        self._said = ""

    def _draft(self) -> Draft:
        """As it stands now: the policy in force may have changed since."""
        return self.phone.engine.teams.read(self._data)

    def title_of(self) -> str:
        return next(iter(draft_words(self._draft(), self.view))).text

    def on_mount(self) -> None:
        kept = self.attempt(lambda: self.phone.keep_draft(self._data))
        if kept is not None and kept.open:
            self._data = kept.data
        super().on_mount()

    def paragraphs(self) -> Iterable[Paragraph]:
        draft, say = self._draft(), self.words.say
        _, *words = draft_words(draft, self.view)  # the first is the title
        for one in words:
            yield Paragraph(one.text, one.look)
        if self._said:
            yield Paragraph(self._said, "good")
        if draft.open and draft.signed and not draft.enough and not draft.may_sign:
            yield Paragraph(say("Give this line to the other admins; each signs it and gives it on:"), "heading")
            yield Paragraph(policy_link(self._data), "quiet")

    def actions(self) -> list[Action]:
        draft, say = self._draft(), self.words.say
        made = []
        if draft.open:  # first what harms nothing: Enter does what is on top
            made.append(Action("m", say("send it to a contact"), self._send))
            made.append(Action("y", say("copy the line (other programs can then read it)"), self._copy))
            made.append(Action("f", say("save the line as a file"), self._save))
        if draft.may_sign:
            made.append(Action("s", say("sign it: I have read what it changes"), self._sign))
        if draft.enough:
            made.append(Action("p", say("put it into force, and pass it on to the members"), self._force))
        if draft.open:
            made.append(Action("x", say("throw the draft away on this phone"), self._drop))
        return made

    def _sign(self) -> None:
        text = self.query_one("#paragraphs", VerticalScroll)
        if text.scroll_offset.y < text.max_scroll_y:  # nobody signs what was not on the screen
            text.scroll_page_down(animate=False)
            self.tell(self.words.say("There is more below: read on, then sign."))
            return
        signed = self.attempt(lambda: self.phone.sign_policy(self._data))
        if signed is not None:
            self._data = self.phone.keep_draft(signed).data
            self._said = self.words.say("Signed.")
        self.rebuild()

    def _force(self) -> None:
        if self.attempt(lambda: self.phone.take_policy(self._data)):
            self._said = self.words.say("In force here. Members who are your contacts get it by themselves.")
        self.rebuild()

    def _send(self) -> None:
        def chosen(user: bytes | None) -> None:
            if user is not None and self.attempt(lambda: self.phone.send(user, policy_link(self._data))) is not None:
                self._said = self.words.say("Written to {name}.", name=self.view.name(user))
                self.rebuild()

        rows = [(one.user, quoted(self.view.name_of(one), self.view)) for one in self.phone.contacts()]
        self.app.push_screen(Choose(self.words.say("Who gets it?"), (), rows), chosen)

    def _copy(self) -> None:
        self.app.copy_to_clipboard(policy_link(self._data))
        self._said = self.words.say("The terminal was asked to copy it.")
        self.rebuild()

    def _save(self) -> None:
        policy, beside = self._draft().policy, self.phone.engine.books.store.path
        path = save_policy(self._data, policy.team, policy.version, beside)
        self._said = self.words.say("Saved as {path}", path=path)
        self.rebuild()

    def _drop(self) -> None:
        ident = self._draft().id
        self.attempt(lambda: self.phone.drop_draft(ident))
        self.dismiss()

    def take(self, event: Event) -> None:
        if isinstance(event, notices.PolicyChanged):
            self.rebuild()
