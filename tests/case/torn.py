"""Adds by the command line in a process of their own, to be stopped at any moment, and what they must come to in the end."""

import os
import subprocess
import sys

import msgspec

from filon.settings import Limits

DIVIDED = Limits(block_bytes=200_000, blocks_from=1)
"""With these every table is large: it is read in blocks."""
CODE = """
import os, signal, sys
import msgspec
from filon import settings
from filon.store.embedded import backend, partition

class Watched:
    # The error stream as it is, which presses Ctrl-C when it shows a word.
    def __init__(self, stream, word):
        self.stream, self.word = stream, word
    def __getattr__(self, name):
        return getattr(self.stream, name)
    def isatty(self):
        return True
    def write(self, text):
        if self.word and self.word in text:
            self.word = None
            os.kill(os.getpid(), signal.SIGINT)
        return self.stream.write(text)

limits, load = msgspec.json.decode(sys.argv[1], type=settings.Limits), settings.load
settings.load = lambda: msgspec.structs.replace(load(), limits=limits)
backend.Bounds = lambda: partition.Bounds(rows=int(sys.argv[3]))
signal.signal(signal.SIGINT, signal.default_int_handler)  # who runs in the background heeds no Ctrl-C
if sys.argv[2]:
    sys.stderr = Watched(sys.stderr, sys.argv[2])
from filon.cli import main
main(sys.argv[4:])
"""


def digests(case):
    """One SHA-256 a table over its rows in the order of their numbers; items without the time of adding."""
    found = case._site.store.digests()
    found.pop("items")
    items = [msgspec.structs.replace(row.item, added_at=0) for row in case.items(case.view())]
    return found | {"items": msgspec.json.encode(items)}


def start(home, name, *paths, limits=None, stop_at="", rows=1 << 20):
    """Begin ``filon add`` of these paths; the process.

    ``stop_at``: word of its progress at which Ctrl-C is pressed; ``rows``: of a slice.
    """
    told = msgspec.json.encode(limits or Limits()).decode()
    return subprocess.Popen(
        [sys.executable, "-c", CODE, told, stop_at, str(rows), "add", name, *map(str, paths), "--yes", "--json"],
        env=os.environ | {"FILON_HOME": str(home), "FILON_WHO": "ada", "FILON_LANGUAGE": "en"},
        stdout=subprocess.PIPE if stop_at else subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
