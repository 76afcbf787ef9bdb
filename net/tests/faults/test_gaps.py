"""A gap closes when its writer has written again what was in it, whatever was lost; nothing that comes late is dropped for it."""

import pytest

from faults.weather import Weather
from filon_net.phone.gaps import without
from filon_net.phone.state import State
from hostile.acting import MINUTE
from hostile.proxy import Net


def gaps(net: Net) -> list[str]:
    return [said for who, code, said in net.told() if code == "Gap"]


@pytest.fixture
def weather(net: Net) -> Weather:
    return Weather()


def test_a_lost_text_is_written_again_and_its_gap_closes(net: Net, weather: Weather) -> None:
    ada, bob = net.pair()
    net.proxy = weather
    weather.ahead = "l"
    ada.send(bob, "lost")
    net.settle()
    ada.send(bob, "next")
    net.settle()
    assert gaps(net) == ["1 letters from Ada are missing."]
    bob.restart()  # what was to be asked for is asked for after a restart too
    net.go(2 * MINUTE)
    net.settle()
    assert sorted(bob.texts(ada)) == ["lost", "next"]
    assert gaps(net) == []
    assert [item for _, item in bob.engine.books.items(ada.user, 50) if item.state is State.GAP] == []
    bob.restart()
    net.go(2 * MINUTE)
    assert gaps(net) == []


def test_a_lost_receipt_leaves_no_gap_for_ever(net: Net, weather: Weather) -> None:
    ada, bob = net.pair()
    ada.send(bob, "for a receipt")
    net.settle()
    net.proxy = weather
    weather.ahead = "l"
    net.go(net.rules.receipts_to)
    bob.send(ada, "next")
    net.settle()
    assert gaps(net) == ["1 letters from Bob are missing."]
    net.go(2 * MINUTE)
    net.settle()
    assert gaps(net) == []


def test_what_was_settled_and_comes_late_is_read(net: Net, weather: Weather) -> None:
    ada, bob = net.pair()
    net.proxy = weather
    weather.ahead = "h" + "." * 9
    ada.send(bob, "held")
    net.settle()
    for number in range(3):
        ada.send(bob, f"next {number}")
    net.settle()
    net.go(2 * MINUTE)
    net.settle()
    assert gaps(net) == []
    weather.ahead = ""
    ada.send(bob, "last")
    net.settle()
    assert bob.texts(ada).count("held") == 1
    assert len(bob.texts(ada)) == 5
    assert bob.engine.books.device.undecryptable == 0


@pytest.mark.parametrize(
    ("ranges", "taken", "left"),
    [
        ([(1, 9)], [(3, 4)], [(1, 2), (5, 9)]),
        ([(1, 9)], [(1, 9)], []),
        ([(1, 9)], [(9, 20), (0, 1)], [(2, 8)]),
        ([(1, 2), (5, 6)], [(2, 5)], [(1, 1), (6, 6)]),
        ([(5, 6)], [(1, 4), (7, 9)], [(5, 6)]),
        ([(5, 6)], [], [(5, 6)]),
    ],
)
def test_ranges(ranges: list[tuple[int, int]], taken: list[tuple[int, int]], left: list[tuple[int, int]]) -> None:
    assert without(ranges, taken) == left
