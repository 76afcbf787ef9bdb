"""Who writes to whom, as whoever holds the relay would work it out.

A *unit* is what surely comes of one sender: the posts by one capability (where each contact has its own), joined with
those that shared a connection. For every unit and every mailbox the attacker weighs how likely the mailbox's owner is the
sender: was the owner connected at each post, from the same address, had they just connected, had they just left new bundles?
Then, for every two mailboxes, how often a post into the one followed a delivery into the other, in the times of replies and
receipts, against what chance would give (statistical disclosure). What these are worth together the attacker learns on a
network of their own making, whose truth they know.
"""

from dataclasses import dataclass

import numpy as np
from graph_phones import Seen

from filon_net.wire import BLOB_SIZES

__all__ = ["Evidence", "days_alike", "evidence", "follows", "linked", "links_found", "numbered", "of_pairs"]

_WINDOWS = ((0.2, 60.0), (55.0, 640.0))
_ODD = 0.005
"""How often the attacker takes what they know of a moment to be wrong."""
_TOGETHER = 3 * 3_600
"""Seconds two mailboxes were in use together at least, to count as a pair."""


@dataclass
class Evidence:
    """Of every pair of nodes (``pairs``, rows of two): weaker sender, stronger sender, both together, replies, receipts, days
    alike; and whether they are contacts (for learning and scoring only)."""

    pairs: np.ndarray
    features: np.ndarray
    truth: np.ndarray


def linked(seen: Seen) -> list[int]:
    """A node for each mailbox; mailboxes of one owner get one node where the relay can tell.

    It reads the certificate in bundles in stock; or it sees connections to two mailboxes opened, or ended, in one second, again
    and again.
    """
    boxes = len(seen.owner)
    node = list(range(boxes))
    if seen.conduct.bundles == "readable":
        first: dict[int, int] = {}
        return [first.setdefault(owner, box) for box, owner in enumerate(seen.owner)]
    opened: list[list[float]] = [[] for _ in range(boxes)]
    ended: list[list[float]] = [[] for _ in range(boxes)]
    for box, begin, end, _ in seen.opens:
        opened[box].append(begin)
        ended[box].append(end)
    if seen.conduct.address == "phone":
        whose: dict[int, int] = {}
        for box, _, _, where in sorted(seen.opens):
            node[box] = node[whose.setdefault(where, box)]
        return node
    for late in range(boxes):
        for early in range(late):
            if _at_once(opened[early], opened[late][1:]) or _at_once(ended[early], ended[late][:-1]):
                node[late] = node[early]
                break
    return node


def _at_once(early: list[float], late: list[float]) -> bool:
    """Whether, while the early mailbox was held, what happened to the late one happened to both in one second."""
    if not early or len(late) < 3:
        return False
    times, both = np.array(early), np.array(late)
    both = both[both <= times.max() + 1.0]
    place = np.searchsorted(times, both)
    before, after = times[np.maximum(place - 1, 0)], times[np.minimum(place, len(times) - 1)]
    together = int((np.minimum(np.abs(both - before), np.abs(after - both)) < 1.0).sum())
    return together >= 3 and together > 0.8 * len(both)


def evidence(seen: Seen, contacts: list[tuple[int, int]]) -> Evidence:
    """What a relay that is kept running gives the attacker."""
    node = numbered(linked(seen))
    nodes = max(node) + 1
    posts = np.array(seen.posts, dtype=float)
    at, into = posts[:, 0], np.array([node[int(box)] for box in posts[:, 1]])
    unit = _units(seen, posts)
    total = _senders(seen, node, nodes, at, into, unit, posts[:, 5])
    weight = np.bincount(unit * nodes + into, minlength=(unit.max() + 1) * nodes).reshape(-1, nodes)
    belief = _mutual(total + _answers(seen, node, nodes, at, unit), weight)
    flow = unit * nodes + into if seen.conduct.capability == "contact" else into
    return _joined(seen, node, nodes, contacts, belief, weight, into, flow, at, posts[:, 3])


def numbered(node: list[int]) -> list[int]:
    order = {one: at for at, one in enumerate(sorted(set(node)))}
    return [order[one] for one in node]


def _units(seen: Seen, posts: np.ndarray) -> np.ndarray:
    """For each post its unit: capabilities and connections joined."""
    of_contact = seen.conduct.capability == "contact"
    parent: dict[tuple[str, int], tuple[str, int]] = {}

    def root(one: tuple[str, int]) -> tuple[str, int]:
        while (up := parent.setdefault(one, one)) != one:
            parent[one] = parent.setdefault(up, up)
            one = parent[one]
        return one

    for capability, connection in posts[:, [2, 4]].astype(int):
        if of_contact:
            parent[root(("capability", int(capability)))] = root(("connection", int(connection)))
        else:
            root(("connection", int(connection)))
    numbers: dict[tuple[str, int], int] = {}
    return np.array([numbers.setdefault(root(("connection", int(one))), len(numbers)) for one in posts[:, 4]])


