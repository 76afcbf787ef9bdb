"""One message, whole, and what can be done with it."""

from collections.abc import Iterable

from filon_net.errors import FilonNetError
from filon_net.phone.links import policy_of
from filon_net.phone.notices import Event, Forgotten, ItemChanged
from filon_net.phone.state import Item, State
from filon_net.phone.terminal.screens.draft import DraftPage
from filon_net.phone.terminal.screens.parts import Action, Page, Paragraph
from filon_net.wire.links import kind_of

__all__ = ["MessagePage"]


class MessagePage(Page[None]):
    """The whole text, its state, erase and send again."""

    def __init__(self, item: bytes) -> None:
        super().__init__()
        self._item = item

    def _held(self) -> Item | None:
        try:
            return self.phone.item(self._item)
        except FilonNetError:  # it disappeared while this page was open
            return None

    def title_of(self) -> str:
        item = self._held()
        if item is None:
            return self.words.say("This message is gone")
        return (
            self.words.say("You wrote") if item.mine else self.words.say("{name} wrote", name=self.view.name(item.user))
        )

    def paragraphs(self) -> Iterable[Paragraph]:
        item = self._held()
        if item is not None:
            line = self.view.line(item, whole=True)
            yield Paragraph(line.text)
            yield Paragraph(line.meta, "bad" if line.failed else "quiet")

    def actions(self) -> list[Action]:
        item = self._held()
        if item is None:
            return []
        made = []
        if kind_of(item.text) == "team":
            made.append(Action("o", self.words.say("read this policy in words"), self._policy))
        if item.mine and item.state is State.NOT_DELIVERED:
            made.append(Action("r", self.words.say("send again"), self._again))
        made.append(Action("x", self.words.say("erase on this phone"), self._erase))
        return made

    def _policy(self) -> None:
        item = self._held()
        if item is None:
            return
        text = item.text
        data = self.attempt(lambda: policy_of(text))
        if data is not None and self.attempt(lambda: self.phone.keep_draft(data)) is not None:
            self.app.push_screen(DraftPage(data))

    def _again(self) -> None:
        self.attempt(lambda: self.phone.send_again(self._item))
        self.rebuild()

    def _erase(self) -> None:
        self.attempt(lambda: self.phone.erase(self._item))
        if self._held() is None:
            self.dismiss()

    def take(self, event: Event) -> None:
        if isinstance(event, ItemChanged | Forgotten) and event.item == self._item:
            self.rebuild()
