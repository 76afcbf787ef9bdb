"""Choosing among people: one of them, or any number, by arrows and Enter."""

from collections.abc import Callable, Iterable
from functools import partial

from filon_net.phone.terminal.screens.parts import Action, Page, Paragraph

__all__ = ["Choose"]


class Choose(Page[bytes | None]):
    """A list of names. ``chosen`` None: Enter takes one and leaves; else it says who is chosen, and Enter turns one on or off."""

    def __init__(
        self,
        title: str,
        explains: Iterable[str],
        rows: list[tuple[bytes, str]],
        chosen: Callable[[bytes], bool] | None = None,
        turn: Callable[[bytes], object] | None = None,
    ) -> None:
        super().__init__()
        self._title = title
        self._explains = list(explains)
        self._rows = rows
        self._chosen = chosen
        self._turn = turn

    def title_of(self) -> str:
        return self._title

    def paragraphs(self) -> Iterable[Paragraph]:
        yield from (Paragraph(one, "quiet") for one in self._explains)
        if not self._rows:
            yield Paragraph(self.words.say("There is nobody to choose from yet."))

    def actions(self) -> list[Action]:
        return [Action(self._mark(ident), name, partial(self._take, ident)) for ident, name in self._rows]

    def _mark(self, ident: bytes) -> str:
        if self._chosen is None:
            return ""
        return "[x]" if self._chosen(ident) else "[ ]"

    def _take(self, ident: bytes) -> None:
        if self._turn is None:
            self.dismiss(ident)
        else:
            turn = self._turn
            self.attempt(lambda: turn(ident))
            self.rebuild()
