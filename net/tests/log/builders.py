"""Keys that are the same in every run, and a log with its witnesses and a phone's policy."""

import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from filon_net.log import (
    COSIGNATURE,
    NOTE,
    Device,
    Devices,
    LogStore,
    Policy,
    Signer,
    Witness,
    WitnessMemory,
    read_lines,
    read_note,
    request,
    sign_entry,
    with_cosignatures,
)
from filon_net.log.checkpoints import Checkpoint, sign_checkpoint
from filon_net.log.cosignatures import cosign
from filon_net.log.entries import FIRST
from filon_net.log.merkle import EMPTY_ROOT, fold, leaf_hash, nodes_of, prove_consistency
from filon_net.log.notes import Note
from filon_net.log.store import read_from
from filon_net.log.tiles import ENTRIES, Tile, pack_entries

ORIGIN = "log.example.org/phones"
NOW = 1_800_000_000


def digest(*parts):
    return hashlib.sha256("/".join(map(str, parts)).encode()).digest()


def private(name):
    return Ed25519PrivateKey.from_private_bytes(digest("key", name))


def public(name):
    return private(name).public_key().public_bytes_raw()


def signer(name, kind):
    return Signer.of_seed(name, kind, digest("key", name))


def some_entries(count, start=0):
    return [f"entry {number}".encode() for number in range(start, start + count)]


def device(user, number):
    return Device(
        digest(user, number)[:16], digest(user, number, "s"), digest(user, number, "a"), digest(user, number, "x")
    )


def device_list(user, version, previous=FIRST, devices=1, master=None, by=None):
    """A signed entry: the device list of a user in one version."""
    own = tuple(sorted((device(user, number) for number in range(devices)), key=lambda one: one.id))
    listed = Devices(digest("user", user), version, previous, master or public(user), own)
    return sign_entry(listed, private(by or user))


def chain_of(user, count):
    made = []
    for version in range(1, count + 1):
        made.append(device_list(user, version, made[-1].leaf if made else FIRST, devices=version))
    return made


class MemoryLog:
    """A log that is made up in memory: any history, signed by the true keys. What a dishonest log would serve."""

    def __init__(self, entries, origin=ORIGIN):
        self.entries = list(entries)
        self.leaves = [leaf_hash(one) for one in self.entries]
        root = fold(self.leaves) if self.leaves else EMPTY_ROOT
        self.checkpoint = Checkpoint(origin, len(self.entries), root)
        self.files = {}
        level, hashes = 0, self.leaves
        while hashes:
            for number, at in enumerate(range(0, len(hashes), 256)):
                row = hashes[at : at + 256]
                self.files[Tile(level, number, len(row)).path] = b"".join(row)
            hashes = [fold(hashes[at : at + 256]) for at in range(0, len(hashes) // 256 * 256, 256)]
            level += 1
        for number, at in enumerate(range(0, len(self.entries), 256)):
            row = self.entries[at : at + 256]
            self.files[Tile(ENTRIES, number, len(row)).path] = pack_entries(row)

    def note(self, *times, by="log", witnesses=("w1", "w2", "w3")):
        """The signed note; each time is the cosignature of one witness."""
        note = sign_checkpoint(self.checkpoint, signer_of_log(by))
        lines = [
            cosign(note.text, signer(name, COSIGNATURE), time) for name, time in zip(witnesses, times, strict=False)
        ]
        return Note(note.text, (*note.signatures, *lines)).data

    def publish(self, *times, **more):
        self.files["checkpoint"] = self.note(*times, **more)
        return self

    def fetch(self, path):
        try:
            return self.files[path]
        except KeyError:
            raise FileNotFoundError(path) from None

    def proof(self, old):
        return prove_consistency(old, len(self.entries), nodes_of(self.leaves))


def signer_of_log(name="log"):
    return Signer.of_seed(ORIGIN, NOTE, digest("key", name))


def policy_of(needed=2, witnesses=("w1", "w2", "w3")):
    keys = tuple(signer(name, COSIGNATURE).key for name in witnesses)
    return Policy(ORIGIN, (signer_of_log().key,), keys, needed)


class Team:
    """A store, three witnesses on three folders, a clock."""

    def __init__(self, folder):
        self.now = NOW
        self.folder = folder / "log"
        self.store = LogStore.create(self.folder, ORIGIN, signer_of_log())
        self.policy = policy_of()
        self.memories = [WitnessMemory(folder / name) for name in ("w1", "w2", "w3")]
        self.witnesses = []
        for name, memory in zip(("w1", "w2", "w3"), self.memories, strict=True):
            memory.know(ORIGIN)
            logs = {ORIGIN: [signer_of_log().key]}
            self.witnesses.append(Witness(signer(name, COSIGNATURE), logs, memory, lambda: self.now))
        self.seen = [0, 0, 0]

    def grow(self, entries, ask=(0, 1, 2)):
        """Append, integrate, ask witnesses, publish; the published note."""
        self.store.append(entries)
        note = read_note(self.store.integrate())
        tree = self.store.tree()
        for number in ask:
            asked = request(self.seen[number], tree.consistency(self.seen[number]), note.data)
            answer = self.witnesses[number].add_checkpoint(asked)
            assert answer.status == 200, answer
            self.seen[number] = self.store.checkpoint.size
            note = with_cosignatures(note, read_lines(answer.body), self.policy.witnesses)
        self.store.publish(note.data)
        return note.data

    @property
    def fetch(self):
        return read_from(self.folder)

    def close(self):
        self.store.close()
        for one in self.memories:
            one.close()
