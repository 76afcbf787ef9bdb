"""An alarm that waits for a moment is not lost where the phone ends meanwhile."""

from filon_net.phone.backup import Master
from filon_net.phone.upkeep import own_list
from hostile.acting import MINUTE
from hostile.acts_log import EVES_DEVICE, LOOK
from hostile.proxy import Net


def test_an_entry_that_another_device_may_own_is_told_after_a_restart(net: Net) -> None:
    """Bob has two phones; each gives the other ten minutes to say that a list was its own."""
    _, bob = net.pair()
    second = net.phone("Bob", code=bob.code, link=bob.engine.open_link(net.now))
    net.everybody_looks()
    assert bob.notices() == second.notices() == []
    thief = own_list(Master.of_code(bob.code), bob.engine.books.follower.head(bob.user), EVES_DEVICE)
    net.team.grow([thief.data])
    net.go(LOOK)
    assert "OwnKeyForeign" not in bob.notices()
    for phone in (bob, second):
        phone.restart()
    net.go(11 * MINUTE)
    net.go(LOOK)
    assert "OwnKeyForeign" in bob.notices()
    assert "OwnKeyForeign" in second.notices()
