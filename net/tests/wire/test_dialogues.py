"""Who sends what, and what is answered: the tables of both ends, then both ends joined."""

from collections.abc import Callable
from typing import Any, TypeAlias

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from filon_net.wire import phone_end, proofs, relay_end
from filon_net.wire.connection import Closed, Limits
from filon_net.wire.errors import OutOfTurn, TooLarge
from filon_net.wire.frames import (
    BLOB_SIZES,
    Ack,
    Acked,
    Admit,
    Challenge,
    Claim,
    Claimed,
    Code,
    Deliver,
    Done,
    Fetch,
    Frame,
    Grant,
    Open,
    Opened,
    Ping,
    Pong,
    Post,
    Posted,
    Refused,
    Revoke,
    Stock,
    decode_frame,
    encode_frame,
)
from filon_net.wire.phone_end import PhoneEnd
from filon_net.wire.proofs import ADMIT, OPEN, mailbox_of, prove
from filon_net.wire.relay_end import RelayEnd

RELAY, NONCE = b"r" * 32, b"n" * 32
KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
BOX = mailbox_of(KEY)
BLOB = b"\x01" * BLOB_SIZES[0]
OPENING = Open(BOX, prove(KEY, OPEN, RELAY, NONCE))
ADMISSION = Admit(BOX, prove(KEY, ADMIT, RELAY, NONCE), b"token")
OPENED = Opened(3, 10_000, 1 << 30, 336, 20)
POST = Post(0, BOX, b"c" * 32, 9, BLOB)
CLAIM = Claim(1, BOX, b"c" * 32)
GRANT, REVOKE, STOCK = Grant(2, b"c" * 32, 100), Revoke(3, b"c" * 32), Stock(4, (b"bundle",), None)
SMALL = Limits(unacked=2, unanswered=2, acks=1, queue=300_000)

Step: TypeAlias = tuple[str, Any, Any]
"""``says``: the phone sends a frame, the relay reports the third; ``does``: the relay's own call, third is the error."""


def says(frame: Frame, then: Any = "the same") -> Step:
    return "says", frame, frame if then == "the same" else then


def does(call: Callable[[RelayEnd], Any], fails: type[Exception] | None = None) -> Step:
    return "does", call, fails


def answers(frame: Any, fails: type[Exception] | None = None) -> Step:
    return does(lambda end: end.answer(frame), fails)


def delivers(number: int, fails: type[Exception] | None = None) -> Step:
    return does(lambda end: end.deliver(Deliver(number, 1, 2, BLOB)), fails)


