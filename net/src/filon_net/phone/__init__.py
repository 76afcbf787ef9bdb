"""The phone as a library: everything a person's device does, for the terminal phone, bots and tests.

    phone, code = Phone.create(path, secret, leave, name="Ada")     # code: the backup code, shown once
    phone = Phone.open(path, secret)                                # WrongSecret, PhoneBusy, PhoneDamaged
    async with phone:                                               # connected until the block ends
        link = await phone.invite()                                 # filon-net://invite/…; links.terminal_of(link) is the QR code
        async for event in phone.events():                          # notices.Event; one reader
            ...

Commands work with and without a network; what cannot be done raises ``PhoneError`` (a ``FilonNetError``: ``str()`` and
``.hint``), and nothing has changed then. Times are milliseconds since 1970 (UTC). A contact is named by ``user`` (32 bytes),
a line of a chat by ``item`` (16), a notice by ``id`` (16).

    Phone.create(path, secret, leave, *, name="", code=None, link=None, keep_master=False, effort=…, rules=None,
                 now=…, proxy=None) -> (Phone, code)       code= an older code: further or new device; link= from open_link()
    Phone.open(path, secret, *, rules=None, now=…, proxy=None) -> Phone
    start() · await close() · events() -> AsyncIterator[Event]
    user · joined · online · settings                                properties; settings: Settings(name, arrived, read)
    contacts() -> [Contact]   contact(user)   find(name)             Contact: user, shown, name, alias, state (ASKING,
                                                                     OPEN, BLOCKED), verified, held, broken, devices, timer
    chat(user, count=50, before=None) -> [(place, Item)]             oldest first; page back with before=place of the first
    item(item) -> Item     Item: id, user, mine, text, sent_at, arrived_at, state (State), timer, gone_at, read_at, late, missing
                           state of one's own: WAITING, HELD, SENT, DELIVERED, READ, NOT_DELIVERED; of others: ARRIVED, READ;
                           GAP and NOTE are lines that are no messages (text of a NOTE: "timer-mine 60", "timer-theirs 0")
    timer(user) -> seconds   notices() -> [Told(id, at, notice)]   teams() -> [TeamPolicy]   safety_code(user) -> str
    send(user, text) -> Item   send_again(item)   mark_read(user, [item])   erase(item)   set_timer(user, seconds)
    set_settings(Settings)   await invite(timeout=30.0) -> link   answer(link) -> Contact   rename(user, alias)
    accept_change(user)   block(user, blocked=True)   acknowledge(notice_id)
    verify_link(user) -> link   scanned(link) -> Contact             by QR, in person
    compare(user) -> talk   confirm(talk, same)                      by emoji: EmojiReady(user, talk, indices) comes on both sides;
                                                                     EMOJI[index] is (picture, word)
    open_link() -> link   devices() -> [id]   revoke_device(id, code=None)   renew_certificate(code=None)
    take_tokens(link) -> count   spare_tokens() -> (count, ends)   add_tokens([bytes])   rotate_mailbox()
    admin_key()   admin_link()   admin_of(user) -> key   call_admin(key, user=b"", name="")
    in_force(team) -> InForce   next_policy(team) -> TeamPolicy      a version later, to be changed; composing.Composing helps
    keep_draft(bytes) -> Draft   drafts()   drop_draft(id)           how a draft stands here, to be shown before it is signed
    draft_policy(TeamPolicy) -> bytes   sign_policy(bytes) -> bytes   take_policy(bytes) -> bool

Events (``notices``): NoticeTold(told), NoticeGone(id), MessageArrived(user, item), ArrivedCopy, ItemChanged, Forgotten(user, item),
ContactAdded(user), ContactChanged, Joined(), EmojiReady, Verified(user, done), PolicyChanged, RelayOnline(), RelayOffline(why).
Notices stay until ``acknowledge``; ``words.sentence(notice, name_of)`` and ``words.step(notice)`` say them,
``words.is_alarm(notice)`` whether somebody may be attacking; ``words.plain(text)`` makes a stranger's text safe to show.
``filon_net.crypto.guessing_cost`` and ``words`` there say what the secret is worth.

``engine`` is the machine without sockets; ``bot.Bot(phone).messages()`` is the phone as a stream of messages.
"""

from filon_net.phone.bot import Bot, Incoming
from filon_net.phone.emoji import EMOJI
from filon_net.phone.links import Leave, link_of, png_of, read_link, svg_of, terminal_of
from filon_net.phone.notices import Event, Notice, Told
from filon_net.phone.phone import Phone
from filon_net.phone.rules import Rules
from filon_net.phone.state import Contact, ContactState, Item, Settings, State
from filon_net.phone.teams import TeamPolicy

__all__ = [
    "EMOJI",
    "Bot",
    "Contact",
    "ContactState",
    "Event",
    "Incoming",
    "Item",
    "Leave",
    "Notice",
    "Phone",
    "Rules",
    "Settings",
    "State",
    "TeamPolicy",
    "Told",
    "link_of",
    "png_of",
    "read_link",
    "svg_of",
    "terminal_of",
]
