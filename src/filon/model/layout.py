"""Every path inside a case. Nothing else builds one.

CASE/                      mode 0700
├── case.json              format version, case id, name, public key
├── custody.jsonl          append-only log, chained by hash and signed
├── keys/custody           Ed25519 private key, mode 0600
├── manifest.json          what is visible now; replaced as a whole, by rename
├── writer.lock            held by the one process that writes
├── compaction.lock        held by the one process that merges pieces of slices and tables
├── items/SHA256           evidence taken in with --copy
├── slices/000001/         immutable time slice: messages and their index
│   ├── meta.json          rows, time range, hash of every file beside it
│   ├── messages.arrow     rows sorted by (conversation, time, id)
│   ├── *.npy              integer columns for filters, facets and pages
│   └── words/             one-segment full-text index; document number = row
├── tables/KIND/000001.parquet   events, accounts, names, conversations, participants, attachments, defects, readings
│                          (of several adds: 000008-000031.parquet, the last of them and the state that merged them)
├── desk.sqlite            tags, notes, saved searches, read marks
├── mappings/NAME.toml     table mappings saved for reuse
├── intake/000001/         a running or interrupted add: plan, journal, spilled rows
├── access/SHA256/         what makes records of a large item quick to show again; made when needed, no evidence
├── exchange/              files on their way in or out through the reading room
└── tmp/                   temporary files never lie elsewhere
"""

from pathlib import Path

import msgspec

__all__ = ["CASE_FORMAT", "Layout"]

CASE_FORMAT = 1
"""Version of everything drawn above. Older cases are migrated, newer ones refused."""


class Layout(msgspec.Struct, frozen=True):
    """The paths of the case at ``root``."""

    root: Path

    @property
    def case(self) -> Path:
        return self.root / "case.json"

    @property
    def custody(self) -> Path:
        return self.root / "custody.jsonl"

    @property
    def key(self) -> Path:
        return self.root / "keys" / "custody"

    @property
    def manifest(self) -> Path:
        return self.root / "manifest.json"

    @property
    def lock(self) -> Path:
        return self.root / "writer.lock"

    @property
    def compaction(self) -> Path:
        """Held by who merges pieces of the store."""
        return self.root / "compaction.lock"

    @property
    def desk(self) -> Path:
        return self.root / "desk.sqlite"

    @property
    def mappings(self) -> Path:
        return self.root / "mappings"

    @property
    def slices(self) -> Path:
        return self.root / "slices"

    @property
    def tables(self) -> Path:
        return self.root / "tables"

    @property
    def intakes(self) -> Path:
        return self.root / "intake"

    @property
    def temporary(self) -> Path:
        return self.root / "tmp"

    @property
    def exchange(self) -> Path:
        return self.root / "exchange"

    @property
    def accesses(self) -> Path:
        return self.root / "access"

    def access(self, sha256: str) -> Path:
        """What makes the records of one item quick to show again."""
        return self.accesses / sha256

    def items(self, intake: int) -> Path:
        """Where copied items of one add lie."""
        return self.root / "items" / f"{intake:06d}"

    def slice(self, number: int) -> Path:
        """The folder of one time slice."""
        return self.slices / f"{number:06d}"

    def table(self, kind: str, number: int) -> Path:
        """One part of one table."""
        return self.tables / kind / f"{number:06d}.parquet"

    def intake(self, number: int) -> Path:
        """The folder of one add while it runs."""
        return self.intakes / f"{number:06d}"

    def mapping(self, name: str) -> Path:
        """A saved table mapping."""
        return self.mappings / f"{name}.toml"
