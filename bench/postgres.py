"""PostgreSQL full text on the same lines: a cluster of its own in a temporary folder, on a socket, gone afterwards.

A text column with a GIN index on ``to_tsvector('simple', text)`` and an index on the time; asked through ``psql``, whose
``\\timing`` counts from the request to the last row.
"""

import csv
import os
import pwd
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from corpora import rows
from figures import Peer, PeerAnswers, Spread
from machine import Cost, Watched, bytes_below, processor_seconds
from peers import LEAST, PATIENCE, asked

__all__ = ["found", "measure"]

PER_CLASS = 20
_TIME = re.compile(r"^Time: ([0-9.]+) ms", re.MULTILINE)
_SETTINGS = {
    "listen_addresses": "''",
    "shared_buffers": "'1GB'",
    "maintenance_work_mem": "'1GB'",
    "fsync": "off",
    "full_page_writes": "off",
    "max_wal_size": "'8GB'",
}


@dataclass(frozen=True)
class _Cluster:
    folder: Path
    who: list[str]
    """What a command begins with so that it runs as somebody who is not root."""
    programs: Path

    def sql(self, script: str) -> str:
        """What ``psql`` answers to a script, unaligned; a failing statement ends it."""
        command = [*self.who, str(self.programs / "psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]
        done = subprocess.run(
            [*command, "-h", str(self.folder), "-d", "postgres"],
            input=script,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout


def found() -> Path | None:
    """The folder of PostgreSQL's programs, where it is installed."""
    known = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    program = known[-1] if known else shutil.which("postgres")
    return Path(program).parent if program else None


def measure(corpus: Path, folder: Path, questions: Path) -> Peer:
    """Load, index and ask."""
    programs = found()
    if programs is None:
        raise SystemExit("PostgreSQL is not installed; leave it out with --peers fts5,duckdb")
    with _running(folder, programs) as (cluster, process):
        before, began = _processor(process.pid), time.perf_counter()
        watched = Watched(process.pid, shared=True)
        table = folder / "messages.csv"
        with table.open("w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerows((a, b, c, d.replace("\0", "")) for a, b, c, d in rows(corpus))
        cluster.sql(_load(table))
        seconds, cpu = time.perf_counter() - began, _processor(process.pid) - before
        watched.stop()
        table.unlink()
        count = int(cluster.sql("select count(*) from messages"))
        cost = Cost(seconds, cpu, watched.peak, {"messages": count}, watched.memory)
        answers = {name: _answers(cluster, texts) for name, texts in asked(questions, PER_CLASS)}
        return Peer(cost, bytes_below(folder / "data"), answers)


def _processor(pid: int) -> float:
    """Of the server, and of this process, which parses the lines for it."""
    return processor_seconds(pid) + time.process_time()


@contextmanager
def _running(folder: Path, programs: Path) -> "Iterator[tuple[_Cluster, subprocess.Popen[bytes]]]":
    """A cluster as the user ``postgres`` where we are root, else as ourselves."""
    who = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
    folder.mkdir(parents=True)
    if who:
        shutil.chown(folder, "postgres", pwd.getpwnam("postgres").pw_gid)
    data = folder / "data"
    subprocess.run(
        [*who, programs / "initdb", "-D", data, "-E", "UTF8", "--locale=C", "-A", "trust", "-N"],
        check=True, stdout=subprocess.DEVNULL, cwd=folder,
    )  # fmt: skip
    options = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value.strip(chr(39))}")]
    command = [*who, programs / "postgres", "-D", data, "-k", folder, *options]
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.DEVNULL) as process:
        try:
            for _ in range(100):
                ready = subprocess.run([programs / "pg_isready", "-q", "-h", folder], check=False)
                if ready.returncode == 0:
                    break
                time.sleep(0.1)
            yield _Cluster(folder, who, programs), process
        finally:
            process.terminate()


def _load(table: Path) -> str:
    return f"""create table messages (id bigint generated always as identity primary key,
  sent text, conversation text, sender text, text text);
\\copy messages(sent, conversation, sender, text) from '{table}' csv
create index found on messages using gin (to_tsvector('simple', text));
create index by_sent on messages (sent);
vacuum analyze messages;
"""


def _answers(cluster: _Cluster, texts: list[str]) -> PeerAnswers:
    hits, newest, counted, whole, began = [], [], [], [], time.monotonic()
    for text in texts:
        where = f"from messages where to_tsvector('simple', text) @@ to_tsquery('simple', '{_query(text)}')"
        count = f"select count(*) {where};"
        facets = [
            f"select {column}, count(*) as n {where} group by 1 order by n desc limit 12;"
            for column in ("sender", "conversation", "substr(sent, 1, 10)")
        ]
        hits.append(int(cluster.sql(count)))
        first, again, *each = _milliseconds(cluster, [f"select * {where} order by sent desc limit 50;", count, *facets])
        newest.append(first)
        counted.append(again)
        whole.append(again + sum(each))
        if time.monotonic() - began > PATIENCE and len(hits) >= LEAST:
            break
    return PeerAnswers(hits, Spread.of(newest), Spread.of(counted), Spread.of(whole))


def _milliseconds(cluster: _Cluster, statements: list[str]) -> list[float]:
    told = cluster.sql("\\o /dev/null\n\\timing on\n" + "\n".join(statements))
    times = [float(value) for value in _TIME.findall(told)]
    if len(times) != len(statements):
        raise SystemExit(f"psql told {len(times)} times for {len(statements)} statements")
    return times


def _query(text: str) -> str:
    """A search of ``peers.CLASSES`` in the words of ``to_tsquery``."""
    text = text.replace("'", "''")
    if text.startswith('"'):
        return " <-> ".join(text.strip('"').split())
    if text.endswith("*"):
        return f"{text[:-1]}:*"
    if " OR " not in text and " NOT " not in text:
        return " & ".join(text.split())
    return text.replace(" OR ", " | ").replace(" NOT ", " & !")