def _senders(
    seen: Seen, node: list[int], nodes: int, at: np.ndarray, into: np.ndarray, unit: np.ndarray, address: np.ndarray
) -> np.ndarray:
    """Log probability, for each unit and node, that the node's owner is the sender."""
    online, opening = _online(seen, node, nodes, at)
    share = online.mean(axis=1, keepdims=True).clip(1e-3, 1 - 1e-3)
    weight = np.where(online, np.log((1 - _ODD) / share), np.log(_ODD / (1 - share)))
    if seen.conduct.address != "none":
        weight += _by_address(seen, node, nodes, address)
    count = unit.max() + 1
    total = np.zeros((count, nodes))
    np.add.at(total, unit, weight)
    total += _excess(_summed(opening, unit, count), opening.mean(axis=0), np.bincount(unit, minlength=count))
    stocked = _near_stock(seen, node, nodes, at)
    total += _excess(_summed(stocked, unit, count), stocked.mean(axis=0), np.bincount(unit, minlength=count))
    np.subtract.at(total, (unit, into), 50.0)  # nobody posts into a mailbox of their own
    return total


def _answers(seen: Seen, node: list[int], nodes: int, at: np.ndarray, unit: np.ndarray) -> np.ndarray:
    """How much more often a unit posts soon after a delivery to a node than after deliveries at large."""
    came = np.array([one[0] for one in seen.deliveries])
    whose = np.array([node[one[1]] for one in seen.deliveries])
    total = np.zeros((unit.max() + 1, nodes))
    for low, high in _WINDOWS:
        found, chance = _counts(at, unit, came, whose, low, high, (total.shape[0], nodes))
        total += np.where(found > chance, found * np.log((found + 1e-9) / (chance + 0.05)) - (found - chance), 0).clip(
            0, 60
        )
    return total


