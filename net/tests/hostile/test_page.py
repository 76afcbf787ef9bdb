"""The page of alarms says what the tests play."""

from pathlib import Path
from typing import get_args

from filon_net.phone import words
from filon_net.phone.notices import Notice
from hostile.table import rows

PAGE = Path(__file__).parents[2] / "docs" / "alarms.md"


def test_the_page_holds_every_act() -> None:
    text = PAGE.read_text()
    before, _, after = text.partition("|---|---|---|---|\n")
    table = after.partition("\n\n")[0]
    assert table.split("\n") == rows()
    named = before.split("*Alarms* (red)")[1].partition("The others")[0]
    assert {one for one in words.ALARMS if f"`{one}`" in named} == words.ALARMS
    told = {kind.__name__ for kind in get_args(Notice)}
    assert {one for one in told if f"`{one}`" in text} == told, "a notice without a place on the page"
