"""A team's policy in plain words: one in force, one on its way, and what the one changes in the other.

Names of teams and people come from others and are made safe to show; keys are shown whole, to be compared.
"""

from collections.abc import Iterable, Iterator

import msgspec

from filon_net.phone.policies import TeamPolicy
from filon_net.phone.standing import Draft, InForce, Place
from filon_net.phone.terminal.moments import clock, day, lasts
from filon_net.phone.terminal.sentences import policy_words
from filon_net.phone.terminal.view import NAME, View, fingerprint_of
from filon_net.words import Words, visible_line

__all__ = ["Said", "admin_lines", "draft_words", "effects", "in_force_words", "member_names", "quoted", "team_name"]


_MOST_STRANGERS = 12
_QUOTES = '“”„‟«»‹›"'


class Said(msgspec.Struct, frozen=True):
    """A paragraph; ``look`` is heading, quiet, good, bad or empty."""

    text: str
    look: str = ""


def team_name(policy: TeamPolicy) -> str:
    """The name of a team, safe to show."""
    return visible_line(" ".join(policy.name.split()), 64)


def quoted(name: str, view: View) -> str:
    """A name others chose, in a list: in quotes that it cannot end, so that “you, Bob” is one name and not two."""
    return view.words.say("“{name}”", name="".join(one for one in name if one not in _QUOTES))


def admin_name(view: View, key: bytes) -> str:
    """Whose an admin's key is, as far as this phone was told; else the beginning of the key."""
    teams = view.phone.engine.teams
    if key == teams.known_key():
        return view.words.say("you")
    whose = teams.whose(key)
    if whose is not None and whose.user:
        return quoted(view.name(whose.user), view)
    if whose is not None and whose.name:
        return quoted(visible_line(whose.name, NAME), view)
    return view.words.say("somebody whose key begins with {digits}", digits=" ".join(fingerprint_of(key)[:4]))


def admin_lines(view: View, keys: Iterable[bytes]) -> str:
    """Admins, numbered, each with the whole key."""
    rows = []
    for number, key in enumerate(keys, 1):
        groups = fingerprint_of(key)
        rows.append(f"{number}. {admin_name(view, key)}")
        rows += ["   " + " ".join(groups[at : at + 8]) for at in (0, 8)]
    return "\n".join(rows)


def member_names(view: View, users: Iterable[bytes]) -> str:
    """Members by the names of this phone's contacts; the others by the beginning of their number."""
    mine, known = view.phone.user, view.phone.engine.books.contacts
    names = [view.words.say("you")] if mine in (users := list(users)) else []
    names += sorted((quoted(view.name(one), view) for one in users if one in known), key=str.casefold)
    strangers = [one for one in users if one not in known and one != mine]
    names += [view.name(one) for one in strangers[:_MOST_STRANGERS]]
    if len(strangers) > _MOST_STRANGERS:
        names.append(view.words.say("{count} more you do not know", count=len(strangers) - _MOST_STRANGERS))
    return ", ".join(names)


def effects(policy: TeamPolicy, view: View) -> Iterator[str]:
    """What a policy does to messages between members."""
    say = view.words.say
    if policy.hold:
        yield say(
            "A legal hold: between members nothing disappears, whatever timer is set, and nothing can be erased on this phone."
        )
    if policy.keep_at_least:
        time = lasts(policy.keep_at_least, view.words)
        yield say(
            "Messages between members stay for at least {time}: a shorter timer is refused, one set before runs as {time}.",
            time=time,
        )
    if not policy.hold and not policy.keep_at_least:
        yield say("Timers between members are everybody's own choice.")


def _people(policy: TeamPolicy, view: View) -> Iterator[Said]:
    say = view.words.say
    yield Said(say("Members: {names}.", names=member_names(view, policy.members) or say("nobody")))
    heading = say("Admins; {needed} of {count} must sign a change:", needed=policy.needed, count=len(policy.admins))
    yield Said(heading + "\n" + admin_lines(view, policy.admins))
    if policy.needed == len(policy.admins):
        yield Said(say("If one of these keys is lost, nobody can change this policy any more."), "quiet")


