"""All that touches the log's disk, for one thread: accept, integrate, prove, publish."""

from collections.abc import Callable
from pathlib import Path

from filon_net.log.checkpoints import Checkpoint
from filon_net.loghost.folder import key_of, open_log, read_rules
from filon_net.loghost.gate import Gate
from filon_net.loghost.spent import SpentTokens

__all__ = ["LogHost"]


class LogHost:
    """A log open for writing with its gate. LogBusy, LogDamaged."""

    def __init__(self, folder: Path, clock: Callable[[], float]) -> None:
        rules = read_rules(folder)
        self._store = open_log(folder)
        self._spent = SpentTokens(folder / "private" / "admitted")
        self.origin = self._store.checkpoint.origin
        operators, release_keys = map(key_of, rules.operators), map(key_of, rules.release_keys)
        self._gate = Gate(self.origin, operators, release_keys, self._spent, clock)
        for index, data in enumerate(self._store.entries()):
            self._gate.note(index, data)

    @property
    def waiting(self) -> int:
        """Entries accepted and not yet under a checkpoint."""
        return self._store.waiting

    def accept(self, data: bytes, token: bytes | None) -> int:
        """The index of an entry that is on the disk when this returns. LogError where it is not let in."""
        ticket = self._gate.check(data, token)
        if ticket.index is not None:
            return ticket.index
        if ticket.spends is not None and ticket.user is not None:
            self._spent.spend(ticket.spends, ticket.user)
        index = self._store.append([data])
        self._gate.note(index, data)
        self._gate.took(ticket)
        return index

    def integrate(self) -> tuple[Checkpoint, bytes]:
        """Put what waits under a checkpoint; it and its signed note."""
        note = self._store.integrate()
        return self._store.checkpoint, note

    def prove(self, old: int) -> list[bytes]:
        """The consistency proof from ``old`` entries to the signed tree; ProofFailed where it never had so many."""
        return self._store.tree().consistency(old)

    def publish(self, note: bytes) -> None:
        """Serve this note to phones."""
        self._store.publish(note)

    def tidy(self) -> int:
        """Remove partial tiles that no published checkpoint needs; how many."""
        return self._store.tidy()

    def close(self) -> None:
        """Let go of the folder."""
        self._spent.close()
        self._store.close()
