"""Clocks that are off by minutes, an hour, a day, both ways: what is told, and that nothing is lost for good."""

import pytest

from hostile.acting import DAY, HOUR, MINUTE
from hostile.proxy import Clock, Net


def ahead(minutes: int) -> str:
    return f"The clock of Ada is {minutes} minutes ahead of the one of this phone."


def behind(minutes: int) -> str:
    return f"The clock of Bob is {minutes} minutes ahead of the one of this phone."


LATE = "The witnesses of the log have not been heard for over an hour."


def witnesses(minutes: int) -> str:
    return f"The clocks of the witnesses are {minutes} minutes ahead of the one of this phone."


SILENT = (
    "The witnesses of the log have not been heard for three hours or more. Somebody may keep the log from this phone."
)
RELAY = "The clock of the relay and the one of this phone differ by 1440 minutes."


@pytest.mark.parametrize(
    ("off", "told"),
    [
        (10 * MINUTE, {("Bob", ahead(10))}),
        (HOUR, {("Bob", ahead(60)), ("Ada", LATE)}),
        (DAY, {("Bob", ahead(1_440)), ("Ada", SILENT)}),
        (-10 * MINUTE, {("Ada", behind(10))}),
        (-HOUR, {("Ada", behind(60)), ("Ada", witnesses(60))}),
    ],
)
def test_a_clock_that_is_off_is_told_and_letters_come(net: Net, off: int, told: set[tuple[str, str]]) -> None:
    ada, bob = net.pair()
    ada.network = Clock(net, off)
    ada.send(bob, "from Ada")
    bob.send(ada, "from Bob")
    net.settle()
    net.go(10 * MINUTE)
    net.go(10 * MINUTE)
    assert {(who, said) for who, _, said in net.told()} == told
    assert sorted(ada.texts(bob)) == sorted(bob.texts(ada)) == ["from Ada", "from Bob"]
    ada.network = net  # put right
    net.wait_for_log()
    net.everybody_looks()
    ada.send(bob, "on time")
    bob.send(ada, "on time too")
    net.settle()
    assert net.told() == set()


def test_a_clock_a_day_behind_is_told_and_what_it_cost_is_written_again(net: Net) -> None:
    """Bob's phone was made today, so its certificate is not good yesterday, where Ada's clock is: refused, then healed."""
    ada, bob = net.pair()
    ada.network = Clock(net, -DAY)
    ada.send(bob, "from Ada")
    bob.send(ada, "from Bob")
    net.settle()
    assert ("Ada", "ClockSkew", RELAY) in net.told()
    assert "from Ada" in bob.texts(ada)
    ada.network = net
    net.wait_for_log()
    bob.send(ada, "next")
    net.settle()
    net.go(2 * MINUTE)
    net.settle()
    assert sorted(ada.texts(bob)) == ["from Ada", "from Bob", "next"]


@pytest.mark.parametrize("off", [-10 * MINUTE, 10 * MINUTE, HOUR, DAY])
def test_a_phone_made_with_a_clock_that_is_off(net: Net, off: int) -> None:
    ada, bob = net.phone("Ada", off=off), net.phone("Bob")
    net.wait_for_log()
    net.introduce(ada, bob)
    ada.send(bob, "from Ada")
    net.settle()
    bob.send(ada, "from Bob")
    net.settle()
    assert ada.texts(bob) == bob.texts(ada) == ["from Ada", "from Bob"]
