"""Write net/docs/performance.md from what the runs left in net/bench/results: ``python net/bench/page.py``."""

import json
from pathlib import Path
from typing import Any

NET = Path(__file__).parents[1]
RESULTS = NET / "bench" / "results"
PAGE = NET / "docs" / "performance.md"
STORES = {"sqlite": "SQLite", "postgres": "PostgreSQL"}
ORDER = ("full", "middle", "small", "tiny")
_HEAD = """\
# What a relay carries

Written by `python net/bench/page.py` from `net/bench/results`; not by hand. A message is a sealed blob of 3,527 bytes, the
shortest there is. Every phone is an authenticated WebSocket that proved its mailbox. Relay, store and phones share one machine, and
the phones take about as much of it as the relay. *Posted* is said after the commit was flushed. One run each unless said.

## Against the goals

""".splitlines()


def main() -> None:
    found = {store: [one for size in ORDER if (one := _read(store, size))] for store in (*STORES, "peers")}
    PAGE.write_text(page(found), encoding="utf-8")
    print("wrote", PAGE.relative_to(NET.parent))


def _read(store: str, size: str) -> dict[str, Any] | None:
    file = RESULTS / f"relay-{store}-{size}.json"
    return json.loads(file.read_text()) if file.exists() else None


def page(found: dict[str, list[dict[str, Any]]]) -> str:
    """The page; what was not run is said to be not run."""
    lines = [*_HEAD, "| | must | aim | " + " | ".join(STORES.values()) + " |", "|---|---|---|" + "---|" * len(STORES)]
    best = {store: (runs[0] if runs else None) for store, runs in found.items()}
    for what, must, aim, pick in _GOALS:
        cells = [pick(run) if (run := best[store]) else "not run" for store in STORES]
        lines.append(f"| {what} | {must} | {aim} | " + " | ".join(cells) + " |")
    lines += ["", *_sizes(best), "", "## Beside bare carriers", ""]
    lines += _peers(best)
    for store, title in STORES.items():
        for run in found[store]:
            lines += ["", f"## {title}, {run['size']}", "", *_run(run)]
    return "\n".join(lines) + "\n"


def _sizes(best: dict[str, dict[str, Any] | None]) -> list[str]:
    return [
        f"{STORES[store]}: size *{run['size']}*, {run['phones']:,} phones, relay processes: {run['edges']}."
        for store in STORES
        if (run := best[store])
    ]


def _peers(best: dict[str, dict[str, Any] | None]) -> list[str]:
    run = best["peers"]
    if run is None:
        return ["Not run."]
    rows = [
        "Mosquitto (QoS 1) and NATS (core, a PING behind each message) with passwords on plain TCP, nothing durable,",
        "the same bytes: what carrying alone costs.",
        "",
        "| | phones | KB each | messages/s | server CPU µs/message | sent to delivered at 1,000/s, p50 · p99 ms |",
        "|---|---|---|---|---|---|",
    ]
    for store, title in STORES.items():
        if one := best[store]:
            late, most = one["empty"]["latency"], one["empty"]["most"]
            rows.append(_row(f"relay on {title}", one["phones"], one["idle"]["kb_per_connection"], most["per_second"],
                             most["relay_cpu_us_per_message"], late["sent_to_delivered"]))  # fmt: skip
    for peer, title in (("mosquitto", "Mosquitto"), ("nats", "NATS")):
        if one := run.get(peer):
            rows.append(_row(title, one["phones"], one["kb_per_connection"], one["most"]["per_second"],
                             one["most"]["cpu_us_per_message"], one["latency"]["sent_to_delivered"]))  # fmt: skip
        else:
            rows.append(f"| {title} | not installed | | | | |")
    return [*rows, "", f"Peers: `{run['command']}`, {run['at']}, size *{run['size']}*."]


def _row(name: str, phones: int, each: float, rate: float, cpu: float, late: dict[str, float] | None) -> str:
    return f"| {name} | {phones:,} | {each:.1f} | {rate:,.0f} | {cpu:.0f} | {_pair(late)} |"


