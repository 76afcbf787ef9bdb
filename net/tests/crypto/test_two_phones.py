"""Two phones over a network that loses, delays, doubles and a disk that is read again at any moment.

Honest throughout: nothing is shown twice, nothing is lost without being reported, and nothing is undecryptable.
"""

from dataclasses import dataclass, field

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from filon_net.crypto import Device, Duplicate, Missing, Read, Talk, numbers, sessions
from filon_net.wire.errors import CryptoError

START = 1_800_000_000_000
DAY = 24 * 3_600_000
KEY = b"k" * 32
OVERTAKEN = 3
"""A delivery is overtaken by at most this many later ones: a relay numbers and delivers in order, reconnects disturb it."""


@dataclass
class Phone:
    device: Device
    peer: bytes = b""
    sent: dict[int, bytes] = field(default_factory=dict)
    shown: list[int] = field(default_factory=list)
    missing: set[int] = field(default_factory=set)
    waiting: list[bytes] = field(default_factory=list)
    before: list[bytes] = field(default_factory=list)
    overtaken: int = 0
    disk: tuple[bytes, bytes] = (b"", b"")

    @property
    def talk(self) -> Talk:
        return self.device.talks[self.peer]

    def save(self) -> None:
        self.disk = self.device.save(KEY), self.talk.save(KEY)

    def restart(self) -> None:
        self.device = Device.load(self.disk[0], KEY)
        self.device.talks[self.peer] = Talk.load(self.disk[1], KEY, self.peer)


