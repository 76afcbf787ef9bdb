"""What a relay needs of a store. Two stand behind it, ``sqlite`` and ``postgres``, and one set of tests before it.

A store is called from threads: ``apply``, ``sweep`` and ``tidy`` from one, ``read`` from another.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from filon_net.relay.asks import Ask, Look, Outcome, Page

__all__ = ["Store", "Woken"]

Woken = Callable[[bytes | None, bool], None]
"""Told by another process of the same relay: a mailbox, and True where it was opened there, False where something was
posted. The mailbox is None where the line was lost: anything may have happened."""


class Store(Protocol):
    """Mailboxes that survive a pulled plug."""

    def apply(self, asks: Sequence[Ask], hour: int) -> list[Outcome]:
        """Do a batch whole or not at all; durable when this returns the outcome of each ask.

        StoreFailed where nothing was kept, OutcomeUnknown where that is not known.
        """

    def read(self, looks: Sequence[Look], hour: int) -> list[Page]:
        """For each look its page: blobs with rising numbers, none whose expiry hour has come. StoreFailed."""

    def sweep(self, hour: int, limit: int) -> int:
        """Erase at most ``limit`` blobs whose expiry hour has come, invites past theirs, and a few mailboxes that their owner did
        not come to for ``rules.MONTHS``, with all that lies in them; how many blobs had expired."""

    def listen(self, woken: Woken) -> None:
        """Tell ``woken``, from a thread of the store, what other processes do; never where there can be no others."""

    def tidy(self) -> None:
        """Let what was erased leave the files, as far as this store can do it beside its work."""

    def close(self) -> None:
        """Let go of files and connections."""