def in_force_words(held: InForce, view: View) -> Iterator[Said]:
    """A policy in force: what it means for who reads it, who is in the team, who signed, since when."""
    say, policy = view.words.say, held.policy
    yield Said(say("Team {name}, policy {version}", name=team_name(policy), version=policy.version), "heading")
    if held.forked:
        yield Said(
            say("The admins signed two policies of this version. Ask them which one holds; nothing newer is followed."),
            "bad",
        )
    if not held.member:
        yield Said(say("You are not a member of this team: it asks nothing of this phone."), "bad")
    elif not held.joined:
        unbound = say("You have not joined: this policy binds no chat on this phone. Joined, it would say:")
        yield Said(unbound, "bad")
    for one in effects(policy, view):
        yield Said(one)
    yield from _people(policy, view)
    yield Said(say("Signed by: {names}.", names=", ".join(admin_name(view, one) for one in held.signed)))
    if held.since is not None and held.joined:
        when = _moment(held.since, view)
        yield Said(say("In force on this phone since: {when}.", when=when), "quiet")
    if policy.made_at:
        when = _moment(policy.made_at, view)
        yield Said(say("Drafted, by the drafter's own clock: {when}.", when=when), "quiet")


def standing_words(held: InForce, words: Words) -> str:
    """A team in a few sentences, and whether its policy binds this phone."""
    said = policy_words(held.policy, words)
    return said if held.joined or not held.member else f"{said} {words.say('Not joined.')}"


def _moment(at: int, view: View) -> str:
    return f"{day(at, view.now, view.words)}, {clock(at)}"


def draft_words(draft: Draft, view: View) -> Iterator[Said]:
    """A draft: what is wrong with it, what it changes, all it says, who signed, what this phone can do."""
    say, policy = view.words.say, draft.policy
    name = team_name(policy)
    if draft.place is Place.NEW:
        yield Said(say("Draft of a new team: {name}", name=name), "heading")
    elif draft.place in (Place.IN_FORCE, Place.OLDER):
        yield Said(say("Team {name}, policy {version}", name=name, version=policy.version), "heading")
    else:
        yield Said(say("Draft for team {name}, policy {version}", name=name, version=policy.version), "heading")
    yield from _warnings(draft, view)
    if draft.place is Place.NEXT and draft.before is not None:
        yield Said(say("What it changes"), "heading")
        yield from changes(draft.before, policy, view)
    yield Said(say("All it says"), "heading")
    for one in effects(policy, view):
        yield Said(one)
    yield from _people(policy, view)
    yield from _signatures(draft, view)


def _warnings(draft: Draft, view: View) -> Iterator[Said]:
    say, policy = view.words.say, draft.policy
    if draft.broken:
        yield Said(
            view.words.many(
                "{count} signature does not hold: the draft was changed after it was signed. Do not use it; ask for it again.",
                "{count} signatures do not hold: the draft was changed after they were made. Do not use it; ask for it again.",
                draft.broken,
            ),
            "bad",
        )
    if draft.forked:
        yield Said(
            say("The admins signed two policies of one version before: nothing newer of this team is followed."), "bad"
        )
    if draft.place is Place.UNKNOWN:
        yield Said(
            say(
                "This phone does not have the policy before this one: what it changes cannot be told, and it cannot be signed here."
            ),
            "bad",
        )
    elif draft.place is Place.IN_FORCE:
        yield Said(say("This policy is in force on this phone."), "good")
    elif draft.place is Place.OLDER:
        yield Said(say("It is older than the policy in force on this phone, and changes nothing."), "bad")
    elif draft.place is Place.OTHER:
        yield Said(
            say(
                "Another policy of this version is in force on this phone. Were this one signed by enough too, every phone would "
                "raise an alarm and follow the team no further. Make the change anew."
            ),
            "bad",
        )
    elif draft.place is Place.APART:
        yield Said(
            say("It follows another policy than the one in force on this phone: it cannot be signed here."), "bad"
        )
    if draft.twice and draft.open:
        yield Said(
            say(
                "This phone signed another draft of this version. Were both signed by enough, every phone would raise an alarm: "
                "agree on one of them first."
            ),
            "bad",
        )
    if draft.open and view.phone.user not in policy.members:
        yield Said(say("You would not be a member of this team."), "bad")
    alike = [
        one
        for one in view.phone.teams()
        if one.team != policy.team and team_name(one).casefold() == team_name(policy).casefold()
    ]
    if alike:
        yield Said(say("Another team on this phone has the same name."), "bad")


