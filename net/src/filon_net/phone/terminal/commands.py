"""The commands of the phone line by line; each is a word, what it says about itself, and what it does."""

from typing import TYPE_CHECKING

import msgspec

from filon_net.phone.errors import NoSuch
from filon_net.phone.state import State
from filon_net.phone.terminal.command import Command
from filon_net.phone.terminal.moments import lasts, seconds_of
from filon_net.phone.terminal.qr import save_picture
from filon_net.phone.terminal.sentences import policy_words, tokens_left
from filon_net.phone.terminal.team_commands import TEAM_COMMANDS
from filon_net.phone.terminal.view import fingerprint_of
from filon_net.words import visible_line

if TYPE_CHECKING:
    from filon_net.phone.terminal.plain import PlainPhone

__all__ = ["COMMANDS", "Command"]


async def _help(plain: "PlainPhone", rest: str) -> None:
    say = plain.words.say
    for name, one in COMMANDS.items():
        plain.put(f"/{name}{' ' + one.rest if one.rest else ''}: {say(one.does)}")
    plain.put(f"/quit: {say('leave')}")
    plain.put(say("Every other line is a message to the open conversation."))


async def _list(plain: "PlainPhone", rest: str) -> None:
    plain.chats()


async def _open(plain: "PlainPhone", rest: str) -> None:
    plain.open(plain.which(rest))


async def _more(plain: "PlainPhone", rest: str) -> None:
    plain.open(plain.opened(), int(rest) if rest.isdecimal() and len(rest) < 6 else 100)


async def _whole(plain: "PlainPhone", rest: str) -> None:
    long = [item for _, item in plain.phone.chat(plain.opened(), 100) if plain.view.line(item).cut]
    if not long:
        raise NoSuch("no message here is cut")
    plain.put(plain.view.line(long[-1], whole=True).text)


async def _invite(plain: "PlainPhone", rest: str) -> None:
    link, say = await plain.phone.invite(), plain.words.say
    plain.put(
        say(
            "For one person, once, within 14 days. It is a secret until it was answered: "
            "give it in person or over a way you trust, and verify afterwards."
        )
    )
    plain.put(link)
    path = save_picture(link, plain.phone.engine.books.store.path, "invite")
    plain.put(say("As a QR code: {path}; erase it when it was used.", path=path))


async def _answer(plain: "PlainPhone", rest: str) -> None:
    plain.phone.answer(rest)
    plain.put(
        plain.words.say("Answered. The conversation opens when the log shows the other side, within a minute or so.")
    )


async def _contact(plain: "PlainPhone", rest: str) -> None:
    one, say = plain.phone.contact(plain.opened()), plain.words.say
    row = plain.view.chat(one)
    plain.put(
        f"{row.name}: {say('verified') if one.verified else say('not verified')}{', ' + row.state if row.state else ''}."
    )
    plain.put(say("Fingerprint of the master key") + ": " + " ".join(fingerprint_of(one.master)))
    plain.put(plain.words.many("{count} device in the log", "{count} devices in the log", len(one.devices)) + ".")
    plain.put(
        say("Messages disappear {time} after reading.", time=lasts(row.timer, plain.words))
        if row.timer
        else say("Messages do not disappear.")
    )


async def _verify(plain: "PlainPhone", rest: str) -> None:
    plain.talk = plain.phone.compare(plain.opened())
    plain.put(plain.words.say("Waiting for the other phone. It must be online."))


async def _say(plain: "PlainPhone", same: bool) -> None:
    if plain.talk is None:
        raise NoSuch("nothing is being compared here", hint="begin again")
    talk, plain.talk = plain.talk, None
    plain.phone.confirm(talk, same)


async def _yes(plain: "PlainPhone", rest: str) -> None:
    await _say(plain, True)


async def _no(plain: "PlainPhone", rest: str) -> None:
    await _say(plain, False)


async def _numbers(plain: "PlainPhone", rest: str) -> None:
    plain.put(plain.phone.safety_code(plain.opened()))
    plain.put(plain.words.say("The other phone shows the same digits. If they scan instead, give them this:"))
    plain.put(plain.phone.verify_link(plain.opened()))


async def _scanned(plain: "PlainPhone", rest: str) -> None:
    plain.phone.scanned(rest)


async def _accept(plain: "PlainPhone", rest: str) -> None:
    plain.phone.accept_change(plain.opened())
    plain.put(plain.words.say("Accepted; what was held leaves now."))


async def _block(plain: "PlainPhone", rest: str) -> None:
    plain.phone.block(plain.opened(), True)
    plain.put(plain.words.say("Blocked: they cannot write to you, and nothing of theirs is read."))


async def _unblock(plain: "PlainPhone", rest: str) -> None:
    plain.phone.block(plain.opened(), False)
    plain.put(plain.words.say("The block is taken back."))


async def _rename(plain: "PlainPhone", rest: str) -> None:
    plain.phone.rename(plain.opened(), rest)
    plain.put(plain.words.say("This phone calls them {name}.", name=plain.view.name(plain.opened())))


async def _timer(plain: "PlainPhone", rest: str) -> None:
    seconds = seconds_of(rest)
    if seconds is None:
        raise NoSuch("this is no length of time", hint="write it as 30s, 5m, 12h, 7d or 4w, and 0 for never")
    plain.phone.set_timer(plain.opened(), seconds)