OPENED_UP = [says(OPENING), answers(OPENED)]
AT_THE_RELAY: dict[str, list[Step]] = {
    "an owner opens, fetches and acknowledges": [
        *OPENED_UP, says(Fetch(0, 2)), delivers(1), delivers(2), says(Ack((1, 2))), answers(Acked(2)), delivers(3),
    ],
    "a person with an invite is admitted": [says(ADMISSION), answers(OPENED), says(Fetch(0, 1))],
    "an invite that was used is refused": [
        says(ADMISSION), answers(Refused(None, Code.TOKEN_SPENT, None)), says(Fetch(0, 1), None),
    ],
    "a sender posts and claims without login": [says(POST), says(CLAIM), answers(Posted(0)), answers(Claimed(1, b"bundle"))],
    "a full mailbox refuses one post, the connection lives": [says(POST), answers(Refused(0, Code.FULL, None)), says(CLAIM)],
    "an owner grants, revokes and stocks": [
        *OPENED_UP, says(GRANT), answers(Done(2)), says(REVOKE), answers(Done(3)), says(STOCK), answers(Done(4)),
    ],
    "a ping is answered by the end itself": [says(Ping(b"12345678"), None), says(POST)],
    "a pong is silent": [says(Pong(b"12345678"), None)],
    "fetch before the proof": [says(Fetch(0, 1), Code.OUT_OF_TURN)],
    "fetch while the relay still looks": [says(OPENING), says(Fetch(0, 1), Code.OUT_OF_TURN)],
    "a wrong signature": [says(Open(BOX, b"s" * 64), Code.NOT_PROVEN)],
    "a proof made for another purpose": [says(Open(BOX, ADMISSION.signature), Code.NOT_PROVEN)],
    "a second mailbox on one connection": [*OPENED_UP, says(OPENING, Code.OUT_OF_TURN)],
    "an owner posts": [*OPENED_UP, says(POST, Code.OUT_OF_TURN)],
    "an owner claims": [*OPENED_UP, says(CLAIM, Code.OUT_OF_TURN)],
    "a sender opens": [says(POST), says(OPENING, Code.OUT_OF_TURN)],
    "a sender grants": [says(POST), says(GRANT, Code.OUT_OF_TURN)],
    "two fetches": [*OPENED_UP, says(Fetch(0, 1)), says(Fetch(0, 1), Code.OUT_OF_TURN)],
    "acknowledged what was never delivered": [*OPENED_UP, says(Fetch(0, 2)), delivers(1), says(Ack((2,)), Code.OUT_OF_TURN)],
    "acknowledged twice": [*OPENED_UP, says(Fetch(0, 2)), delivers(1), says(Ack((1,))), says(Ack((1,)), Code.OUT_OF_TURN)],
    "a request number used twice": [says(POST), says(POST, Code.OUT_OF_TURN)],
    "a request number used again after its answer": [says(POST), answers(Posted(0)), says(POST)],
    "more posts than may be unanswered": [says(POST), says(CLAIM), says(Claim(9, BOX, b"c" * 32), Code.TOO_MANY)],
    "more acknowledgements than may be unanswered": [
        *OPENED_UP, says(Fetch(0, 2)), delivers(1), delivers(2), says(Ack((1,))), says(Ack((2,)), Code.TOO_MANY),
    ],
    "a phone sends what only a relay sends": [says(Challenge(RELAY, NONCE, 1, 1), Code.OUT_OF_TURN)],
    "nothing is heard after the end": [says(Fetch(0, 1), Code.OUT_OF_TURN), says(POST, None), answers(Posted(0), OutOfTurn)],
    "no delivery before fetch": [*OPENED_UP, delivers(1, OutOfTurn)],
    "no delivery past the window": [*OPENED_UP, says(Fetch(0, 9)), delivers(1), delivers(2), delivers(3, OutOfTurn)],
    "no delivery out of order": [*OPENED_UP, says(Fetch(5, 2)), delivers(5, OutOfTurn), delivers(6)],
    "no answer to what nobody asked": [says(POST), answers(Claimed(0, b"x"), OutOfTurn), answers(Posted(7), OutOfTurn)],
    "no opening unasked": [answers(OPENED, OutOfTurn)],
    "no acknowledgement answered unasked": [*OPENED_UP, answers(Acked(1), OutOfTurn)],
    "no refusal of a connection that is open already": [*OPENED_UP, answers(Refused(None, Code.SLOW_DOWN, 1), OutOfTurn)],
    "the relay goes away": [says(POST), answers(Refused(None, Code.GOING_AWAY, 30)), says(CLAIM, None)],
}  # fmt: skip


@pytest.mark.parametrize("name", AT_THE_RELAY)
def test_at_the_relay(name: str) -> None:
    end = RelayEnd(RELAY, NONCE, 0.0, SMALL)
    assert [decode_frame(data) for data in end.take()] == [Challenge(RELAY, NONCE, 2, 2)]
    for who, what, then in AT_THE_RELAY[name]:
        if who == "does":
            if then is None:
                what(end)
            else:
                with pytest.raises(then):
                    what(end)
            continue
        told = end.receive(encode_frame(what), 1.0)
        if then is None:
            assert told == []
        elif isinstance(then, Code):
            assert [one.code for one in told if isinstance(one, Closed)] == [then]
            assert end.closed
            assert end.closed.code == then
        else:
            assert told == [then]
            assert end.closed is None


def phone(owner: bool = True, token: bytes | None = None, limits: Limits = SMALL) -> PhoneEnd:
    return PhoneEnd(RELAY, 0.0, KEY if owner else None, token, limits)


