"""What stands in a phone where one of its checks is taken out: it believes, forgets or tells nothing."""

from typing import Any

from filon_net.crypto import numbers
from filon_net.crypto.events import Rejected
from filon_net.crypto.identity import read_certificate
from filon_net.log.policy import Freshness
from filon_net.phone import inbox
from filon_net.phone.state import ContactState
from filon_net.wire import connection
from filon_net.wire.errors import CryptoError, WireError
from filon_net.wire.frames import Frame, decode_frame
from filon_net.wire.phone_end import PhoneEnd


def nothing(*_: object, **__: object) -> None:
    return None


def no_notices(*_: object, **__: object) -> list[object]:
    return []


def unsigned(bundle: Any, hour: int) -> Any:
    """A bundle taken at its word."""
    return read_certificate(bundle.certificate)


def not_read(self: object, digest: bytes) -> bool:
    return False


def tells_no_gap(self: numbers.Numbers, number: int) -> tuple[Any, None, None]:
    return TAKE(self, number)[0], None, None


def never_late(self: numbers.Numbers, number: int) -> Any:
    return numbers.Arrival.NEW if number > self.highest else numbers.Arrival.SEEN


def raises(self: object, error: Exception) -> Rejected:
    raise CryptoError(str(error))


def accepts_anybody(self: inbox.Inbox, certificate: Any, blob: bytes, now: int, keep: bool) -> bool:
    if not self._books.contacts:
        return STRANGER(self, certificate, blob, now, keep)
    self._books.accept(certificate, now)
    self._blob(blob, now, keep=False)
    return True


def hears_the_blocked(self: inbox.Inbox, event: Any, now: int) -> None:
    for contact in self._books.contacts.values():
        contact.state = ContactState.OPEN
    LETTER_EVENT(self, event, now)


def ends_nothing(self: connection.End, data: bytes, now: float) -> Frame | None:
    try:
        return decode_frame(data)
    except WireError:
        return None


def believes_everything(self: PhoneEnd, frame: Frame) -> list[Any]:
    try:
        return BELIEVED(self, frame)
    except (WireError, KeyError):
        return []


def any_relay(self: PhoneEnd, frame: Any) -> Any:
    self._relay = frame.relay
    return CHALLENGED(self, frame)


def always_fresh(accepted: object, now: int) -> Freshness:
    return Freshness.FRESH


TAKE = numbers.Numbers.take
STRANGER = inbox.Inbox._stranger
LETTER_EVENT = inbox.Inbox._letter_event
BELIEVED = PhoneEnd._believed
CHALLENGED = PhoneEnd._challenged
