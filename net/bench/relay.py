"""What a relay carries, by hand: ``python net/bench/relay.py --store sqlite|postgres|peers --size tiny|small|middle|full``.

Parts, in this order, for one store: phones are admitted and held idle; at a fixed rate, the time from the sender's Posted to the
receiver's Deliver, with all the idle phones there; as many durable messages as go, delivered and erased, and posted only; then the
same again with messages lying in mailboxes. ``--store peers`` holds and loads Mosquitto and NATS in the same way, with passwords
and without durability. Everything runs on this machine, the phones too. One JSON file in net/bench/results for each run.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from relay_load import OPERATOR
from relay_lying import EACH, lay
from relay_machine import NET, Cluster, Load, Relay, described, free, resident

SIZES = {
    # phones, edges on PostgreSQL, seconds of each measurement, messages lying
    "tiny": (40, 2, 2, 400),
    "small": (300, 2, 5, 4_000),
    "middle": (10_000, 2, 20, 200_000),
    "full": (50_000, 3, 60, 5_000_000),
}
_EACH_PROCESS = 16_000
"""Phones of one load process: it may have 20,000 descriptors."""
_LATENCY_RATE = 1_000
_KEEP_FREE = 25 * 10**9
_BYTES_EACH = {"sqlite": 4_300, "postgres": 4_600}


def parts(first: int, count: int) -> list[tuple[int, int]]:
    return [(at, min(_EACH_PROCESS, first + count - at)) for at in range(first, first + count, _EACH_PROCESS)]


def held(relay: Relay, phones: int, join: bool) -> tuple[list[Load], float, int]:
    """Phones that hold their connections, seconds it took, and how often one had to try again."""
    began = time.monotonic()
    loads = [
        Load(do="hold", ports=relay.ports, relay=relay.name, first=first, count=count, join=join)
        for first, count in parts(0, phones)
    ]
    again = sum(load.hear()["again"] for load in loads)
    return loads, time.monotonic() - began, again


def driven(relay: Relay, phones: int, seconds: float, rate: int, senders: int, mark: int) -> dict[str, Any]:
    load = Load(
        do="drive", ports=relay.ports, relay=relay.name, first=0, count=min(phones, 5_000), seconds=seconds,
        rate=rate, senders=senders, window=32, mark=mark,
    )  # fmt: skip
    load.hear()
    before = relay.processor()
    load.say()
    told = load.hear()
    told["cpu"] = relay.processor() - before
    return told


def spread(values: list[float]) -> dict[str, float] | None:
    """Milliseconds; None without values."""
    if not values:
        return None
    ranked = sorted(values)
    return {name: 1_000 * ranked[min(len(ranked) - 1, int(len(ranked) * part))] for name, part in
            (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("p999", 0.999), ("most", 1.0))}  # fmt: skip


def measure(relay: Relay, phones: int, seconds: float, loads: list[Load] | None) -> dict[str, Any]:
    """Latency at a fixed rate, then throughput, to phones that are held; ``loads`` end here, for what they saw."""
    at_rate = driven(relay, phones, seconds, _LATENCY_RATE, 20, 0)
    time.sleep(1)
    most = driven(relay, phones, seconds, 0, 8, 1 << 40)
    time.sleep(2)
    arrived: dict[int, float] = {}
    lost = 0
    for load in loads or []:
        told = load.end()
        arrived.update((mark, at) for mark, at in told["delivered"])
        lost += told["lost"]
    posted = {mark: (began, at) for mark, began, at in at_rate["posted"]}
    both = [mark for mark in posted if mark in arrived]
    everything = [mark for mark, *_ in most["posted"]]
    return {
        "latency": {
            "asked_per_second": _LATENCY_RATE,
            "posted": len(posted),
            "refused": at_rate["refused"],
            "undelivered": len(posted) - len(both),
            # a receiver may hear of a message before its sender hears that it is durable: that counts as 0
            "posted_to_delivered": spread([max(0.0, arrived[mark] - posted[mark][1]) for mark in both]),
            "sent_to_delivered": spread([arrived[mark] - posted[mark][0] for mark in both]),
            "sent_to_posted": spread([at - began for began, at in posted.values()]),
            "relay_cpu_us_per_message": 1e6 * at_rate["cpu"] / max(1, len(posted)),
        },
        "most": {
            "posted": len(everything),
            "per_second": len(everything) / seconds,
            "refused": most["refused"],
            "delivered": sum(mark in arrived for mark in everything),
            "sent_to_posted": spread([at - began for _, began, at in most["posted"]]),
            "relay_cpu_us_per_message": 1e6 * most["cpu"] / max(1, len(everything)),
        },
        "lost_connections": lost,
    }


def run(store: str, size: str, lying: int | None) -> dict[str, Any]:
    phones, edges, seconds, lie = SIZES[size]
    lie = lie if lying is None else lying
    if store == "sqlite":
        edges, phones = 1, min(phones, 19_000)  # one process, and 20,000 descriptors
    folder = Path(tempfile.mkdtemp(prefix="filon-relay-bench-"))
    room = (free(folder) - _KEEP_FREE) // _BYTES_EACH[store]
    result: dict[str, Any] = {
        "machine": described(), "store": store, "size": size, "edges": edges, "phones": phones, "seconds": seconds,
        "at": time.strftime("%Y-%m-%d", time.gmtime()), "command": " ".join(["python net/bench/relay.py", *sys.argv[1:]]),
    }  # fmt: skip
    cluster = Cluster("shared_buffers=1GB", "max_wal_size=4GB", "wal_recycle=off") if store == "postgres" else None
    url = cluster.database() if cluster else None
    try:
        relay = Relay(folder / "relay", edges, url, OPERATOR.public_key().public_bytes_raw())
        bare = relay.memory()
        loads, took, again = held(relay, phones, True)
        time.sleep(3)
        cpu = relay.processor()
        time.sleep(10)
        memory = relay.memory()
        result["idle"] = {
            "phones": phones, "join_seconds": took, "tried_again": again, "relay_bytes": memory, "bytes_bare": bare,
            "store_memory": cluster_memory(cluster),
            "kb_per_connection": (memory - bare) / phones / 1_000, "cpu_percent": 10 * (relay.processor() - cpu),
        }  # fmt: skip
        say("idle", result["idle"])
        result["empty"] = measure(relay, phones, seconds, loads)
        say("empty", result["empty"])
        alone = driven(relay, phones, seconds, 0, 8, 1 << 50)
        result["posted_only"] = {
            "per_second": len(alone["posted"]) / seconds, "refused": alone["refused"],
            "sent_to_posted": spread([at - began for _, began, at in alone["posted"]]),
            "relay_cpu_us_per_message": 1e6 * alone["cpu"] / max(1, len(alone["posted"])),
        }  # fmt: skip
        say("posted only", result["posted_only"])
        relay.stop()
        count = min(lie, room) // EACH * EACH
        if count > 0:
            took = lay(count, None if url else folder / "relay" / "mailboxes.sqlite", url)
            relay = Relay(folder / "relay", edges, url, OPERATOR.public_key().public_bytes_raw())
            loads, back, again = held(relay, phones, False)
            time.sleep(5)
            result["lying"] = {"messages": count, "asked": lie, "lay_seconds": took, "open_seconds": back, "tried_again": again,
                               "store_bytes": stored(folder, cluster), **measure(relay, phones, seconds, loads)}  # fmt: skip
            say("lying", result["lying"])
            relay.stop()
    finally:
        if cluster:
            cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)
    return result


def cluster_memory(cluster: Cluster | None) -> int | None:
    """Bytes of all processes of PostgreSQL, shared ones once; None where there is none."""
    if cluster is None:
        return None
    children = Path(f"/proc/{cluster.pid}/task/{cluster.pid}/children").read_text().split()
    return sum(resident(int(pid)) for pid in (cluster.pid, *children))


def stored(folder: Path, cluster: Cluster | None) -> int:
    root = cluster.data if cluster else folder
    return sum(file.stat().st_size for file in root.rglob("*") if file.is_file() and "pg_wal" not in file.parts)


def say(what: str, values: dict[str, Any]) -> None:
    print(what, json.dumps(values), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", choices=["sqlite", "postgres", "peers"], required=True)
    parser.add_argument("--size", choices=SIZES, default="small")
    parser.add_argument("--lying", type=int, help="messages lying in mailboxes, instead of the size's own number")
    asked = parser.parse_args()
    if asked.store == "peers":
        from relay_peers import run_peers

        result = run_peers(*SIZES[asked.size][:3:2], _LATENCY_RATE, spread, say)
        result |= {"machine": described(), "store": "peers", "size": asked.size,
                   "at": time.strftime("%Y-%m-%d", time.gmtime()),
                   "command": " ".join(["python net/bench/relay.py", *sys.argv[1:]])}  # fmt: skip
    else:
        result = run(asked.store, asked.size, asked.lying)
    target = NET / "bench" / "results" / f"relay-{asked.store}-{asked.size}.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(result, indent=1) + "\n")
    print("wrote", target.relative_to(NET.parent))


if __name__ == "__main__":
    main()
