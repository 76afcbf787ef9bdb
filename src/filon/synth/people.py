"""The people of the synthetic network: every one of them follows from the seed and a number, in any order, in any process."""

from functools import cache, lru_cache
from random import Random

import msgspec

from filon.synth.chance import chance, key_of, pick, zipf
from filon.synth.talk.lexicon import LANGUAGES, names

__all__ = ["COMMUNITY", "DAYS", "START", "Person", "handle_at", "nickname", "person"]

START = 1_585_699_200
"""2020-04-01T00:00:00Z in seconds."""
DAYS = 90
COMMUNITY = 48
"""Most people a community has. The person ``i`` of community ``c`` has the number ``48 c + i``."""

LAWYER = 5
"""Place of the lawyer in every tenth community, the first included."""

_PERSON, _NICKNAME, _COMMUNITY = 1, 2, 3
_HOURS = {"nl": (2, 2, 2, 2, 1, 4), "fr": (2, 2, 2, 1, 1, 4), "es": (2, 2, 2, -5, -5, 1), "en": (1, 1, 1, 2, 4, 4)}
"""Hours ahead of UTC where people of a language live; no zone of these changes its clock between April and June."""
_TITLES = {
    "fr": ("le {0}", "{0} frere", "cousin {0}", "petit {0}", "{0} 2", "{0} tel neuf", "vieux {0}"),
    "nl": ("{0} neef", "lange {0}", "kleine {0}", "{0} nieuw", "oom {0}", "{0} 2", "dikke {0}"),
    "es": ("el {0}", "primo {0}", "{0} nuevo", "flaco {0}", "{0} 2", "tio {0}", "{0} viejo"),
    "en": ("big {0}", "{0} new", "lil {0}", "{0} 2", "uncle {0}", "{0} work", "old {0}"),
}
_KIN = {
    "fr": ("maman", "mon coeur", "frerot", "la famille", "ma soeur", "papa"),
    "nl": ("mama", "schatje", "broertje", "zus", "thuis", "papa"),
    "es": ("mama", "mi amor", "hermano", "casa", "la jefa", "papa"),
    "en": ("mum", "babe", "bro", "sis", "home", "dad"),
}


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody invented. ``handles`` are the account names in order; ``changed`` the second (UTC) the last one began."""

    number: int
    role: str
    name: str
    language: str
    hours: int
    """Hours the person's clock is ahead of UTC."""
    owl: int
    """Hours the person's day is later than usual."""
    handles: tuple[str, ...]
    changed: int | None
    held: bool
    """Whether the phone is among those that were copied."""
    skew: int
    """Seconds the phone's clock is ahead."""
    telephone: str
    """From the ranges kept for fiction; two of many people may share one."""
    hand: tuple[float, float, float, float, float]
    """How the person writes: typos, abbreviations, emoji, plain letters, capitals; each a share of messages."""


@lru_cache(maxsize=4096)
def person(seed: int, number: int) -> Person:
    """The person of this number."""
    draws = chance(seed, _PERSON, number)
    community, member = divmod(number, COMMUNITY)
    role = "lawyer" if community % 10 == 0 and member == LAWYER else names("roles")[member]
    language = _language(seed, community, draws.random())
    moved = draws.random() < 0.09 and member > 1 and role != "lawyer"
    changed = START + int(86_400 * (15 + 60 * draws.random())) if moved else None
    return Person(
        number=number,
        role=role,
        name=f"{zipf(draws, names(language))} {chr(65 + int(26 * draws.random()))}.",
        language=language,
        hours=pick(draws, _HOURS[language]),
        owl=int(draws.random() ** 2 * 5) - 1,
        handles=tuple(_handle(seed, 2 * number + k) for k in range(2 if moved else 1)),
        changed=changed,
        held=role not in {"customer", "friend", "family"} or draws.random() < 0.75,
        skew=_skew(draws),
        telephone=f"+33 6 39 98 {number // 100 % 100:02d} {number % 100:02d}",
        hand=(
            0.12 * draws.random() ** 2,
            draws.random() if draws.random() < 0.4 else 0.0,
            0.2 * draws.random() ** 2,
            1.0 if draws.random() < 0.35 else 0.0,
            1.0 if draws.random() < 0.3 else 0.0,
        ),
    )


def handle_at(someone: Person, second: int) -> str:
    """The account name in use at a time, in seconds UTC."""
    return someone.handles[-1 if someone.changed is not None and second >= someone.changed else 0]


@lru_cache(maxsize=65536)
def nickname(seed: int, owner: int, contact: int) -> str | None:
    """What the contact is called in the owner's list; None where the owner never gave a name."""
    draws = chance(seed, _NICKNAME, owner, contact)
    mine, other = person(seed, owner), person(seed, contact)
    first = other.name.split()[0].lower()
    kind = draws.random()
    if kind < 0.07:
        return None
    if other.role == "family" and kind < 0.5:
        return pick(draws, _KIN[mine.language])
    if other.role == "lawyer" and kind < 0.8:
        return {"fr": "maitre", "nl": "advocaat", "es": "abogado", "en": "solicitor"}[mine.language] + f" {first}"
    if kind < 0.35:
        return first
    if kind < 0.5:
        return other.handles[0][: 4 + int(4 * draws.random())]
    return pick(draws, _TITLES[mine.language]).format(first[: 3 + int(5 * draws.random())])


def _language(seed: int, community: int, drawn: float) -> str:
    """Every community has all languages; which one leads changes from one to the next."""
    rank = sum(drawn >= bound for bound in (0.42, 0.7, 0.88))
    return LANGUAGES[(key_of(seed, _COMMUNITY) + community + rank) % len(LANGUAGES)]


def _skew(draws: Random) -> int:
    """Most clocks are right within seconds, some are minutes off."""
    spread = 3.0 if draws.random() < 0.85 else 240.0
    return round((draws.random() + draws.random() - 1.0) * spread)


@cache
def _handle_words() -> tuple[tuple[str, ...], tuple[str, ...]]:
    return names("handle_first"), names("handle_second")


def _handle(seed: int, number: int) -> str:
    """Two words, a different pair for every number; a digit once all pairs are used up."""
    first, second = _handle_words()
    again, place = divmod(number, len(first) * len(second))
    place = (place * _STRIDE + key_of(seed, _COMMUNITY, 1)) % (len(first) * len(second))
    return first[place % len(first)] + second[place // len(first)] + (str(again + 1) if again else "")


_STRIDE = 7_368_787
"""A prime that divides no count of pairs, so that the walk over them meets each once."""
