"""Teams line by line: keys of admins, drafts made and shown in words, signed, put into force."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from filon_net.phone.composing import Composing, key_of
from filon_net.phone.errors import NoSuch
from filon_net.phone.links import AdminLink, policy_link, policy_of, read_link
from filon_net.phone.standing import Draft
from filon_net.phone.terminal.command import Command
from filon_net.phone.terminal.moments import lasts, seconds_of
from filon_net.phone.terminal.policy_files import policy_in, save_policy
from filon_net.phone.terminal.team_words import (
    admin_lines,
    draft_words,
    in_force_words,
    member_names,
    standing_words,
    team_name,
)
from filon_net.phone.terminal.typed import number_of
from filon_net.phone.terminal.view import fingerprint_of
from filon_net.wire.links import kind_of

if TYPE_CHECKING:
    from filon_net.phone.terminal.plain import PlainPhone

__all__ = ["TEAM_COMMANDS"]


async def _teams(plain: "PlainPhone", rest: str) -> None:
    say, teams, drafts = plain.words.say, plain.phone.teams(), plain.phone.drafts()
    for number, one in enumerate(teams, 1):
        plain.put(f"{number}. {standing_words(plain.phone.in_force(one.team), plain.words)}")
    for number, draft in enumerate(drafts, len(teams) + 1):
        name, version = team_name(draft.policy), draft.policy.version
        plain.put(
            f"{number}. "
            + say("Draft for team {name}, policy {version}", name=name, version=version)
            + ". "
            + _count(plain, draft)
        )
    if not teams and not drafts:
        plain.put(say("No team has a policy for this phone."))


def _count(plain: "PlainPhone", draft: Draft) -> str:
    return plain.words.say("Signatures: {count}; needed: {needed}.", count=len(draft.signed), needed=draft.needed)


async def _team(plain: "PlainPhone", rest: str) -> None:
    teams, drafts = plain.phone.teams(), plain.phone.drafts()
    number = number_of(rest, len(teams) + len(drafts))
    if number is None:
        raise NoSuch("there is no team and no draft of this number", hint="/teams shows them")
    if number > len(teams):
        _show(plain, drafts[number - len(teams) - 1])
        return
    for one in in_force_words(plain.phone.in_force(teams[number - 1].team), plain.view):
        plain.put(one.text)


async def _join(plain: "PlainPhone", rest: str) -> None:
    teams = plain.phone.teams()
    number = number_of(rest, len(teams))
    if number is None:
        raise NoSuch("there is no team of this number", hint="/teams shows them")
    plain.phone.join_team(teams[number - 1].team)
    plain.put(plain.words.say("Joined: the policy binds this phone, and so does every change its admins sign."))


async def _admin_key(plain: "PlainPhone", rest: str) -> None:
    say = plain.words.say
    if rest == "send":
        plain.phone.send(plain.opened(), plain.phone.admin_link())
        plain.put(say("Written to {name}.", name=plain.view.name(plain.opened())))
        return
    plain.put(say("Your key as an admin of teams") + ": " + " ".join(fingerprint_of(plain.phone.admin_key())))
    plain.put(
        say(
            "It is no secret. Whoever drafts a policy needs it; let them compare all of it with your screen, or send it in a "
            "conversation with somebody you verified. The other half never leaves this phone: with the phone it is lost."
        )
    )
    plain.put(plain.phone.admin_link())


async def _new_team(plain: "PlainPhone", rest: str) -> None:
    plain.composing = Composing(plain.phone, name=rest)
    _composed(plain)


async def _change_team(plain: "PlainPhone", rest: str) -> None:
    teams = plain.phone.teams()
    number = number_of(rest, len(teams))
    if number is None:
        raise NoSuch("there is no team of this number", hint="/teams shows them")
    plain.composing = Composing(plain.phone, teams[number - 1].team)
    _composed(plain)


def _made(plain: "PlainPhone") -> Composing:
    if plain.composing is None:
        raise NoSuch("no policy is being made", hint="/newteam NAME begins one, /changeteam N a change")
    return plain.composing


def _composed(plain: "PlainPhone") -> None:
    """What is set so far, a fact a line."""
    say = plain.words.say
    plain.put(say("A new team") + "." if _made(plain).new else say("A change of a team's policy") + ".")
    for fact in ("name", "members", "admins", "keep", "hold"):
        _fact(plain, fact)
    plain.put(say("/set changes it, /ready shows it in words, to be signed."))


def _fact(plain: "PlainPhone", fact: str) -> None:
    say, made = plain.words.say, _made(plain)
    if fact == "name":
        plain.put(say("Name: {name}", name=made.name))
    elif fact == "members":
        plain.put(say("Members: {names}.", names=member_names(plain.view, sorted(made.members)) or say("nobody")))
    elif fact == "admins":
        plain.put(say("Admins; {needed} of {count} must sign a change:", needed=made.needed, count=len(made.admins)))
        plain.put(admin_lines(plain.view, sorted(made.admins)))
    elif fact == "keep":
        keep = lasts(made.keep, plain.words) if made.keep else say("none")
        plain.put(say("The least time messages stay: {time}", time=keep))
    else:
        plain.put(say("Legal hold: {state}", state=say("on") if made.hold else say("off")))


def _someone(plain: "PlainPhone", rest: str) -> bytes:
    """A contact by name or number, a member by number of their own, or this phone's user."""
    if rest in ("me", plain.words.say("you")):
        return plain.phone.user
    strangers = [one for one in _made(plain).members if rest and one.hex().startswith(rest.lower()) and len(rest) >= 6]
    return strangers[0] if len(strangers) == 1 else plain.which(rest)


