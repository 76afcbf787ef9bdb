"""The parsing processes of one open case, kept between adds: starting one takes longer than parsing a small export."""

from concurrent.futures import ThreadPoolExecutor

from filon.evidence.worker import Worker
from filon.settings import Limits

__all__ = ["Crew"]

_PROCESSES = 2
_MUCH = 64 << 20
"""Bytes of evidence after which the processes are ended, so that the memory they took goes back."""


class Crew(list[Worker]):
    """Each process starts with its first task, from a thread that lasts as long as the crew."""

    def __init__(self, limits: Limits) -> None:
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="crew")
        super().__init__(Worker(limits, self._starter) for _ in range(_PROCESSES))

    def rest(self, parsed: int) -> None:
        """An add is done that parsed so many bytes."""
        if parsed > _MUCH:
            self.end()

    def end(self) -> None:
        """End the processes; the next task starts new ones."""
        for worker in self:
            worker.close()

    def close(self) -> None:
        """End the processes for good."""
        self.end()
        self._starter.shutdown()
