"""The transparency log: who has which keys and which releases exist, in a tree that can only grow.

``entries`` are signed and chained per user (``chains``); ``store`` keeps them as ``tiles`` of a Merkle tree (``merkle``)
under signed ``checkpoints``; each ``witness`` vouches that the tree only grew (``cosignatures``); a phone believes what its
``policy`` lets pass, reads the ``tree`` by whole tiles, and raises the alarm where the log shows less than before or two
histories (``histories``); ``follower`` is all of that as one phone uses it. Nothing here opens a socket: requests and files
come in and go out as bytes.

Formats: RFC 6962, and signed-note, tlog-checkpoint, tlog-tiles, tlog-cosignature and tlog-witness of C2SP.
"""

from filon_net.log.chains import Admission, Head, follow_chain, follow_chains, start_chain
from filon_net.log.checkpoints import Checkpoint, read_checkpoint
from filon_net.log.cosignatures import with_cosignatures
from filon_net.log.entries import Device, Devices, Entry, Release, read_entry, require_release, sign_entry, user_hash
from filon_net.log.follower import Follower, ReleaseRule
from filon_net.log.histories import compare, update
from filon_net.log.keys import COSIGNATURE, NOTE, Signer, VerifierKey, read_verifier_key
from filon_net.log.memory import WitnessMemory
from filon_net.log.notes import read_lines, read_note
from filon_net.log.notices import (
    ChainBrokenAlarm,
    ForeignEntry,
    KeyChange,
    LogAhead,
    LogLate,
    LogSilent,
    NewRelease,
    Notice,
    NotUpdated,
    RolledBackAlarm,
    SplitViewAlarm,
)
from filon_net.log.policy import Accepted, Freshness, Policy, accept, freshness
from filon_net.log.store import LogStore
from filon_net.log.tokens import check_admission, header_of, sign_admission
from filon_net.log.tree import Fetch, TileTree
from filon_net.log.witness import Answer, Witness, request

__all__ = [
    "COSIGNATURE",
    "NOTE",
    "Accepted",
    "Admission",
    "Answer",
    "ChainBrokenAlarm",
    "Checkpoint",
    "Device",
    "Devices",
    "Entry",
    "Fetch",
    "Follower",
    "ForeignEntry",
    "Freshness",
    "Head",
    "KeyChange",
    "LogAhead",
    "LogLate",
    "LogSilent",
    "LogStore",
    "NewRelease",
    "NotUpdated",
    "Notice",
    "Policy",
    "Release",
    "ReleaseRule",
    "RolledBackAlarm",
    "Signer",
    "SplitViewAlarm",
    "TileTree",
    "VerifierKey",
    "Witness",
    "WitnessMemory",
    "accept",
    "check_admission",
    "compare",
    "follow_chain",
    "follow_chains",
    "freshness",
    "header_of",
    "read_checkpoint",
    "read_entry",
    "read_lines",
    "read_note",
    "read_verifier_key",
    "request",
    "require_release",
    "sign_admission",
    "sign_entry",
    "start_chain",
    "update",
    "user_hash",
    "with_cosignatures",
]