def _set_admin(plain: "PlainPhone", rest: str) -> None:
    """``KEY [NAME]``, a link and a name, or a contact who wrote their key."""
    made, given = _made(plain), _key_and_name(rest)
    if given is None:
        user = plain.which(rest)
        key = plain.phone.admin_of(user)
        if key is None:
            raise NoSuch(
                "this contact has not written their key as an admin into your conversation",
                hint="they write it with /adminkey send, or paste the key itself",
            )
        made.admin(key)
        plain.phone.call_admin(key, user)
        return
    key, name = given
    made.admin(key)
    if name:
        plain.phone.call_admin(key, name=name)


def _key_and_name(rest: str) -> tuple[bytes, str] | None:
    """A pasted key, as a link, in one piece or in sixteen groups, and the name after it; None where there is no key."""
    words = rest.split()
    if words and kind_of(words[0]) == "admin":
        return read_link(words[0], AdminLink).key, " ".join(words[1:])
    if words and len(words[0]) == 64:
        return key_of(words[0]), " ".join(words[1:])
    if len(words) >= 16 and all(len(one) == 4 for one in words[:16]):
        return key_of("".join(words[:16])), " ".join(words[16:])
    return None


def _drop_admin(plain: "PlainPhone", rest: str) -> None:
    admins = sorted(_made(plain).admins)
    number = number_of(rest, len(admins))
    if number is None:
        raise NoSuch("there is no admin of this number", hint="the list of what is set has them")
    _made(plain).admin(admins[number - 1], into=False)


def _set_keep(plain: "PlainPhone", rest: str) -> None:
    seconds = seconds_of(rest)
    if seconds is None:
        raise NoSuch("this is no length of time", hint="write it as 30s, 5m, 12h, 7d or 4w, and 0 for never")
    _made(plain).keep = seconds


def _set_hold(plain: "PlainPhone", rest: str) -> None:
    if rest not in ("on", "off"):
        raise NoSuch("say on or off", hint="/set hold on, or /set hold off")
    _made(plain).hold = rest == "on"


_FIELDS: dict[str, tuple[str, Callable[["PlainPhone", str], None]]] = {
    "name": ("name", lambda plain, rest: _made(plain).call(rest)),
    "member": ("members", lambda plain, rest: _made(plain).member(_someone(plain, rest))),
    "nomember": ("members", lambda plain, rest: _made(plain).member(_someone(plain, rest), into=False)),
    "admin": ("admins", _set_admin),
    "noadmin": ("admins", _drop_admin),
    "needed": ("admins", lambda plain, rest: _made(plain).need(number_of(rest, 16) or 0)),
    "keep": ("keep", _set_keep),
    "hold": ("hold", _set_hold),
}
"""What /set sets: the fact that is said afterwards, and how it is set."""


async def _set(plain: "PlainPhone", rest: str) -> None:
    field, _, value = rest.partition(" ")
    _made(plain)
    if not field:
        _composed(plain)
        return
    if field not in _FIELDS:
        raise NoSuch(
            "there is nothing of this name to set",
            hint="/set name X, member WHO, nomember WHO, admin WHO or KEY NAME, noadmin N, needed N, keep TIME, hold on or off",
        )
    fact, change = _FIELDS[field]
    change(plain, value.strip())
    _fact(plain, fact)


async def _ready(plain: "PlainPhone", rest: str) -> None:
    data = _made(plain).unsigned(plain.view.now)
    plain.composing = None
    _read(plain, data)


