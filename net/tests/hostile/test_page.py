"""The page of alarms says what the tests play."""

import re
from pathlib import Path
from typing import get_args

import msgspec

from filon_net.phone import words
from filon_net.phone.notices import Notice
from hostile.table import rows

PAGE = Path(__file__).parents[2] / "docs" / "alarms.md"


def may_be_red(kind: type) -> bool:
    """Whether a notice of this kind can be an alarm, whatever its fields say."""
    fields = {field.name: field.type for field in msgspec.inspect.type_info(kind).fields}
    flags = [name for name, shape in fields.items() if isinstance(shape, msgspec.inspect.BoolType)]
    return any(
        words.is_alarm(kind(**dict.fromkeys(fields, 0) | dict.fromkeys(flags, chosen))) for chosen in (True, False)
    )


def test_the_page_holds_every_act() -> None:
    text = PAGE.read_text()
    before, _, after = text.partition("|---|---|---|---|\n")
    table = after.partition("\n\n")[0]
    assert table.split("\n") == rows()
    named = before.split("*Alarms* (red)")[1].partition("The others")[0]
    red = {kind.__name__ for kind in get_args(Notice) if may_be_red(kind)}
    assert set(re.findall(r"`(\w+)`", named)) == red
    assert red == words.ALARMS | {"KeyChanged"}
    assert "`KeyChanged` where the contact was verified" in named
    told = {kind.__name__ for kind in get_args(Notice)}
    assert {one for one in told if f"`{one}`" in text} == told, "a notice without a place on the page"