CHALLENGE = Challenge(RELAY, NONCE, 2, 2)
FIRST, SECOND = Deliver(1, 0, 0, BLOB), Deliver(2, 0, 0, BLOB)
AT_THE_PHONE: dict[str, tuple[bool, list[Any]]] = {
    "opened and delivered": (True, [CHALLENGE, OPENED, lambda end: end.fetch(0, 2), FIRST, SECOND]),
    "another relay than the one told": (True, [Challenge(b"R" * 32, NONCE, 2, 2), Code.NOT_PROVEN]),
    "challenged twice": (True, [CHALLENGE, CHALLENGE, Code.OUT_OF_TURN]),
    "opened before the challenge": (True, [OPENED, Code.OUT_OF_TURN]),
    "opened twice": (True, [CHALLENGE, OPENED, OPENED, Code.OUT_OF_TURN]),
    "a sender is told of a mailbox": (False, [CHALLENGE, OPENED, Code.OUT_OF_TURN]),
    "delivered before fetch": (True, [CHALLENGE, OPENED, FIRST, Code.OUT_OF_TURN]),
    "delivered past the window": (
        True, [CHALLENGE, OPENED, lambda end: end.fetch(0, 1), FIRST, SECOND, Code.OUT_OF_TURN],
    ),
    "delivered twice": (
        True, [CHALLENGE, OPENED, lambda end: end.fetch(0, 2), FIRST, FIRST, Code.OUT_OF_TURN],
    ),
    "delivered what was asked not to": (True, [CHALLENGE, OPENED, lambda end: end.fetch(1, 2), FIRST, Code.OUT_OF_TURN]),
    "erased what was not acknowledged": (True, [CHALLENGE, OPENED, Acked(1), Code.OUT_OF_TURN]),
    "refused what was not asked": (False, [CHALLENGE, Refused(5, Code.FULL, None), Code.OUT_OF_TURN]),
    "refused as a whole": (True, [CHALLENGE, Refused(None, Code.TOKEN_SPENT, None), Code.NOT_PROVEN]),
    "the relay goes away": (False, [CHALLENGE, Refused(None, Code.GOING_AWAY, 30), Code.GOING_AWAY]),
    "posted what was not sent": (False, [CHALLENGE, Posted(0), Code.OUT_OF_TURN]),
    "answered with something else": (False, [CHALLENGE, lambda end: end.claim(BOX, b"c" * 32), Posted(0), Code.OUT_OF_TURN]),
    "a post is answered": (False, [CHALLENGE, lambda end: end.post(BOX, b"c" * 32, 9, BLOB), Posted(0)]),
    "a post is refused, the connection lives": (
        False, [CHALLENGE, lambda end: end.post(BOX, b"c" * 32, 9, BLOB), Refused(0, Code.NO_SUCH_DOOR, None)],
    ),
    "a relay sends what only a phone sends": (True, [CHALLENGE, OPENING, Code.OUT_OF_TURN]),
}  # fmt: skip


@pytest.mark.parametrize("name", AT_THE_PHONE)
def test_at_the_phone(name: str) -> None:
    owner, steps = AT_THE_PHONE[name]
    end = phone(owner)
    told: list[Any] = []
    for step in steps:
        if isinstance(step, Code):
            assert isinstance(told[-1], Closed)
            assert told[-1].code == step
        elif callable(step):
            step(end)
        else:
            told = end.receive(encode_frame(step), 1.0)
            assert told == [step] or isinstance(told[-1], Closed)
    if not isinstance(steps[-1], Code):
        assert end.closed is None


