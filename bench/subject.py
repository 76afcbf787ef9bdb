"""filon as the program that is measured: its commands, its reading room, a case on disk."""

import os
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
from machine import Memory, memory

__all__ = ["FILON", "at_rest", "bytes_by_kind", "native_bytes", "opening", "serving", "told"]

FILON = str(Path(sys.executable).with_name("filon"))
_REST = 3.0
"""Seconds until a reading room that was entered is taken to be at rest."""
_OPEN = (
    "import sys, time; from filon.case import open_case; from filon.settings import load; "
    "b = time.perf_counter(); c = open_case(sys.argv[1], load()); c.count(c.view(), ''); "
    "print((time.perf_counter() - b) * 1000)"
)


def opening(name: str) -> float:
    """Milliseconds to open a case in a fresh process, without starting Python and loading its modules."""
    done = subprocess.run([sys.executable, "-c", _OPEN, name], check=True, capture_output=True, text=True)
    return float(done.stdout)


@contextmanager
def serving(case: Path, port: int) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """The reading room of a case in a process of its own: its link, and the process."""
    command = [FILON, "serve", str(case), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip(), process
        finally:
            process.terminate()


def at_rest(case: Path, port: int) -> Memory:
    """What a reading room holds some seconds after somebody entered and saw the overview."""
    with serving(case, port) as (link, process):
        cookies = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        with cookies.open(link) as answer:
            answer.read()
        time.sleep(_REST)
        return memory(process.pid)


def bytes_by_kind(root: Path) -> dict[str, int]:
    """Bytes that a case occupies on disk by kind of file, the items themselves left out; the largest kind first."""
    sizes: Counter[str] = Counter()
    for path in root.rglob("*"):
        place = path.relative_to(root)
        if path.is_file() and place.parts[0] not in {"items", "synthetic"}:
            sizes[_kind(place)] += path.stat().st_blocks * 512
    return dict(sizes.most_common())


def native_bytes(root: Path) -> int:
    """Bytes of the ids that the sources gave their messages, as far as slices hold them.

    In ``messages.arrow`` a column cannot be weighed by itself, so it is written once more, alone and in the same batches.
    """
    total = sum(path.stat().st_blocks * 512 for path in root.glob("slices/*/*") if path.stem in {"native", "by_id"})
    for path in root.glob("slices/*/messages.arrow"):
        with pa.OSFile(os.fspath(path)) as file, pa.ipc.open_file(file) as messages:
            place = messages.schema.get_field_index("native_id")
            if place < 0:
                continue
            sink = pa.MockOutputStream()
            schema = pa.schema([messages.schema.field(place)])
            with pa.ipc.new_file(sink, schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as alone:
                for number in range(messages.num_record_batches):
                    column = messages.get_batch(number).column(place)
                    alone.write_batch(pa.record_batch([column], schema=schema))
            total += sink.size()
    return total


def told(what: str) -> None:
    """Say on the error stream what comes next."""
    sys.stderr.write(f"bench: {what}\n")


def _kind(place: Path) -> str:
    """``slices/words`` for the full-text index, ``slices/messages.arrow``, ``tables/events``, else the name of the top."""
    if place.parts[0] == "slices":
        return f"slices/{place.parts[2]}" if len(place.parts) > 2 else "slices"
    return "/".join(place.parts[:2]) if place.parts[0] == "tables" else place.parts[0]
