"""What is let in, how often, and what is remembered over a stop at any byte."""

import pytest

from filon_net.errors import LogDamaged, LogError, NotSigned
from filon_net.log import Admission, WitnessMemory, header_of, sign_admission
from filon_net.log.memory import Seen
from filon_net.log.tokens import check_admission, read_header
from filon_net.loghost import gate as gate_module
from filon_net.loghost.folder import make_known, make_witness
from filon_net.loghost.gate import BURST, EVERY, Gate, TooFast
from filon_net.loghost.spent import SpentTokens
from log.builders import ORIGIN, chain_of, device_list, digest, private, public, signer_of_log

NOW = 1_800_000_000


class Host:
    """A gate with a clock, and what it let in."""

    def __init__(self, folder):
        self.now = NOW
        self.folder = folder
        self.held = []
        self.open()

    def open(self):
        self.spent = SpentTokens(self.folder / "admitted")
        self.gate = Gate(ORIGIN, [public("operator")], [public("r1")], self.spent, lambda: self.now)
        for index, data in enumerate(self.held):
            self.gate.note(index, data)

    def put(self, entry, leave=None, stop=False):
        ticket = self.gate.check(entry.data, leave)
        if ticket.index is not None:
            return ticket.index
        if ticket.spends:
            self.spent.spend(ticket.spends, ticket.user)
        if stop:
            return None
        self.held.append(entry.data)
        self.gate.note(len(self.held) - 1, entry.data)
        self.gate.took(ticket)
        return len(self.held) - 1


@pytest.fixture
def host(tmp_path):
    made = Host(tmp_path)
    yield made
    made.spent.close()


def token(serial=bytes(16), hours=1, **more):
    return sign_admission(private(more.get("by", "operator")), more.get("origin", ORIGIN), NOW // 3600 + hours, serial)


def test_a_token_is_used_once_also_after_a_restart(host):
    host.put(device_list("ada", 1), token())
    for _ in range(2):
        with pytest.raises(NotSigned):
            host.put(device_list("bob", 1), token())
        host.spent.close()
        host.open()
    assert host.put(device_list("bob", 1), token(b"1" * 16)) == 1


def test_a_stop_between_token_and_entry_loses_neither(host):
    """The token was noted, the entry was not yet: the same user may come again, nobody else."""
    host.put(device_list("ada", 1), token(), stop=True)
    host.spent.close()
    host.open()
    with pytest.raises(NotSigned):
        host.put(device_list("bob", 1), token())
    assert host.put(device_list("ada", 1), token()) == 0


@pytest.mark.parametrize("cut", range(1, 64, 7))
def test_a_torn_record_was_never_told(host, tmp_path, cut):
    host.put(device_list("ada", 1), token())
    host.spent.close()
    path = tmp_path / "admitted"
    path.write_bytes(path.read_bytes() + bytes(cut))
    host.open()
    assert host.spent.user_of(bytes(16)) == digest("user", "ada")
    host.put(device_list("bob", 1), token(b"1" * 16))
    assert path.stat().st_size == 128


def test_a_damaged_record_is_seen(host, tmp_path):
    for number in range(3):
        host.put(device_list(f"user {number}", 1), token(bytes([number]) * 16))
    host.spent.close()
    path = tmp_path / "admitted"
    data = bytearray(path.read_bytes())
    data[70] ^= 1
    path.write_bytes(data)
    with pytest.raises(LogDamaged):
        SpentTokens(path)
    path.write_bytes(b"")
    host.open()


def test_one_user_cannot_flood(host):
    chain = chain_of("ada", BURST + 3)
    host.put(chain[0], token())
    for entry in chain[1:BURST]:
        host.put(entry)
    with pytest.raises(TooFast) as caught:
        host.put(chain[BURST])
    assert 0 < caught.value.wait <= EVERY + 1
    host.put(device_list("bob", 1), token(b"1" * 16))
    host.now += caught.value.wait
    host.put(chain[BURST])
    with pytest.raises(TooFast):
        host.put(chain[BURST + 1])
    host.now += 30 * EVERY
    host.put(chain[BURST + 1])


def test_rates_of_many_users_are_forgotten_when_they_are_full_again(host, monkeypatch):
    monkeypatch.setattr(gate_module, "_MOST_RATES", 3)
    for number in range(10):
        host.put(device_list(f"user {number}", 1), token(bytes([number]) * 16, hours=1000))
        host.now += 2 * EVERY
        assert len(host.gate._allowed) <= 4


def test_tokens_of_others(host):
    for bad in (token(by="eve"), token(origin="another"), token(hours=-1), token()[:-1], b"", token() + b"x"):
        with pytest.raises(LogError):
            host.put(device_list("ada", 1), bad)
    assert host.held == []
    token_of = check_admission(token(), frozenset({public("operator")}), ORIGIN, NOW // 3600 + 1)
    assert (token_of.serial, token_of.origin) == (bytes(16), ORIGIN)
    assert read_header(header_of(token())) == token()


@pytest.mark.parametrize("check", ["check_admission", "signature"])
def test_the_checks_of_a_token_bite(host, monkeypatch, check):
    with pytest.raises(NotSigned):
        host.put(device_list("ada", 1), token(by="eve"))
    if check == "signature":
        monkeypatch.setattr("filon_net.log.tokens.signature_agrees", lambda *_: True)
        forged = token().replace(bytes(16), b"1" * 16, 1)
        assert host.put(device_list("ada", 1), forged) == 0
    else:
        monkeypatch.setattr(gate_module, "check_admission", lambda *_: type("T", (), {"serial": b"2" * 16}))
        assert host.put(device_list("ada", 1), token(by="eve")) == 0


def test_checking_changes_nothing():
    admission = Admission()
    ada = chain_of("ada", 2)
    admission.check(ada[0].data)
    assert admission.head(digest("user", "ada"))[0] == 0
    admission.take(ada[0].data)
    admission.check(ada[1].data)
    assert admission.head(digest("user", "ada"))[0] == 1


def test_a_witness_that_forgot_does_not_begin_anew(tmp_path):
    own = tmp_path / "w"
    make_witness(own, "w")
    log = signer_of_log().key
    memory = WitnessMemory(own / "memory")
    assert make_known(own, memory, log)
    assert not make_known(own, memory, log)
    (own / "logs").write_bytes(b"")  # stopped between the two steps, before anything was signed
    assert make_known(own, memory, log)
    memory.remember(ORIGIN, Seen(5, digest("root")))
    (own / "logs").write_bytes(b"")
    with pytest.raises(LogDamaged):
        make_known(own, memory, log)
    (own / "logs").write_text(log.text + "\n")
    next((own / "memory").glob("*.seen")).unlink()
    with pytest.raises(LogDamaged):
        make_known(own, memory, log)
    memory.close()