def test_a_phone_keeps_its_own_turn() -> None:
    end = phone()
    for early in (lambda: end.fetch(0, 1), lambda: end.grant(b"c" * 32, 1), lambda: end.post(BOX, b"c" * 32, 9, BLOB)):
        with pytest.raises(OutOfTurn):
            early()
    end.receive(encode_frame(CHALLENGE), 1.0)
    end.receive(encode_frame(OPENED), 1.0)
    with pytest.raises(OutOfTurn, match="without login"):
        end.post(BOX, b"c" * 32, 9, BLOB)
    with pytest.raises(OutOfTurn, match="not delivered"):
        end.ack([4])
    end.fetch(0, 1)
    with pytest.raises(OutOfTurn, match="once"):
        end.fetch(0, 1)
    sender = phone(owner=False)
    sender.receive(encode_frame(CHALLENGE), 1.0)
    with pytest.raises(OutOfTurn):
        sender.fetch(0, 1)
    sender.post(BOX, b"c" * 32, 9, BLOB)
    sender.post(BOX, b"c" * 32, 9, BLOB)
    with pytest.raises(OutOfTurn, match="too many"):
        sender.post(BOX, b"c" * 32, 9, BLOB)


def carry(relay: RelayEnd, mobile: PhoneEnd, now: float = 1.0) -> tuple[list[Any], list[Any]]:
    """Pass messages until both are silent: what the relay and what the phone reported."""
    at_relay: list[Any] = []
    at_phone: list[Any] = []
    while True:
        down, up = relay.take(), mobile.take()
        if not down and not up:
            return at_relay, at_phone
        at_phone += [told for data in down for told in mobile.receive(data, now)]
        at_relay += [told for data in up for told in relay.receive(data, now)]


def test_both_ends_together() -> None:
    relay, mobile = RelayEnd(RELAY, NONCE, 0.0), phone(limits=Limits())
    assert carry(relay, mobile) == ([OPENING], [Challenge(RELAY, NONCE, 256, 32)])
    relay.answer(OPENED)
    assert carry(relay, mobile) == ([], [OPENED])
    mobile.fetch(0, 100)
    carry(relay, mobile)
    for number in range(1, 41):
        relay.deliver(Deliver(number, 0, 9, BLOB))
    assert relay.room() == min(60, (4 << 20) // (96 << 10) - 1)  # 40 blobs lie in the queue
    got = carry(relay, mobile)[1]
    assert [one.number for one in got] == list(range(1, 41))
    mobile.ack([one.number for one in got])
    assert carry(relay, mobile)[0] == [Ack(tuple(range(1, 41)))]
    relay.answer(Acked(40))
    assert carry(relay, mobile) == ([], [Acked(40)])


def test_an_invited_phone_sends_its_token() -> None:
    relay, mobile = RelayEnd(RELAY, NONCE, 0.0), phone(token=b"token")
    assert carry(relay, mobile)[0] == [ADMISSION]


def test_a_phone_that_does_not_read_stops_getting() -> None:
    end = RelayEnd(RELAY, NONCE, 0.0, Limits(queue=300_000))
    for frame in (OPENING,):
        end.receive(encode_frame(frame), 0.0)
    end.answer(OPENED)
    end.receive(encode_frame(Fetch(0, 256)), 0.0)
    number = 0
    while end.room():
        number += 1
        end.deliver(Deliver(number, 0, 0, b"x" * BLOB_SIZES[-1]))
    assert 0 < number < 256
    assert end.queued <= 300_000
    end.take()
    assert end.room() > 0


def test_a_flood_of_pings_ends_the_connection() -> None:
    end = RelayEnd(RELAY, NONCE, 0.0, Limits(queue=1_000))
    closed = [told for _ in range(200) for told in end.receive(encode_frame(Ping(b"12345678")), 0.0)]
    assert [one.code for one in closed if isinstance(one, Closed)] == [Code.TOO_MANY]
    assert end.queued <= 1_000


def test_silence() -> None:
    relay, mobile = RelayEnd(RELAY, NONCE, 0.0), phone(limits=Limits())
    assert relay.tick(10.0) == []
    assert [one.code for one in relay.tick(10.1) if isinstance(one, Closed)] == [Code.TIMED_OUT]
    relay = RelayEnd(RELAY, NONCE, 0.0)
    carry(relay, mobile)
    relay.answer(OPENED)
    carry(relay, mobile, 5.0)
    assert mobile.tick(49.0) == []
    assert mobile.take() == []
    assert mobile.tick(51.0) == []
    assert [type(decode_frame(data)) for data in mobile.take()] == [Ping]
    assert [type(one) for one in mobile.tick(126.0)] == [Closed]
    assert [type(one) for one in relay.tick(126.0)] == [Closed]
    assert relay.tick(999.0) == [] == mobile.tick(999.0)


def test_a_queue_that_is_full_refuses_the_call_and_keeps_the_connection() -> None:
    end = phone(owner=False, limits=Limits(queue=5_000))
    end.receive(encode_frame(CHALLENGE), 1.0)
    end.post(BOX, b"c" * 32, 9, BLOB)
    with pytest.raises(TooLarge):
        end.post(BOX, b"c" * 32, 9, BLOB)
    assert end.closed is None
    end.take()
    assert end.post(BOX, b"c" * 32, 9, BLOB) == 1


def test_nothing_is_sent_after_the_end() -> None:
    end = phone(owner=False)
    end.receive(encode_frame(CHALLENGE), 1.0)
    end.receive(encode_frame(OPENED), 1.0)
    assert end.closed
    with pytest.raises(OutOfTurn, match="over"):
        end.post(BOX, b"c" * 32, 9, BLOB)
    assert end.take() == []


def test_a_relay_that_takes_nothing_is_found_silent() -> None:
    end = phone(owner=False, limits=Limits(queue=3_640))
    end.receive(encode_frame(CHALLENGE), 1.0)
    end.post(BOX, b"c" * 32, 9, BLOB)
    assert end.tick(60.0) == []
    assert [type(one) for one in end.tick(130.0)] == [Closed]


@given(
    st.lists(
        st.binary(max_size=200)
        | st.sampled_from([OPENING, ADMISSION, POST, CLAIM, GRANT, STOCK, Fetch(0, 1), Ack((1,)), OPENED]),
        max_size=12,
    )
)
def test_nothing_a_phone_sends_breaks_the_relay(messages: list[Any]) -> None:
    end, mobile = RelayEnd(RELAY, NONCE, 0.0), phone()
    for message in messages:
        data = message if isinstance(message, bytes) else encode_frame(message)
        end.receive(data, 0.0)
        mobile.receive(data, 0.0)
    assert end.queued < 10_000


# Each check bites: with the check patched out, the attack passes.


def test_without_the_proof_anybody_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay_end, "check_proof", lambda *_: None)
    assert RelayEnd(RELAY, NONCE, 0.0).receive(encode_frame(Open(BOX, b"s" * 64)), 0.0) == [Open(BOX, b"s" * 64)]


