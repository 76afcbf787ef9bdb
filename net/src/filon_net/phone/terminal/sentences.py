"""Errors, team policies and spare tokens as sentences."""

from filon_net.errors import FilonNetError
from filon_net.phone.teams import TeamPolicy
from filon_net.phone.terminal.moments import day, lasts
from filon_net.words import Words, visible_line

__all__ = ["policy_words", "said_error", "tokens_left"]


def said_error(error: Exception, words: Words) -> str:
    """An error and what to do next, as sentences."""
    if not isinstance(error, FilonNetError):
        return str(error)
    said, hint = words.error(error)
    said = said[:1].upper() + said[1:]
    return f"{said}. {hint[:1].upper()}{hint[1:]}." if hint else f"{said}."


def tokens_left(count: int, ends: int | None, now: int, words: Words) -> str:
    """How many mailboxes to come there are tokens for, and until when (milliseconds since 1970, None where unknown)."""
    if not count:
        return words.say(
            "No token is left: the mailbox cannot be changed next month. Ask the operator for tokens (filon-net://tokens/…)."
        )
    said = words.many(
        "{count} token is left; a new mailbox takes one every month.",
        "{count} tokens are left; a new mailbox takes one every month.",
        count,
    )
    return said if ends is None else f"{said} {words.say('The last is good until: {day}.', day=day(ends, now, words))}"


def policy_words(policy: TeamPolicy, words: Words) -> str:
    """A team's policy as sentences."""
    said = [
        words.say("Team {name}, policy {version}:", name=visible_line(policy.name, 64), version=policy.version),
        words.many("{count} member,", "{count} members,", len(policy.members)),
        words.say("{needed} of {admins} admins must sign a change.", needed=policy.needed, admins=len(policy.admins)),
    ]
    if policy.hold:
        said.append(
            words.say("A legal hold lies on it: nothing disappears between members, and nothing may be erased.")
        )
    if policy.keep_at_least:
        said.append(words.say("Messages stay for at least {time}.", time=lasts(policy.keep_at_least, words)))
    if not policy.hold and not policy.keep_at_least:
        said.append(words.say("Timers are everybody's own choice."))
    return " ".join(said)
