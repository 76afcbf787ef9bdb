"""What a log's and a witness's folder hold besides the tree: a key and a few rules.

    LOG/private/key       the log's signing key, in the text form of Go's note package, mode 0600
    LOG/private/rules     JSON: who may let users in, who signs releases
    WITNESS/key           the witness's key
    WITNESS/logs          verifier keys of the logs it knows, one a line
    WITNESS/memory/       what it saw last (``log.memory``)

The keys are not encrypted: both programs must start without a person. Use disk encryption and an account of their own.
"""

import os
from pathlib import Path

import msgspec

from filon_net.errors import LogDamaged, LogError, Malformed
from filon_net.log import NOTE, LogStore, Signer, VerifierKey, WitnessMemory, durable, read_verifier_key
from filon_net.log.keys import COSIGNATURE
from filon_net.log.strict import base64_text, read_base64

__all__ = [
    "Rules",
    "known_logs",
    "make_known",
    "make_log",
    "make_witness",
    "open_log",
    "read_rules",
    "read_signer",
    "write_private",
]


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who lets users in (``operators``) and who signs releases: Ed25519 public keys in hexadecimal."""

    operators: tuple[str, ...] = ()
    release_keys: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for one in (*self.operators, *self.release_keys):
            key_of(one)


def key_of(text: str) -> bytes:
    """The 32 bytes of a public key in hexadecimal; Malformed."""
    try:
        data = bytes.fromhex(text)
    except ValueError:
        data = b""
    if len(data) != 32 or data.hex() != text:
        raise Malformed("{text} is not a public key", hint="64 hexadecimal digits in lower case", text=text)
    return data


def write_private(path: Path, data: bytes) -> None:
    """Write a file that must not exist yet and that only its owner reads; on the disk when this returns. LogDamaged."""
    durable.make_folder(path.parent)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except FileExistsError as error:
        raise LogDamaged("{path} is already there", hint="choose another folder", path=str(path)) from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    durable.sync(path.parent)


def _signer_text(name: str, kind: int, seed: bytes) -> bytes:
    key = Signer.of_seed(name, kind, seed).key
    return f"PRIVATE+KEY+{name}+{key.key_id.hex()}+{base64_text(bytes([kind]) + seed)}\n".encode()


def read_signer(path: Path) -> Signer:
    """The signer in a key file; LogDamaged."""
    try:
        parts = path.read_text("utf-8").strip().removeprefix("PRIVATE+KEY+").split("+", 2)
        data = read_base64(parts[-1], "a private key")
        signer = Signer.of_seed(parts[0], data[0], data[1:])
        if len(parts) == 3 and signer.key.key_id.hex() == parts[1]:
            return signer
    except (OSError, UnicodeDecodeError, LogError, IndexError) as error:
        raise LogDamaged("the key in {path} cannot be read", hint="make one with init", path=str(path)) from error
    raise LogDamaged("the key in {path} does not have the id it says", path=str(path))


def make_log(folder: Path, origin: str, rules: Rules) -> VerifierKey:
    """A new, empty log with a new key; how others know it. LogDamaged where there is one, Malformed for a bad name."""
    seed = os.urandom(32)
    signer = Signer.of_seed(origin, NOTE, seed)
    (folder / "private").mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(folder / "private" / "key", _signer_text(origin, NOTE, seed))
    write_private(folder / "private" / "rules", msgspec.json.format(msgspec.json.encode(rules), indent=2) + b"\n")
    LogStore.create(folder, origin, signer).close()
    return signer.key


def open_log(folder: Path) -> LogStore:
    """The log in a folder, for writing; LogDamaged or LogBusy."""
    return LogStore(folder, read_signer(folder / "private" / "key"))


def read_rules(folder: Path) -> Rules:
    """The rules of a log; LogDamaged."""
    try:
        return msgspec.json.decode((folder / "private" / "rules").read_bytes(), type=Rules)
    except (OSError, msgspec.DecodeError, msgspec.ValidationError, LogError) as error:
        raise LogDamaged("the rules of the log in {folder} cannot be read", folder=str(folder)) from error


def make_witness(folder: Path, name: str) -> VerifierKey:
    """A new witness that knows no log yet; how others know it."""
    seed = os.urandom(32)
    signer = Signer.of_seed(name, COSIGNATURE, seed)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(folder / "key", _signer_text(name, COSIGNATURE, seed))
    write_private(folder / "logs", b"")
    return signer.key


def known_logs(folder: Path) -> list[VerifierKey]:
    """The logs a witness knows; LogDamaged."""
    try:
        return [read_verifier_key(line) for line in (folder / "logs").read_text("utf-8").splitlines()]
    except (OSError, UnicodeDecodeError, LogError) as error:
        raise LogDamaged("the list of logs in {folder} cannot be read", folder=str(folder)) from error


def make_known(folder: Path, memory: WitnessMemory, log: VerifierKey) -> bool:
    """Let a witness know a log by its verifier key, whose name is its origin; whether it was new.

    What a witness saw of a log it knows is never begun anew: it would sign a second history.
    """
    known = known_logs(folder)
    if log in known:
        with memory.held(log.name):  # LogDamaged where what it saw is gone
            return False
    if any(one.name == log.name for one in known):
        raise Malformed("this witness knows {name} under another key", hint="compare the keys", name=log.name)
    if log.kind != NOTE:
        raise Malformed("a log is known by a key of type 1", hint="this is the key of a witness", name=log.name)
    memory.know_once(log.name)
    durable.replace_file(folder / "logs", "".join(f"{one.text}\n" for one in (*known, log)).encode())
    return True