def test_without_the_name_a_hostile_relay_opens_the_mailbox_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """A relay in the middle hands out another relay's nonce under its own name and passes the proof on."""

    def attack() -> list[Any]:
        honest, mobile = RelayEnd(b"H" * 32, NONCE, 0.0), phone()
        mobile.receive(encode_frame(Challenge(RELAY, NONCE, 2, 2)), 0.0)
        return honest.receive(mobile.take()[-1], 0.0)

    assert isinstance(attack()[0], Closed)
    monkeypatch.setattr(proofs, "_signed", lambda purpose, relay, nonce, mailbox: bytes([purpose]) + nonce + mailbox)
    assert isinstance(attack()[0], Open)


def test_without_the_turn_an_owner_would_post(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay_end.RelayEnd, "_expect", staticmethod(lambda holds, otherwise: None))
    end = RelayEnd(RELAY, NONCE, 0.0)
    for frame in (OPENING, POST):
        assert end.receive(encode_frame(frame), 0.0) == [frame]


def test_without_the_turn_a_relay_could_overrun_a_phone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phone_end.PhoneEnd, "_expect", staticmethod(lambda holds, otherwise: None))
    end = phone()
    for number in (3, 2, 1):
        assert end.receive(encode_frame(Deliver(number, 0, 0, BLOB)), 0.0) == [Deliver(number, 0, 0, BLOB)]
