"""Entries of the log: device lists, releases, and a place for kinds to come.

An entry is one CBOR array in deterministic form (``cbor``):

    [1, KIND, BODY, [[KEY, SIGNATURE] ...]]      1 is the version; BODY a byte string; KEY 32, SIGNATURE 64 bytes

    KIND 1  devices    BODY = [USER, VERSION, PREVIOUS, MASTER, [[ID, SIGN, AGREE, SEAL] ...]]
    KIND 2  release    BODY = [PRODUCT, VERSION, SERIAL, MANIFEST, NOT_BEFORE]
    KIND 3  broadcast  reserved; its body is not yet defined

Signatures are Ed25519 over ``"filon-net log entry 1\\n" || KIND in decimal || "\\n" || BODY``, ordered by key, one per key.
A device list is signed by its MASTER key alone, a release by as many release keys as a phone asks for.

The log is public and names nobody: USER is a keyed hash of the name (``user_hash``) whose key only contacts hold.
"""

import hashlib
import hmac
from collections.abc import Sequence

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from filon_net.errors import ChainBroken, Malformed, NotSigned
from filon_net.log.cbor import Value, dump, load
from filon_net.log.keys import signature_agrees
from filon_net.log.merkle import leaf_hash
from filon_net.log.strict import HASH_SIZE, LARGEST, encoded
from filon_net.log.tiles import LARGEST_ENTRY

__all__ = [
    "BROADCAST",
    "DEVICES",
    "FIRST",
    "RELEASE",
    "Device",
    "Devices",
    "Entry",
    "Release",
    "devices_of",
    "read_entry",
    "release_of",
    "require_release",
    "sign_entry",
    "user_hash",
]

DEVICES, RELEASE, BROADCAST = 1, 2, 3
FIRST = bytes(HASH_SIZE)
"""PREVIOUS of a user's first entry."""

_VERSION = 1
_LARGEST_KIND = 255
_MOST_DEVICES = 32
_MOST_SIGNATURES = 16


class Device(msgspec.Struct, frozen=True, array_like=True):
    """One phone of a user: a random id (16 bytes) and its keys (32 bytes each).

    ``sign`` is its Ed25519 and ``agree`` its Curve25519 key; ``seal`` is the SHA-256 of its current sealing key, which is
    too long to repeat in the log and is handed over elsewhere, checked against this.
    """

    id: bytes
    sign: bytes
    agree: bytes
    seal: bytes


class Devices(msgspec.Struct, frozen=True):
    """The phones of one user, as of ``version``, which counts from 1; ``previous`` is the leaf hash of the version before."""

    user: bytes
    version: int
    previous: bytes
    master: bytes
    devices: tuple[Device, ...] = ()
    """Ordered by id. Empty: every phone of this user is revoked."""

    @property
    def body(self) -> bytes:
        """What is signed, without the words before it."""
        devices = tuple((one.id, one.sign, one.agree, one.seal) for one in self.devices)
        return dump((self.user, self.version, self.previous, self.master, devices))


class Release(msgspec.Struct, frozen=True):
    """A release of a program: ``manifest`` is the SHA-256 of its list of files, ``not_before`` a POSIX second."""

    product: str
    version: str
    serial: int
    manifest: bytes
    not_before: int

    @property
    def body(self) -> bytes:
        """What is signed, without the words before it."""
        return dump((self.product, self.version, self.serial, self.manifest, self.not_before))


class Entry(msgspec.Struct, frozen=True):
    """An entry as it lies in the log; of a kind that this version may not know. Its signatures are not checked."""

    kind: int
    body: bytes
    signatures: tuple[tuple[bytes, bytes], ...]

    @property
    def data(self) -> bytes:
        """The bytes of the leaf."""
        return dump((_VERSION, self.kind, self.body, self.signatures))

    @property
    def leaf(self) -> bytes:
        """The leaf hash, by which the next entry of the same user names this one."""
        return leaf_hash(self.data)


def user_hash(key: bytes, name: str) -> bytes:
    """USER for a name: HMAC-SHA-256 under a random key of 32 bytes that the user gives to contacts only."""
    if len(key) != HASH_SIZE:
        raise Malformed("the key of a name has 32 bytes, not {length}", length=len(key))
    return hmac.digest(key, b"filon-net user 1\n" + encoded(name, "a name"), hashlib.sha256)


def _signed_text(kind: int, body: bytes) -> bytes:
    return b"filon-net log entry 1\n%d\n" % kind + body


def sign_entry(content: Devices | Release, *keys: Ed25519PrivateKey) -> Entry:
    """The entry of a device list (one key: the master's) or a release; Malformed where ``read_entry`` would refuse it."""
    kind, body = (DEVICES if isinstance(content, Devices) else RELEASE), content.body
    made = sorted((key.public_key().public_bytes_raw(), key.sign(_signed_text(kind, body))) for key in keys)
    entry = read_entry(Entry(kind, body, tuple(made)).data)
    devices_of(entry) if kind == DEVICES else release_of(entry)
    return entry


