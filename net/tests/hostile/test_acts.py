"""Every act of a hostile relay or log: what phones tell, when, in which words; and that it is the named check that tells it."""

import pytest

from hostile.proxy import Net
from hostile.table import ACTS, Act, Check

BITES = [(act, check) for act in ACTS for check in act.checks]


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.name)
def test_what_is_told(act: Act, net: Net) -> None:
    harm = act.play(net)
    told = net.told()
    assert told == act.sees
    assert harm is act.harmed
    if net.before is not None:
        assert net.before < told, "told only when the stated time is over"
    assert {code for _, code in net.ended} == act.ends
    for phone in net.phones:
        phone.restart()
    assert net.told() == act.sees, "a notice outlives a restart"


@pytest.mark.parametrize(("act", "check"), BITES, ids=[f"{act.name}-{check.where[0]}" for act, check in BITES])
def test_each_check_bites(act: Act, check: Check, net: Net, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same act with one check taken out."""
    for where in check.where:
        monkeypatch.setattr(f"filon_net.{where}", check.instead)
    harm = act.play(net)
    told = {(who, code) for who, code, _ in net.told()} | {(who, str(int(code))) for who, code in net.ended}
    if check.loses is not None:
        assert check.loses not in told
    if check.harms:
        assert harm, "with the check taken out the harm must be done, else the test shows nothing"
    assert check.loses is not None or check.harms
