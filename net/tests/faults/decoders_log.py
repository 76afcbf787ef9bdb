"""Decoders of what is read from a log, for a log, and from another signer of a release."""

import base64
import io
import tempfile
import zipfile
from pathlib import Path

from faults.decoding import ADMISSION, HOUR, LOG, NOTE, ORIGIN, PUBLIC, RELEASE_KEYS, Decoder, again, in_a_file, text
from filon_net.errors import NotSigned
from filon_net.log import (
    Follower,
    NotUpdated,
    Release,
    Witness,
    WitnessMemory,
    accept,
    cbor,
    read_checkpoint,
    read_entry,
    read_lines,
    read_note,
    read_verifier_key,
    require_release,
    sign_entry,
)
from filon_net.log.entries import devices_of, release_of
from filon_net.log.keys import COSIGNATURE
from filon_net.log.manifest import files_of_wheel
from filon_net.log.memory import Seen
from filon_net.log.strict import read_number
from filon_net.log.tiles import read_tile_path, split_hashes, unpack_entries
from filon_net.log.tokens import check_admission, header_of, read_header
from filon_net.log.witness import read_request
from filon_net.loghost.gate import Gate
from filon_net.loghost.spent import SpentTokens
from filon_net.operator.releases import read_release
from log import second_verifier
from log.builders import (
    NOW,
    MemoryLog,
    chain_of,
    device_list,
    policy_of,
    private,
    request,
    signer,
    signer_of_log,
    some_entries,
)

__all__ = ["LOG_DECODERS"]


RELEASED = [
    sign_entry(Release("filon-net", "1.2.0", 12, b"m" * 32, NOW), private("r1"), private("r2")).data,
    sign_entry(Release("x", "y", 0, bytes(32), 0), private("r1"), private("r2"), private("r3")).data,
]
LISTS = [device_list("ada", 1, devices=count).data for count in (0, 1, 3, 32)] + [chain_of("bob", 2)[1].data]
PUBLISHED = MemoryLog(some_entries(20)).publish(NOW, NOW)


def entry(data: bytes) -> None:
    made = read_entry(data)
    assert made.data == data, "there is a second spelling"
    assert devices_of(made).body == made.body


def release(data: bytes) -> None:
    made = read_entry(data)
    assert release_of(made).body == made.body
    require_release(made, RELEASE_KEYS, 2)


def gate(data: bytes) -> None:
    """A log's door: the first byte is the length of the token, 255 for none."""
    with tempfile.TemporaryDirectory() as folder:
        spent = SpentTokens(Path(folder) / "spent")
        try:
            door = Gate(ORIGIN, [PUBLIC], RELEASE_KEYS, spent, lambda: NOW)
            size = data[0] if data and data[0] < 255 else None
            token, sent = (None, data[1:]) if size is None else (data[1 : 1 + size], data[1 + size :])
            ticket = door.check(sent, token)
            door.note(0, sent)
            door.took(ticket)
            assert door.check(sent, None).index == 0
        finally:
            spent.close()


def witness(data: bytes) -> None:
    """A witness that has seen three entries: it signs the one tree of twenty that the log signed, and nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        memory = WitnessMemory(Path(folder))
        try:
            memory.know(ORIGIN)
            with memory.held(ORIGIN):
                memory.remember(ORIGIN, Seen(3, second_verifier.root_of(some_entries(3))))
            answer = Witness(signer("w1", COSIGNATURE), {ORIGIN: [signer_of_log().key]}, memory, lambda: NOW)
            said = answer.add_checkpoint(data)
            assert said.status in (200, 400, 403, 404, 409, 422)
            if said.status != 200:
                raise NotSigned("not signed")
            assert read_note(data.partition(b"\n\n")[2]).text == LOG.checkpoint.text
        finally:
            memory.close()


def served(data: bytes) -> None:
    """A log that serves something else in place of one of its files, which the first byte chooses: nothing of it is used."""
    paths = sorted(PUBLISHED.files)
    path = paths[data[0] % len(paths)] if data else paths[0]
    follower = Follower.begin(policy_of())
    told = follower.update({**PUBLISHED.files, path: data[1:]}.__getitem__, NOW)
    if any(isinstance(one, NotUpdated) for one in told):
        assert follower.size == 0
        raise NotSigned("not taken")
    assert follower.size == 20
    assert follower.checkpoint is not None
    assert read_note(follower.checkpoint).text == LOG.checkpoint.text


def heard(data: bytes) -> None:
    """A checkpoint in a letter, held against what this phone was shown."""
    follower = Follower.begin(policy_of())
    follower.update(PUBLISHED.fetch, NOW)
    told = follower.compare(data, PUBLISHED.fetch)
    assert all(type(one).__name__ == "SplitViewAlarm" for one in told)


def small_wheel() -> bytes:
    """A wheel with two files, as pip packs it and stored as it is."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, name in enumerate(
            ("filon_net/__init__.py", "filon_net/wire/frames.py", "filon_net-1.dist-info/RECORD")
        ):
            how = zipfile.ZIP_STORED if number == 1 else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), "x = 1\n" * 9, how)
    return out.getvalue()


LOG_DECODERS: dict[str, Decoder] = {
    "admission": Decoder(lambda data: check_admission(data, frozenset({PUBLIC}), ORIGIN, HOUR), [ADMISSION]),
    "admission header": Decoder(text(lambda one: header_of(read_header(one))), [header_of(ADMISSION).encode()]),
    "note": Decoder(lambda data: (read_note(data), accept(data, policy_of())), [NOTE]),
    "checkpoint": Decoder(
        text(lambda one: again(read_checkpoint, lambda made: made.text)(one)), [LOG.checkpoint.text.encode()]
    ),  # type: ignore[arg-type]
    "cosignatures": Decoder(text(read_lines), [NOTE.partition(b"\n\n")[2]]),
    "verifier key": Decoder(text(read_verifier_key), [policy_of().witnesses[0].text.encode()]),
    "entry": Decoder(entry, LISTS),
    "release": Decoder(release, RELEASED),
    "cbor of the log": Decoder(again(cbor.load, cbor.dump), [*RELEASED, *LISTS, cbor.dump((1, (2, (b"x", ("y",)))))]),
    "release in a file": Decoder(in_a_file(read_release), [base64.encodebytes(one) for one in RELEASED]),
    "wheel": Decoder(in_a_file(files_of_wheel), [small_wheel()]),
    "gate": Decoder(gate, [bytes([len(ADMISSION)]) + ADMISSION + LISTS[1], bytes([255]) + RELEASED[0]]),
    "witness": Decoder(witness, [request(3, LOG.proof(3), LOG.note())]),
    "files of the log": Decoder(
        served, [bytes([number]) + PUBLISHED.files[path] for number, path in enumerate(sorted(PUBLISHED.files))]
    ),
    "checkpoint in a letter": Decoder(
        heard, [NOTE, MemoryLog(some_entries(7)).note(NOW, NOW), MemoryLog(some_entries(7, 90)).note(NOW, NOW)]
    ),
    "number": Decoder(text(lambda one: again(lambda it: read_number(it, "it"), str)(one)), [b"0", b"1234567"]),  # type: ignore[arg-type]
    "tile": Decoder(lambda data: split_hashes(data, 20), [LOG.files["tile/0/000.p/20"]]),
    "entries": Decoder(lambda data: unpack_entries(data, 20), [LOG.files["tile/entries/000.p/20"]]),
    "tile path": Decoder(text(lambda one: read_tile_path(one).path), [b"tile/0/x001/234.p/5"]),
    "witness request": Decoder(read_request, [request(3, LOG.proof(3), NOTE)]),
}