def read_entry(data: bytes) -> Entry:
    """An entry from outside, of any kind; Malformed where it has not the form or is longer than LARGEST_ENTRY."""
    if len(data) > LARGEST_ENTRY:
        raise Malformed("an entry of {length} bytes is too long", length=len(data))
    version, kind, body, signatures = _parts(load(data), 4)
    if _int(version) != _VERSION:
        raise Malformed("an entry of version {version} is not known here", hint="update this program", version=version)
    if not 1 <= _int(kind) <= _LARGEST_KIND:
        raise Malformed("there is no kind {kind} of entry", kind=kind)
    pairs = tuple((_bytes(key, 32), _bytes(made, 64)) for key, made in (_parts(one, 2) for one in _list(signatures)))
    keys = [key for key, _ in pairs]
    if not 1 <= len(keys) <= _MOST_SIGNATURES or sorted(set(keys)) != keys:
        raise Malformed("an entry has 1 to {most} signatures, ordered, one per key", most=_MOST_SIGNATURES)
    return Entry(_int(kind), _bytes(body), pairs)


def devices_of(entry: Entry) -> Devices:
    """The device list in an entry of kind DEVICES; Malformed where the body has not the form. Signatures: ``chains``."""
    if entry.kind != DEVICES:
        raise Malformed("this is no device list but an entry of kind {kind}", kind=entry.kind)
    user, version, previous, master, listed = _parts(load(entry.body), 5)
    devices = tuple(
        Device(_bytes(ident, 16), _bytes(sign, 32), _bytes(agree, 32), _bytes(seal, 32))
        for ident, sign, agree, seal in (_parts(one, 4) for one in _list(listed))
    )
    ids = [one.id for one in devices]
    if len(ids) > _MOST_DEVICES or sorted(set(ids)) != ids:
        raise Malformed("a user has at most {most} devices, ordered, each id once", most=_MOST_DEVICES)
    made = Devices(_bytes(user, 32), _int(version), _bytes(previous, 32), _bytes(master, 32), devices)
    if made.version < 1 or (made.version == 1) != (made.previous == FIRST):
        raise Malformed("version {version} and the hash of the entry before it do not fit", version=made.version)
    return made


def release_of(entry: Entry) -> Release:
    """The release in an entry of kind RELEASE; Malformed where the body has not the form. Signatures: ``require_release``."""
    if entry.kind != RELEASE:
        raise Malformed("this is no release but an entry of kind {kind}", kind=entry.kind)
    product, version, serial, manifest, not_before = _parts(load(entry.body), 5)
    return Release(_name(product), _name(version), _int(serial), _bytes(manifest, 32), _int(not_before))


def signed_by(entry: Entry, key: bytes) -> bool:
    """Whether the entry holds a valid signature of this Ed25519 public key."""
    made = dict(entry.signatures).get(key)
    return made is not None and signature_agrees(key, made, _signed_text(entry.kind, entry.body))


def require_master(entry: Entry, devices: Devices, master: bytes) -> None:
    """ChainBroken unless the device list names ``master`` as its master key and that key, and no other, signed it."""
    if devices.master != master or len(entry.signatures) != 1 or not signed_by(entry, master):
        raise ChainBroken(
            "the device list of version {version} was not signed by its owner's master key",
            hint="do not write to this user until you have compared keys in person",
            version=devices.version,
        )


def require_release(entry: Entry, keys: Sequence[bytes], needed: int) -> Release:
    """The release, signed by ``needed`` of the known release keys (Ed25519, 32 bytes); NotSigned otherwise."""
    release = release_of(entry)
    if not 1 <= needed <= len(set(keys)):
        raise Malformed("{needed} of {count} release keys cannot be asked for", needed=needed, count=len(set(keys)))
    count = sum(signed_by(entry, key) for key in set(keys))
    if count < needed:
        raise NotSigned(
            "{count} of {needed} release keys signed {product} {version}",
            hint="do not install it",
            count=count,
            needed=needed,
            product=release.product,
            version=release.version,
        )
    return release


def _list(value: Value) -> Sequence[Value]:
    if not isinstance(value, tuple):
        raise Malformed("an array was expected")
    return value


def _parts(value: Value, count: int) -> Sequence[Value]:
    parts = _list(value)
    if len(parts) != count:
        raise Malformed("{found} parts where {count} were expected", found=len(parts), count=count)
    return parts


def _int(value: Value) -> int:
    if not isinstance(value, int) or value > LARGEST:
        raise Malformed("a number was expected")
    return value


def _bytes(value: Value, length: int | None = None) -> bytes:
    if not isinstance(value, bytes) or length not in (None, len(value)):
        raise Malformed("{length} bytes were expected", length=length)
    return value


def _name(value: Value) -> str:
    """A short word a person may be shown: printable ASCII without spaces, so that no two look alike by a trick."""
    if not isinstance(value, str) or not 1 <= len(value) <= 64 or any(not "!" <= one <= "~" for one in value):
        raise Malformed("a name of printable ASCII, 1 to 64 characters, was expected")
    return value