def _mutual(total: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Log probability of each sender, where contacts know each other: who posts to B is somebody to whom B posts."""
    into = weight > 0
    belief = _normal(total)
    for _ in range(3):
        back = _posting(belief, into).clip(-8)
        number = into.sum(axis=1, keepdims=True).clip(1)
        belief = _normal(total + (into @ back) / np.sqrt(number))
    return belief


def _normal(total: np.ndarray) -> np.ndarray:
    total = total - total.max(axis=1, keepdims=True)
    return np.asarray(total - np.log(np.exp(total).sum(axis=1, keepdims=True)))


def _posting(belief: np.ndarray, into: np.ndarray) -> np.ndarray:
    """[writer, reader]: how likely the writer is among those who post to the reader."""
    nodes = belief.shape[1]
    sender = np.full((nodes, nodes), -60.0)
    for one, reader in zip(*np.nonzero(into), strict=True):
        np.maximum(sender[:, reader], belief[one], out=sender[:, reader])
    return sender


def _online(seen: Seen, node: list[int], nodes: int, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each post and node: whether a mailbox of it was open, and whether it had been opened within ten seconds."""
    online = np.zeros((len(at), nodes), dtype=bool)
    opening = np.zeros((len(at), nodes), dtype=bool)
    for box, begin, end, _ in seen.opens:
        first, fresh, last = np.searchsorted(at, (begin, begin + 10, end))
        online[first:last, node[box]] = True
        opening[first : min(fresh, last), node[box]] = True
    return online, opening


def _by_address(seen: Seen, node: list[int], nodes: int, address: np.ndarray) -> np.ndarray:
    behind: dict[int, set[int]] = {}
    for box, _, _, where in seen.opens:
        behind.setdefault(where, set()).add(node[box])
    table = np.full((int(address.max()) + 1, nodes), np.log(_ODD))
    for where, there in behind.items():
        table[where, sorted(there)] = np.log((1 - _ODD) * nodes / len(there))
    return np.asarray(table[address.astype(int)])


def _near_stock(seen: Seen, node: list[int], nodes: int, at: np.ndarray) -> np.ndarray:
    near = np.zeros((len(at), nodes), dtype=bool)
    for when, box in seen.stocked:
        first, last = np.searchsorted(at, (when - 2, when + 2))
        near[first:last, node[box]] = True
    return near


def _summed(flags: np.ndarray, unit: np.ndarray, count: int) -> np.ndarray:
    total = np.zeros((count, flags.shape[1]))
    np.add.at(total, unit, flags.astype(float))
    return total


def _excess(found: np.ndarray, rate: np.ndarray, number: np.ndarray) -> np.ndarray:
    """Log likelihood of more coincidences than chance gives; nothing where there are not more."""
    chance = number[:, None] * rate[None, :] + 0.05
    return np.where(found > chance, found * np.log((found + 1e-9) / chance) - (found - chance), 0.0).clip(0, 60)


def _joined(
    seen: Seen,
    node: list[int],
    nodes: int,
    contacts: list[tuple[int, int]],
    belief: np.ndarray,
    weight: np.ndarray,
    into: np.ndarray,
    flow: np.ndarray,
    at: np.ndarray,
    size: np.ndarray,
) -> Evidence:
    sender = _posting(belief, weight > 0)
    flows, flow = np.unique(flow, return_inverse=True)
    target = np.zeros(len(flows), dtype=int)
    target[flow] = into
    capability_flow = dict(zip(np.array([int(one[2]) for one in seen.posts]), flow, strict=True))
    box_flow = dict(zip(into, flow, strict=True))
    came = np.array([one[0] for one in seen.deliveries])
    if seen.conduct.capability == "contact":
        of = np.array([capability_flow[int(one[2])] for one in seen.deliveries])
    else:
        of = np.array([box_flow[node[int(one[1])]] for one in seen.deliveries])
    scores = []
    for low, high in _WINDOWS:
        which = np.ones(len(at), dtype=bool) if low < 1 else _may_be_receipt(seen, size)
        scores.append(follows(at[which], flow[which], came, of, low, high, len(flows)))
    alike = days_alike(at, flow, len(flows))
    best: list[np.ndarray] = []
    for table in (*scores, alike):
        both = np.minimum(table, table.T) * 0.5 + np.maximum(table, table.T) * 0.5
        pair = np.full((nodes, nodes), -3.0)
        rows, columns = np.meshgrid(target, target, indexing="ij")
        np.maximum.at(pair, (rows, columns), both)
        best.append(pair)
    first, second = np.triu_indices(nodes, 1)
    forward, back = sender[first, second], sender[second, first]
    features = np.column_stack(
        [
            np.minimum(forward, back).clip(-30),
            np.maximum(forward, back).clip(-30),
            (forward + back).clip(-60),
            *(table[first, second].clip(-3, 25) for table in best),
        ]
    )
    return of_pairs(seen, node, contacts, first, second, features)


def of_pairs(
    seen: Seen,
    node: list[int],
    contacts: list[tuple[int, int]],
    first: np.ndarray,
    second: np.ndarray,
    features: np.ndarray,
) -> Evidence:
    """Pairs of two persons' nodes that were in use at one time, and whether they are contacts."""
    person = {one: seen.owner[box] for box, one in enumerate(node)}
    used = {one: [seen.used[box] for box, mine in enumerate(node) if mine == one] for one in person}
    true = set(contacts)
    kept, truth = [], []
    for place, (a, b) in enumerate(zip(first, second, strict=True)):
        pair = (min(person[a], person[b]), max(person[a], person[b]))
        shared = max(min(e, f) - max(c, d) for c, e in used[a] for d, f in used[b])
        if pair[0] != pair[1] and shared > _TOGETHER:
            kept.append(place)
            truth.append(pair in true)
    return Evidence(np.column_stack([first, second])[kept], features[kept], np.array(truth))


def links_found(seen: Seen) -> tuple[int, int]:
    """Of the mailboxes that replaced another, how many the relay ties to an earlier one of their owner, and how many there are."""
    node = linked(seen)
    later = [box for box, owner in enumerate(seen.owner) if owner in seen.owner[:box]]
    return sum(
        any(node[box] == node[early] and seen.owner[early] == seen.owner[box] for early in range(box)) for box in later
    ), len(later)


def _may_be_receipt(seen: Seen, size: np.ndarray) -> np.ndarray:
    """The shortest blobs; without padding, those of 17 bytes a message and nothing else."""
    if seen.conduct.sizes == "padded":
        return np.asarray(size == size.min())
    extra = size - BLOB_SIZES[0]
    return np.asarray((extra % 17 == 0) & (extra < 17 * 40))


def follows(
    at: np.ndarray, flow: np.ndarray, came: np.ndarray, of: np.ndarray, low: float, high: float, count: int
) -> np.ndarray:
    """For flows (delivered, posted): how far posts follow deliveries within the window more often than chance, in deviations."""
    found, chance = _counts(at, flow, came, of, low, high, (count, count))
    return np.asarray(((found - chance) / np.sqrt(chance + 0.5)).T)


def _counts(
    at: np.ndarray, who: np.ndarray, came: np.ndarray, of: np.ndarray, low: float, high: float, shape: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """For (poster, delivered): posts that had a delivery within the window before them, and how many chance would give."""
    found, chance = np.zeros(shape), np.zeros(shape)
    share = np.bincount(of, minlength=shape[1]) / len(of)
    first, last = np.searchsorted(came, at - high), np.searchsorted(came, at - low)
    for post in range(len(at)):
        before = of[first[post] : last[post]]
        if len(before):
            found[who[post], np.unique(before)] += 1
    for size in np.unique(last - first):
        crowd = np.bincount(who[last - first == size], minlength=shape[0])
        chance += crowd[:, None] * (1 - (1 - share[None, :]) ** size)
    return found, chance


def days_alike(at: np.ndarray, flow: np.ndarray, count: int) -> np.ndarray:
    days = np.zeros((count, int(at.max() // 86_400) + 1))
    np.add.at(days, (flow, (at // 86_400).astype(int)), 1.0)
    shape = np.log1p(days)
    shape -= shape.mean(axis=1, keepdims=True)
    norm = np.linalg.norm(shape, axis=1, keepdims=True) + 1e-9
    return np.asarray(5 * (shape / norm) @ (shape / norm).T)
