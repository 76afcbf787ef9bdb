"""A second reading of what docs/protocol.md says of the log: CBOR, key names, signed notes, entries, tiles. For tests alone.

Written from the page and the formats it names, and sharing no code with the library: bytes are put together and taken apart by
hand, Ed25519 comes straight from ``cryptography``, hashes of the tree from ``second_verifier``.
"""

import base64
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


def private(seed):
    """The key named by one byte: its private half is that byte 32 times."""
    return Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)


def public(seed):
    return private(seed).public_key().public_bytes_raw()


def head(major, number):
    if number < 24:
        return bytes([major * 32 + number])
    for code, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if number < 256**size:
            return bytes([major * 32 + code]) + number.to_bytes(size, "big")
    raise ValueError(number)


def cbor(value):
    """Deterministic CBOR of what travels: whole numbers, bytes, texts, lists, true, false, null."""
    if value is None:
        return b"\xf6"
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        data = value.encode()
        return head(3, len(data)) + data
    return head(4, len(value)) + b"".join(map(cbor, value))


def uncbor(data):
    """The value of bytes that ``cbor`` would write; anything else is a ValueError."""
    value, rest = _uncbor(data)
    if rest or cbor(value) != data:
        raise ValueError("not in the deterministic form")
    return value


def _uncbor(data):
    major, code = data[0] // 32, data[0] % 32
    if major == 7:
        return {20: False, 21: True, 22: None}[code], data[1:]
    size = 0 if code < 24 else 1 << code - 24
    number = code if code < 24 else int.from_bytes(data[1 : 1 + size], "big")
    data = data[1 + size :]
    if major == 0:
        return number, data
    if major == 1:
        return -1 - number, data
    if major in (2, 3):
        taken, rest = data[:number], data[number:]
        if len(taken) < number:
            raise ValueError("cut off")
        return (taken if major == 2 else taken.decode()), rest
    if major != 4:
        raise ValueError("not part of it")
    items = []
    for _ in range(number):
        item, data = _uncbor(data)
        items.append(item)
    return items, data


def key_id(name, kind, key):
    return sha256(name.encode() + b"\n" + bytes([kind]) + key).digest()[:4]


def verifier_key(name, kind, key):
    return f"{name}+{key_id(name, kind, key).hex()}+{base64.b64encode(bytes([kind]) + key).decode()}"


def good(key, signature, message):
    """Whether an Ed25519 signature holds; raises where it does not."""
    Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    return True


def checkpoint(note, log, witnesses):
    """Origin, size and root of a signed checkpoint, and the time of each witness; the keys are (name, public key).

    Every signature is checked; a line that belongs to none of the keys is a KeyError.
    """
    text, lines = note.rsplit("\n\n", 1)
    text += "\n"
    known = {
        (name, key_id(name, kind, key)): (kind, key)
        for kind, keys in ((1, [log]), (4, witnesses))
        for name, key in keys
    }
    times = {}
    for line in lines.rstrip("\n").split("\n"):
        dash, name, data = line.split(" ")
        assert dash == "—"
        data = base64.b64decode(data)
        kind, key = known[name, data[:4]]
        if kind == 1:
            assert good(key, data[4:], text.encode())
        else:
            times[name] = int.from_bytes(data[4:12], "big")
            assert good(key, data[12:], f"cosignature/v1\ntime {times[name]}\n{text}".encode())
    origin, size, root = text.rstrip("\n").split("\n")
    return origin, int(size), base64.b64decode(root), times


def entry(data):
    """Kind and body (a list) of an entry, every signature in it checked, with the keys that signed."""
    version, kind, body, signatures = uncbor(data)
    assert version == 1
    for key, signature in signatures:
        assert good(key, signature, b"filon-net log entry 1\n" + str(kind).encode() + b"\n" + body)
    keys = [key for key, _ in signatures]
    assert keys == sorted(set(keys))
    return kind, uncbor(body), keys


def leaf(data):
    return sha256(b"\x00" + data).digest()


def tile_path(level, index, width=256):
    """Where a tile lies, by division alone."""
    groups = [f"{index % 1000:03d}"]
    while index >= 1000:
        index //= 1000
        groups.insert(0, f"x{index % 1000:03d}")
    return f"tile/{level}/{'/'.join(groups)}" + ("" if width == 256 else f".p/{width}")


def edge(size):
    """Paths of everything not whole on the right edge of a tree: its tiles from below, then its bundle."""
    paths, level, left = [], 0, size
    while left:
        if left % 256:
            paths.append(tile_path(level, left // 256, left % 256))
        level, left = level + 1, left // 256
    return [*paths, tile_path("entries", size // 256, size % 256)] if size % 256 else paths


def bundle(entries):
    return b"".join(len(one).to_bytes(2, "big") + one for one in entries)
