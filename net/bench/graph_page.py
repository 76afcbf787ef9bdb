"""The section of the threat model that tells what was measured."""

from typing import Any

__all__ = ["MARKERS", "section"]

MARKERS = ("<!-- begin: written by net/bench/graph.py -->", "<!-- end: written by net/bench/graph.py -->")


def section(result: dict[str, Any]) -> str:
    """Markdown of a result of ``graph.measured``."""
    world = result["world"]
    lines = [
        "",
        f"{world['people']} people in {world['teams']} teams, {world['contacts']} pairs of contacts, {world['days']} days, "
        f"{world['posts']:,} posts. The attacker learns on {world['networks_learned']} made networks whose truth they know and is "
        f"scored on {world['networks_tested']} others. Guessing blindly is right for {world['chance']:.0%} of pairs (AUC 0.5).",
        "",
        "**Seized and kept running.** *Found* is the share of the pairs of contacts that were named, *right* the share of the "
        "named that are contacts, *mailboxes tied* how many new mailboxes were tied to their owner's earlier one.",
        "",
        "| what phones do | today | found | right | F1 | AUC | mailboxes tied |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row['name']} | {'yes' if row['built'] else 'no'} | {row['recall']:.0%} | {row['precision']:.0%} | {row['f1']:.2f} "
        f"| {row['auc']:.2f} | {_share(row)} |"
        for row in result["running"]
    ]
    lines += [
        "",
        "**Seized once.** The store at one moment, no traffic, no addresses.",
        "",
        "| what the store holds | today | found | right | F1 | AUC |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row['name']} | {'yes' if row['built'] else 'no'} | {row['recall']:.0%} | {row['precision']:.0%} | {row['f1']:.2f} "
        f"| {row['auc']:.2f} |"
        for row in result["dump"]
    ]
    return "\n".join([*lines, ""])


def _share(row: dict[str, Any]) -> str:
    return f"{row['links_found']} of {row['links']}" if row["links"] else "–"