def changes(before: TeamPolicy, policy: TeamPolicy, view: View) -> Iterator[Said]:
    """What differs, one sentence each; what takes something away is marked."""
    say, found = view.words.say, list(_differences(before, policy, view))
    if not found:
        yield Said(say("Nothing but its number."))
    yield from found


def _differences(before: TeamPolicy, policy: TeamPolicy, view: View) -> Iterator[Said]:
    say, words = view.words.say, view.words
    if before.name != policy.name:
        yield Said(say("The name: {new}; before: {old}.", new=team_name(policy), old=team_name(before)))
    if before.hold and not policy.hold:
        yield Said(say("The legal hold ends: timers run again, and what is past its time disappears at once."), "bad")
    elif policy.hold and not before.hold:
        yield Said(say("A legal hold begins: nothing disappears between members, nothing can be erased."), "bad")
    if before.keep_at_least != policy.keep_at_least:
        new, old = (lasts(one.keep_at_least, words) if one.keep_at_least else say("none") for one in (policy, before))
        yield Said(say("The least time messages stay: {new}; before: {old}.", new=new, old=old))
    come = [one for one in policy.members if one not in before.members]
    gone = [one for one in before.members if one not in policy.members]
    if come:
        yield Said(say("New members: {names}.", names=member_names(view, come)))
    if gone:
        yield Said(say("No longer members: {names}.", names=member_names(view, gone)), "bad")
    raised = [one for one in policy.admins if one not in before.admins]
    lowered = [one for one in before.admins if one not in policy.admins]
    if raised:
        yield Said(say("New admins:") + "\n" + admin_lines(view, raised), "bad")
    if lowered:
        yield Said(say("No longer admins:") + "\n" + admin_lines(view, lowered), "bad")
    if (before.needed, len(before.admins)) != (policy.needed, len(policy.admins)):
        yield Said(
            say(
                "Signatures for a change: {new} of {all}; before: {old} of {before}.",
                new=policy.needed,
                all=len(policy.admins),
                old=before.needed,
                before=len(before.admins),
            ),
            "bad" if policy.needed < before.needed else "",
        )


def _signatures(draft: Draft, view: View) -> Iterator[Said]:
    say, many = view.words.say, view.words.many
    if draft.place not in (Place.NEW, Place.NEXT):
        return  # whose signatures count is said by the version before, which is not at hand
    names = ", ".join(admin_name(view, one) for one in draft.signed)
    count = len(draft.signed)
    if names:
        yield Said(say("Signed by: {names}.", names=names))
    yield Said(say("Signatures: {count}; needed: {needed}.", count=count, needed=draft.needed), "good" * draft.enough)
    if draft.others:
        yield Said(
            many(
                "{count} signature does not count: it is not by one of the admins asked for.",
                "{count} signatures do not count: they are not by the admins asked for.",
                draft.others,
            ),
            "bad",
        )
    if draft.open and draft.own not in draft.admins:
        yield Said(say("This phone's key is not one of the admins': a signature of yours would not count."), "quiet")