def _pair(late: dict[str, float] | None) -> str:
    return f"{late['p50']:.1f} · {late['p99']:.1f}" if late else "none delivered"


def _run(run: dict[str, Any]) -> list[str]:
    idle = run["idle"]
    lines = [
        f"`{run['command']}`, {run['at']}; "
        + ", ".join(f"{name} {value}" for name, value in run["machine"].items())
        + ".",
        "",
        f"{idle['phones']:,} phones joined in {idle['join_seconds']:.1f} s and were held in {idle['relay_bytes'] / 2**20:,.0f} MiB"
        f" ({idle['kb_per_connection']:.1f} KB each: proportional set size of the relay's processes less that of empty ones),"
        f" idle at {idle['cpu_percent']:.1f} % of one core."
        + (f" PostgreSQL itself had {idle['store_memory'] / 2**20:,.0f} MiB." if idle["store_memory"] else ""),
        "",
        "| | messages/s | refused | delivered and erased | relay CPU µs/message | sent to Posted p50 · p99 ms"
        " | at 1,000/s: Posted to delivered p50 · p99 ms | sent to delivered |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, title in (("empty", "mailboxes empty"), ("lying", "messages lying")):
        if one := run.get(name):
            most, late = one["most"], one["latency"]
            waits = [
                _pair(each) for each in (most["sent_to_posted"], late["posted_to_delivered"], late["sent_to_delivered"])
            ]
            lines.append(
                f"| {title} | {most['per_second']:,.0f} | {most['refused']:,} | {most['delivered']:,} of {most['posted']:,}"
                f" | {most['relay_cpu_us_per_message']:.0f} | {' | '.join(waits)} |"
            )
    only = run["posted_only"]
    lines.append(
        f"| posted only, nobody there | {only['per_second']:,.0f} | {only['refused']:,} | |"
        f" {only['relay_cpu_us_per_message']:.0f} | {_pair(only['sent_to_posted'])} | | |"
    )
    if lying := run.get("lying"):
        lines += ["", f"{lying['messages']:,} messages lay in mailboxes ({lying['asked']:,} were asked for; 20,000,000"
                  f" would take {20_000_000 / lying['messages'] * lying['store_bytes'] / 1e9:,.0f} GB), "
                  f"{lying['store_bytes'] / 1e9:.1f} GB, laid past the relay in {lying['lay_seconds']:.0f} s; "
                  f"all phones came back in {lying['open_seconds']:.1f} s."]  # fmt: skip
    return lines


def _held(run: dict[str, Any]) -> str:
    idle = run["idle"]
    return f"{idle['phones']:,} in {idle['relay_bytes'] / 2**30:.2f} GiB"


def _late(one: dict[str, Any]) -> str:
    late = one["latency"]["posted_to_delivered"]
    return f"{late['p99']:.1f} ms" if late else "none delivered"


def _lying(run: dict[str, Any]) -> str:
    return f"{_late(one)}, {one['messages']:,} lying" if (one := run.get("lying")) else "not run"


def _most_lying(run: dict[str, Any]) -> str:
    if (one := run.get("lying")) is None:
        return "not run"
    return f"{one['most']['per_second']:,.0f}, {one['messages']:,} lying"


_GOALS = (
    ("idle phones held", "50,000 in 1.5 GiB", "100,000", _held),
    (
        "durable messages/s, delivered and erased",
        "3,000",
        "10,000",
        lambda run: f"{run['empty']['most']['per_second']:,.0f}",
    ),
    ("the same with messages lying", "3,000", "10,000", _most_lying),
    ("durable messages/s, posted only", "", "", lambda run: f"{run['posted_only']['per_second']:,.0f}"),
    ("Posted to delivered at 1,000/s, p99", "150 ms", "50 ms", lambda run: _late(run["empty"])),
    ("the same with messages lying", "150 ms", "50 ms", _lying),
    ("alert to 50,000 connected", "3 s", "1 s", lambda run: "not built"),
)


if __name__ == "__main__":
    main()