async def _again(plain: "PlainPhone", rest: str) -> None:
    lost = [item for _, item in plain.phone.chat(plain.opened(), 200) if item.state is State.NOT_DELIVERED]
    if not lost:
        raise NoSuch("every message here was delivered, or is still on its way")
    for item in lost:
        plain.phone.send_again(item.id)


async def _devices(plain: "PlainPhone", rest: str) -> None:
    mine = plain.phone.engine.books.device.certificate.device
    for number, one in enumerate(plain.phone.devices(), 1):
        plain.put(f"{number}. {one.hex()[:16]} {plain.words.say('(this one)') if one == mine else ''}".rstrip())


async def _link(plain: "PlainPhone", rest: str) -> None:
    plain.put(
        plain.words.say("On the new device, within half an hour:") + " filon-net phone new PATH --restore --link LINK"
    )
    plain.put(plain.phone.open_link())


async def _remove(plain: "PlainPhone", rest: str) -> None:
    number, _, code = rest.partition(" ")
    listed = plain.phone.devices()
    if not number.isdecimal() or not 1 <= int(number) <= len(listed):
        raise NoSuch("there is no device of this number", hint="/devices shows them")
    plain.phone.revoke_device(listed[int(number) - 1], code.strip() or None)
    plain.put(plain.words.say("Contacts stop writing to it as soon as the log shows this."))


async def _receipts(plain: "PlainPhone", rest: str) -> None:
    kind, _, state = rest.partition(" ")
    if kind not in ("arrived", "read") or state not in ("on", "off"):
        raise NoSuch("say which receipts, and on or off", hint="/receipts arrived on, or /receipts read off")
    plain.phone.set_settings(msgspec.structs.replace(plain.phone.settings, **{kind: state == "on"}))
    await _settings(plain, "")


async def _settings(plain: "PlainPhone", rest: str) -> None:
    held, say = plain.phone.settings, plain.words.say
    on, off = say("on"), say("off")
    plain.put(say("Name your contacts see: {name}", name=visible_line(held.name, 64) or say("(none)")))
    plain.put(
        say(
            "Receipts of arrival: {state}. Without them nobody can tell that a message of theirs was lost.",
            state=on if held.arrived else off,
        )
    )
    plain.put(
        say("Receipts of reading: {state}. They tell when you were at the phone.", state=on if held.read else off)
    )
    _tokens_left(plain)
    teams = plain.phone.teams()
    for one in teams:
        plain.put(policy_words(one, plain.words))
    if not teams:
        plain.put(say("No team has a policy for this phone."))


def _tokens_left(plain: "PlainPhone") -> None:
    plain.put(tokens_left(*plain.phone.spare_tokens(), plain.view.now, plain.words))


async def _tokens(plain: "PlainPhone", rest: str) -> None:
    if rest:
        count = plain.phone.take_tokens(rest)
        plain.put(plain.words.many("{count} token taken in.", "{count} tokens taken in.", count))
    _tokens_left(plain)


async def _alarms(plain: "PlainPhone", rest: str) -> None:
    alarms = plain.view.alarms()
    for number, one in enumerate(alarms, 1):
        plain.alarm(one, number)
    if not alarms:
        plain.put(plain.words.say("No alarms"))


async def _ack(plain: "PlainPhone", rest: str) -> None:
    alarms = plain.view.alarms()
    if not rest.isdecimal() or not 1 <= int(rest) <= len(alarms):
        raise NoSuch("there is no alarm of this number", hint="/alarms shows them")
    plain.phone.acknowledge(alarms[int(rest) - 1].id)


async def _status(plain: "PlainPhone", rest: str) -> None:
    plain.status()


COMMANDS: dict[str, Command] = {
    "help": Command("", "the commands", _help),
    "list": Command("", "the conversations", _list),
    "open": Command("N", "open a conversation by number or name; new messages in it are read", _open),
    "more": Command("[N]", "more of the open conversation", _more),
    "whole": Command("", "the last message that was cut, whole", _whole),
    "invite": Command("", "a link and a QR code for one person", _invite),
    "answer": Command("LINK", "answer an invite", _answer),
    "contact": Command("", "fingerprint and state of the contact", _contact),
    "verify": Command("", "compare emoji with the contact", _verify),
    "yes": Command("", "the emoji are the same", _yes),
    "no": Command("", "they differ", _no),
    "numbers": Command("", "the digits to compare instead", _numbers),
    "scanned": Command("LINK", "what the code on their screen says", _scanned),
    "accept": Command("", "accept the contact's changed devices", _accept),
    "block": Command("", "block the contact", _block),
    "unblock": Command("", "take the block back", _unblock),
    "rename": Command("NAME", "the name this phone shows", _rename),
    "timer": Command("TIME", "messages disappear so long after reading: 30s 5m 12h 7d 4w, 0 for never", _timer),
    "again": Command("", "send again what was not delivered", _again),
    "devices": Command("", "your devices", _devices),
    "link": Command("", "link a new device", _link),
    "remove": Command("N [CODE]", "remove a device", _remove),
    "settings": Command("", "name, receipts, tokens, teams", _settings),
    "tokens": Command(
        "[LINE]", "tokens for mailboxes to come: how many are left, or take in the operator's line", _tokens
    ),
    "receipts": Command("arrived|read on|off", "receipts", _receipts),
    "alarms": Command("", "every alarm in full", _alarms),
    "ack": Command("N", "acknowledge an alarm", _ack),
    "status": Command("", "relay, log, unreadable letters", _status),
    **TEAM_COMMANDS,
}
