"""The operator's folder: one Ed25519 key behind a passphrase, and the network it speaks for.

    OPERATOR/key        JSON: the public key; the private one under Argon2id and AES-256-GCM (``crypto.store_key``, ``at_rest``)
    OPERATOR/network    JSON: addresses and keys of relay, log and witnesses, as they go into every leave

Keep it on a machine that is not the relay's or the log's. One key signs invites, admissions and releases: each is signed
over words of its own, so that none passes for another.
"""

import base64
import os
from pathlib import Path
from typing import Annotated

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from filon_net.crypto import Effort, store_key
from filon_net.crypto.at_rest import lock, unlock
from filon_net.errors import FilonNetError
from filon_net.log import Policy, durable, read_verifier_key

__all__ = [
    "Network",
    "OperatorFault",
    "make_operator",
    "open_operator",
    "operator_key",
    "read_network",
    "write_network",
]

_PURPOSE = b"operator key"
_Hex = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


class OperatorFault(FilonNetError):
    """The operator's folder is not there, or not as it should be."""


class _KeyFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    public: _Hex
    salt: str
    effort: Effort
    sealed: str


class Network(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The network a leave admits to; keys of relay and releases in hexadecimal, those of log and witnesses as verifier keys."""

    relay_url: str
    relay: _Hex
    log_urls: tuple[str, ...]
    log_key: str
    witness_keys: tuple[str, ...]
    needed: int
    release_keys: tuple[_Hex, ...] = ()
    releases_needed: int = 1

    @property
    def origin(self) -> str:
        """The origin of the log."""
        return read_verifier_key(self.log_key).name


def make_operator(folder: Path, passphrase: str) -> bytes:
    """A new operator key in a new folder; the public half (32 bytes). OperatorFault where there is one."""
    if (folder / "key").exists():
        raise OperatorFault(
            "there already is an operator in {folder}", hint="choose another folder", folder=str(folder)
        )
    if len(passphrase) < 8:
        raise OperatorFault("a passphrase has at least 8 characters", hint="six words of a long list are good")
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    salt, effort = os.urandom(16), Effort()
    sealed = lock(private.private_bytes_raw(), store_key(passphrase, salt, effort), _PURPOSE)
    made = _KeyFile(public.hex(), _text(salt), effort, _text(sealed))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write(folder / "key", msgspec.json.encode(made))
    return public


def operator_key(folder: Path) -> bytes:
    """The public key (32 bytes) of an operator's folder."""
    return bytes.fromhex(_key_file(folder).public)


def open_operator(folder: Path, passphrase: str) -> Ed25519PrivateKey:
    """The private key; WrongStoreKey for another passphrase."""
    held = _key_file(folder)
    key = store_key(passphrase, base64.b64decode(held.salt), held.effort)
    return Ed25519PrivateKey.from_private_bytes(unlock(base64.b64decode(held.sealed), key, _PURPOSE))


def _key_file(folder: Path) -> _KeyFile:
    try:
        return msgspec.json.decode((folder / "key").read_bytes(), type=_KeyFile)
    except (OSError, msgspec.DecodeError, msgspec.ValidationError) as error:
        raise OperatorFault(
            "no operator's key can be read in {folder}", hint="make one with init", folder=str(folder)
        ) from error


def write_network(folder: Path, network: Network) -> None:
    """Say which network the operator speaks for. LogError where keys and numbers do not make a policy."""
    log = read_verifier_key(network.log_key)
    Policy(log.name, (log,), tuple(map(read_verifier_key, network.witness_keys)), network.needed)
    if network.release_keys and not 1 <= network.releases_needed <= len(set(network.release_keys)):
        raise OperatorFault(
            "{needed} of {count} release keys cannot be asked for",
            needed=network.releases_needed,
            count=len(set(network.release_keys)),
        )
    _write(folder / "network", msgspec.json.encode(network))


def read_network(folder: Path) -> Network:
    """The network an operator speaks for."""
    try:
        return msgspec.json.decode((folder / "network").read_bytes(), type=Network)
    except (OSError, msgspec.DecodeError, msgspec.ValidationError) as error:
        raise OperatorFault(
            "no network is known in {folder}", hint="say which with: filon-net operator network", folder=str(folder)
        ) from error


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _write(path: Path, data: bytes) -> None:
    durable.replace_file(path, msgspec.json.format(data, indent=2) + b"\n")
    path.chmod(0o600)
