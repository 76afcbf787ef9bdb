"""Fixtures of the tests of faults."""

from case.faults.small_disk import disk

__all__ = ["disk"]