class TwoPhones(RuleBasedStateMachine):
    @initialize(glare=st.booleans(), last_resort=st.booleans())
    def meet(self, glare: bool, last_resort: bool) -> None:
        self.now, self.opened = START, 0
        self.phones = [Phone(Device.create(Ed25519PrivateKey.generate(), START)) for _ in range(2)]
        ours, theirs = self.phones
        for one, other in ((ours, theirs), (theirs, ours)):
            one.peer = other.device.fingerprint
            one.device.accept(other.device.certificate, START)
            bundle = other.device.last_resort(START) if last_resort else other.device.bundles(1)[0]
            if glare or one is ours:
                one.device.open_session(bundle, START)
            else:
                one.device.learn(bundle, START)
        for phone in self.phones:
            phone.save()

    def other(self, phone: Phone) -> Phone:
        return self.phones[1 - self.phones.index(phone)]

    @rule(who=st.integers(0, 1), size=st.sampled_from([0, 10, 300, 2_000]), loses=st.sampled_from([False] * 5 + [True]))
    def write(self, who: int, size: int, loses: bool) -> None:
        phone = self.phones[who]
        if not phone.talk.sessions.can_write:
            return  # the first letter has not come yet
        self.now += 1_000
        written = phone.device.write(phone.peer, "text", b"x" * size, self.now)
        phone.save()  # before it leaves
        phone.sent[written.number] = written.id
        if not loses:
            self.other(phone).waiting.append(written.blob)

    @rule(who=st.integers(0, 1), place=st.integers(0, OVERTAKEN), twice=st.booleans())
    def deliver(self, who: int, place: int, twice: bool) -> None:
        phone = self.phones[who]
        if not phone.waiting:
            return
        if phone.overtaken >= OVERTAKEN:
            place = 0
        place = min(place, len(phone.waiting) - 1)
        phone.overtaken = phone.overtaken + 1 if place else 0
        blob = phone.waiting.pop(place)
        self.take(phone, blob)
        if twice:
            self.take(phone, blob, again=True)
        phone.before.append(blob)

    @rule(who=st.integers(0, 1), data=st.data())
    def deliver_again(self, who: int, data: st.DataObject) -> None:
        phone = self.phones[who]
        if phone.before:
            self.take(phone, data.draw(st.sampled_from(phone.before)), again=True)

    @rule(who=st.integers(0, 1))
    def restart(self, who: int) -> None:
        self.phones[who].restart()

    @precondition(lambda self: self.now - START < 10 * DAY)
    @rule()
    def a_week_passes(self) -> None:
        """Seal keys are renewed; what was sealed to the old ones and is still under way opens."""
        self.now += 7 * DAY
        for phone in self.phones:
            phone.device.renew_seal_key(self.now)
            self.other(phone).device.learn(phone.device.last_resort(self.now), self.now)
        for phone in self.phones:
            phone.save()

    @precondition(lambda self: self.opened < 2)
    @rule(who=st.integers(0, 1))
    def open_another_session(self, who: int) -> None:
        """A phone that is not sure opens one more; the others go on reading."""
        phone = self.phones[who]
        self.opened += 1
        phone.device.open_session(self.other(phone).device.bundles(1)[0], self.now)
        for one in self.phones:
            one.save()

    def take(self, phone: Phone, blob: bytes, again: bool = False) -> None:
        events = phone.device.receive(blob, self.now)
        phone.save()  # before it is acknowledged
        assert all(type(event) in (Read, Duplicate, Missing) for event in events), events
        if again:
            assert [type(event) for event in events] == [Duplicate]
        for event in events:
            if isinstance(event, Missing):
                phone.missing |= set(range(event.numbers[0], event.numbers[1] + 1))
            if isinstance(event, Read):
                assert self.other(phone).sent[event.letter.number] == event.letter.id
                assert event.late == (event.letter.number in phone.missing)
                phone.missing.discard(event.letter.number)
                phone.shown.append(event.letter.number)

    @invariant()
    def nothing_shown_twice_nothing_lost_in_silence(self) -> None:
        if not hasattr(self, "phones"):
            return
        for phone in self.phones:
            assert phone.device.undecryptable == 0
            assert phone.device.rejected == 0
            assert len(phone.shown) == len(set(phone.shown))
            highest = max(phone.shown, default=0)
            assert set(phone.shown) | phone.missing == set(range(1, highest + 1))

    def teardown(self) -> None:
        """Deliver all that is under way and one last letter: then what was lost is known by number, exactly."""
        if not hasattr(self, "phones"):
            return
        for phone in self.phones:
            while phone.waiting:
                self.take(phone, phone.waiting.pop(0))
        for phone in self.phones:
            if phone.talk.sessions.can_write:
                other = self.other(phone)
                written = phone.device.write(phone.peer, "text", b"last", self.now)
                phone.sent[written.number] = written.id
                self.take(other, written.blob)
                assert set(other.shown) | other.missing == set(phone.sent)
        self.nothing_shown_twice_nothing_lost_in_silence()


TestTwoPhones = TwoPhones.TestCase
TestTwoPhones.settings = settings(max_examples=40, stateful_step_count=40, deadline=None, report_multiple_bugs=False)


def without_memory(self: sessions.Sessions, digest: bytes) -> bool:
    return False


def without_telling(self: numbers.Numbers, number: int) -> tuple[numbers.Arrival, None, None]:
    return TAKE(self, number)[0], None, None


def old_disk(self: Phone) -> None:
    """Keeps the first state for ever: every restart puts the phone back."""
    self.disk = self.disk if self.disk[0] else (self.device.save(KEY), self.talk.save(KEY))


TAKE = numbers.Numbers.take


@pytest.mark.parametrize(
    ("owner", "name", "patch"),
    [
        (sessions.Sessions, "was_read", without_memory),
        (numbers.Numbers, "take", without_telling),
        (Phone, "save", old_disk),
    ],
)
def test_the_machine_bites(owner: type, name: str, patch: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the memory, without telling of gaps, without durable state: each is found."""
    monkeypatch.setattr(owner, name, patch)
    thorough = settings(
        max_examples=200, stateful_step_count=40, deadline=None, phases=[Phase.generate], report_multiple_bugs=False
    )
    with pytest.raises((AssertionError, CryptoError)):
        run_state_machine_as_test(TwoPhones, settings=thorough)
