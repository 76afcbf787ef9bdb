"""Who writes to whom, as a copy of a relay's store at one moment lets it be guessed."""

import numpy as np
from graph_attack import Evidence, days_alike, follows, linked, numbered, of_pairs
from graph_phones import Seen

__all__ = ["dump_evidence"]


def dump_evidence(seen: Seen, contacts: list[tuple[int, int]], kept: str, moment: float) -> Evidence:
    """What a copy of the store at one moment gives, and no traffic.

    ``kept``: ``as built`` (posts of the last day of each capability, blobs that wait, by hours), ``hours`` (as if nothing were
    erased, by hours), ``seconds`` (as if nothing were erased, to the second).
    """
    node = numbered(linked(seen))
    nodes = max(node) + 1
    posts = [one for one in seen.posts if one[0] < moment]
    into = np.array([node[one[1]] for one in posts])
    doors, door = np.unique([one[2] for one in posts], return_inverse=True)
    target = np.zeros(len(doors), dtype=int)
    target[door] = into
    at = np.array([one[0] for one in posts])
    if kept == "as built":
        table = _last_day(at, door, len(doors))
        hours = _waiting_hours(seen, posts, door, len(doors), moment)
    elif kept == "hours":
        table = days_alike(at, door, len(doors))
        hours = _same_hours(at, door, len(doors))
    else:
        table = follows(at, door, at, door, 0.2, 60.0, len(doors))
        hours = follows(at, door, at, door, 55.0, 640.0, len(doors))
    first, second = np.triu_indices(nodes, 1)
    columns = []
    for one in (table, hours):
        both = (one + one.T) / 2
        pair = np.full((nodes, nodes), -3.0)
        rows, across = np.meshgrid(target, target, indexing="ij")
        np.maximum.at(pair, (rows, across), both)
        columns.append(pair[first, second].clip(-3, 25))
    return of_pairs(seen, node, contacts, first, second, np.column_stack(columns))


def _last_day(at: np.ndarray, door: np.ndarray, count: int) -> np.ndarray:
    """Likeness of the one count and the one day a relay keeps of each capability."""
    day, number = np.zeros(count), np.zeros(count)
    for one in range(count):
        days = at[door == one] // 86_400
        day[one], number[one] = days.max(), (days == days.max()).sum()
    near = -np.abs(np.log(number)[:, None] - np.log(number)[None, :])
    return np.asarray(np.where(day[:, None] == day[None, :], near + np.log(np.minimum.outer(number, number)), -3.0))


def _waiting_hours(
    seen: Seen, posts: list[tuple[float, int, int, int, int, int]], door: np.ndarray, count: int, moment: float
) -> np.ndarray:
    """Blobs that wait in two mailboxes since the same hours, because their owners are away."""
    boxes: dict[int, set[int]] = {}
    away = _away(seen, moment)
    for when, box, _, _, _, _ in posts:
        if when > away.get(box, 0.0):
            boxes.setdefault(box, set()).add(int(when // 3_600))
    held = {box: hours for box, hours in boxes.items() if hours}
    of_door = dict(zip(door, (one[1] for one in posts), strict=True))
    table = np.zeros((count, count))
    for one in range(count):
        for other in range(count):
            table[one, other] = len(held.get(of_door[one], set()) & held.get(of_door[other], set()))
    return table


def _away(seen: Seen, moment: float) -> dict[int, float]:
    """Since when each mailbox is not open; ``moment`` where it is."""
    since: dict[int, float] = {}
    for box, begin, end, _ in seen.opens:
        if begin < moment:
            since[box] = max(since.get(box, 0.0), min(end, moment))
    return since


def _same_hours(at: np.ndarray, door: np.ndarray, count: int) -> np.ndarray:
    hours = np.zeros((count, int(at.max() // 3_600) + 1))
    hours[door, (at // 3_600).astype(int)] = 1.0
    together, number = hours @ hours.T, hours.sum(axis=1)
    crowd = hours.mean(axis=0)
    chance = np.outer(number, number) * (crowd**2).sum() / max(crowd.sum() ** 2, 1e-9)
    return np.asarray((together - chance) / np.sqrt(chance + 0.5))
