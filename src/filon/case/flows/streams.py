"""The Arrow streams of a folder: what one reading comes to, or several small ones after each other."""

from collections import Counter
from pathlib import Path
from types import TracebackType

import pyarrow as pa

from filon.model import columns

__all__ = ["BATCH", "Streams", "open_stream"]

BATCH = 65_536
"""Rows after which batches that wait for others are written."""
_LARGE = BATCH // 8
"""Rows of a batch that waits for no others."""


class Streams:
    """One stream a table under ``folder``. Small batches are written together, in their order."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sinks: dict[str, pa.ipc.RecordBatchStreamWriter] = {}
        self._files: list[pa.NativeFile] = []
        self._waiting: dict[str, list[pa.RecordBatch]] = {}
        self.rows: Counter[str] = Counter()
        """Rows so far, by table."""

    def __enter__(self) -> "Streams":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()

    def write(self, kind: str, batch: pa.RecordBatch | None) -> None:
        """Add rows to a table; without, the table is there and may be empty."""
        if kind not in self._sinks:
            schema = columns.MESSAGES if kind == "messages" else columns.TABLES[kind]
            file = pa.OSFile(str(self._folder / f"{kind}.arrows"), "wb")
            self._files.append(file)
            self._sinks[kind] = pa.ipc.new_stream(file, schema, options=pa.ipc.IpcWriteOptions(compression="lz4"))
        if batch is None:
            return
        self.rows[kind] += batch.num_rows
        waiting = self._waiting.setdefault(kind, [])
        waiting.append(batch)
        if batch.num_rows >= _LARGE or sum(one.num_rows for one in waiting) >= BATCH:
            self._flush(kind)

    def close(self) -> None:
        """Write what waits and close the files."""
        for kind in self._waiting:
            self._flush(kind)
        for sink in self._sinks.values():
            sink.close()
        for file in self._files:
            file.close()

    def _flush(self, kind: str) -> None:
        waiting, self._waiting[kind] = self._waiting[kind], []
        large = waiting.pop() if len(waiting) > 1 and waiting[-1].num_rows >= _LARGE else None
        if len(waiting) > 1:
            table = pa.Table.from_batches(waiting).unify_dictionaries().combine_chunks()
            waiting = table.to_batches()
        for batch in [*waiting, large]:
            if batch is not None:
                self._sinks[kind].write_batch(batch)


def open_stream(folder: Path, kind: str) -> pa.ipc.RecordBatchStreamReader:
    """One table of a packed reading, batch by batch."""
    return pa.ipc.open_stream(pa.memory_map(str(folder / f"{kind}.arrows")))
