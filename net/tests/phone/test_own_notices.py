"""Notices about a phone's own standing: its certificate ends, the log does not take its list."""

from filon_net.phone import notices

DAY = 24 * 3_600_000


def told(phone, kind):
    return [one.notice for one in phone.engine.notices() if isinstance(one.notice, kind)]


def test_a_certificate_that_ends_is_told_a_month_before(network):
    ada = network.phone("Ada")
    network.wait_for_log()
    begun = network.now
    ada.engine.tick(begun + 334 * DAY)
    assert told(ada, notices.CertificateEnds) == []
    ada.engine.tick(begun + 337 * DAY)
    [ends] = told(ada, notices.CertificateEnds)
    assert 27 <= ends.days <= 28
    ada.engine.tick(begun + 380 * DAY)
    assert [one.days for one in told(ada, notices.CertificateEnds)] == [0]
    ada.engine.renew_certificate(ada.code, begun + 380 * DAY)
    ada.engine.tick(begun + 381 * DAY)
    assert told(ada, notices.CertificateEnds) == []


def test_a_list_that_the_log_refuses_is_told_at_once_and_until_it_is_taken(network):
    ada = network.phone("Ada")
    for status in (429, 503):
        ada.engine.entry_sent(network.now, status, "not now\n")
        assert told(ada, notices.LogRefused) == [], "it will take it later"
    for status in (400, 403, 409):
        ada.engine.entry_sent(network.now, status, "no good token\n" * 100)
        [refused] = told(ada, notices.LogRefused)
        assert refused.status == status
        assert refused.why.startswith("no good token")
        assert len(refused.why) <= 200, "the log says it, so it may be long"
    ada.restart()
    assert len(told(ada, notices.LogRefused)) == 1
    ada.engine.entry_sent(network.now, 202, "0\n")
    assert told(ada, notices.LogRefused) == []