async def _policy(plain: "PlainPhone", rest: str) -> None:
    if rest:
        _read(plain, policy_in(rest))
        return
    texts = [item.text for _, item in plain.phone.chat(plain.opened(), 100) if kind_of(item.text) == "team"]
    if not texts:
        raise NoSuch("nobody wrote a policy into this conversation", hint="/policy LINE reads one that is pasted")
    _read(plain, policy_of(texts[-1]))


def _read(plain: "PlainPhone", data: bytes) -> None:
    _show(plain, plain.phone.keep_draft(data))


def _show(plain: "PlainPhone", draft: Draft) -> None:
    """A draft in words, and what can be done with it."""
    say = plain.words.say
    for one in draft_words(draft, plain.view):
        plain.put(one.text)
    plain.draft = draft.data if draft.open else None
    if draft.may_sign:
        plain.put(say("If this is what you want: /sign signs it."))
    if draft.enough:
        plain.put(say("/force puts it into force and passes it on to the members."))
    elif draft.open and draft.signed and not draft.may_sign:
        plain.put(say("Give this line to the other admins; each signs it and gives it on:"))
        plain.put(policy_link(draft.data))


def _shown(plain: "PlainPhone") -> bytes:
    if plain.draft is None:
        raise NoSuch("no draft was shown", hint="/policy LINE or /ready shows one")
    return plain.draft


async def _sign(plain: "PlainPhone", rest: str) -> None:
    draft = plain.phone.keep_draft(plain.phone.sign_policy(_shown(plain)))
    plain.draft = draft.data
    plain.put(plain.words.say("Signed.") + " " + _count(plain, draft))
    if draft.enough:
        plain.put(plain.words.say("/force puts it into force and passes it on to the members."))
    else:
        plain.put(plain.words.say("Give this line to the other admins; each signs it and gives it on:"))
        plain.put(policy_link(draft.data))


async def _force(plain: "PlainPhone", rest: str) -> None:
    if plain.phone.take_policy(_shown(plain)):
        plain.draft = None
        plain.put(plain.words.say("In force here. Members who are your contacts get it by themselves."))


async def _pass_on(plain: "PlainPhone", rest: str) -> None:
    data = _shown(plain)
    plain.phone.send(plain.opened(), policy_link(data))
    plain.put(plain.words.say("Written to {name}.", name=plain.view.name(plain.opened())))


async def _save(plain: "PlainPhone", rest: str) -> None:
    data = _shown(plain)
    policy = plain.phone.engine.teams.read(data).policy
    path = save_policy(data, policy.team, policy.version, plain.phone.engine.books.store.path)
    plain.put(plain.words.say("Saved as {path}", path=path))


async def _discard(plain: "PlainPhone", rest: str) -> None:
    plain.phone.drop_draft(plain.phone.engine.teams.read(_shown(plain)).id)
    plain.draft = None
    plain.put(plain.words.say("The draft is thrown away on this phone."))


async def _whose(plain: "PlainPhone", rest: str) -> None:
    given = _key_and_name(rest)
    if given is None or not given[1]:
        raise NoSuch("say the key and a name", hint="the key in sixteen groups or as a link, then the name")
    plain.phone.call_admin(given[0], name=given[1])
    plain.put(plain.words.say("Said; only this phone shows it."))


TEAM_COMMANDS: dict[str, Command] = {
    "teams": Command("", "teams and drafts of their policies", _teams),
    "team": Command("N", "a policy or a draft in full, by its number in /teams", _team),
    "join": Command("N", "let a team's policy bind this phone, by its number in /teams", _join),
    "adminkey": Command(
        "[send]", "your key as an admin of teams; send writes it into the open conversation", _admin_key
    ),
    "whose": Command(
        "KEY NAME", "say whose an admin's key is, its sixteen groups and a name; only this phone shows it", _whose
    ),
    "newteam": Command("NAME", "begin the policy of a new team", _new_team),
    "changeteam": Command("N", "begin a change of a team's policy", _change_team),
    "set": Command(
        "WHAT VALUE", "change what is being made: name, members, admins, how many sign, least time, hold", _set
    ),
    "ready": Command("", "show what was made as a draft in words, to be signed", _ready),
    "policy": Command(
        "[LINE|FILE]", "show a draft in words; without a line, the last one of the open conversation", _policy
    ),
    "sign": Command("", "sign the draft that was shown last", _sign),
    "pass": Command("", "write the draft into the open conversation", _pass_on),
    "save": Command("", "save the draft's line as a file", _save),
    "force": Command("", "put the draft into force, where enough admins signed it", _force),
    "discard": Command("", "throw the draft away on this phone", _discard),
}
