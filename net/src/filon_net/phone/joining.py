"""Making a phone: the first of a user, a further one, or a new one from the backup code."""

import os
from pathlib import Path

from filon_net.crypto import Device, Effort
from filon_net.log import Device as LogDevice
from filon_net.phone.backup import Master
from filon_net.phone.bodies import LONGEST_NAME, encode_body, shaped
from filon_net.phone.books import Books
from filon_net.phone.errors import BadLink, CannotSend, PhoneDamaged
from filon_net.phone.links import DeviceLink, Leave, read_link
from filon_net.phone.mailboxes import new_box
from filon_net.phone.state import Own, Settings
from filon_net.phone.store import Store
from filon_net.phone.upkeep import own_list, seal_digest

__all__ = ["create", "leave_of"]


def create(
    path: Path,
    secret: str,
    leave: Leave,
    now: int,
    name: str = "",
    code: str | None = None,
    link: str | None = None,
    keep_master: bool = False,
    effort: Effort = Effort(),  # noqa: B008 - frozen
) -> tuple[Store, str]:
    """A new phone's store and its user's backup code, to be shown once. Nothing is sent yet.

    Without ``code`` a new user. With it a further device of that user; ``link`` from a device in use (``open_link``)
    lets that device greet it and hand over the contacts. ``keep_master`` keeps the master key in the store.
    BadBackupCode, BadLink, PhoneDamaged where the file is there.
    """
    if len(name) > LONGEST_NAME:
        raise CannotSend("a name has at most {most} characters", hint="take a shorter one", most=LONGEST_NAME)
    master = Master() if code is None else Master.of_code(code)
    linked = None if link is None else read_link(link, DeviceLink)
    if linked is not None and (code is None or linked.master != master.public):
        raise BadLink("this link is of another user than the backup code", hint="use the code of the same person")
    device = Device.create(master.key, now)
    box = new_box(leave.relay, leave.relay_url, leave.tokens[0], now)
    own = Own(
        master.user,
        master.public,
        master.name_key,
        leave.relay,
        leave.relay_url,
        Settings(name),
        [box],
        list(leave.tokens[1:]),
        leave.log_token,
        os.urandom(32),
        seed=master.seed if keep_master else b"",
        seal_made=now,
    )
    if code is None:
        own.entry = own_list(master, None, _listed(device, now)).data
    else:
        own.pending_seed = master.seed
        if linked is not None:
            own.links = {linked.route.device: linked.route}
            own.hello = linked.secret
    return Books.start(path, secret, own, device, encode_body(leave), effort), master.code


def _listed(device: Device, now: int) -> LogDevice:
    held = device.certificate
    return LogDevice(held.device, held.ed25519, held.curve25519, seal_digest(device, now))


def leave_of(store: Store) -> Leave:
    """The leave a phone was made with."""
    data = store.get("leave", b"one")
    if data is None:
        raise PhoneDamaged("{path} is not a whole phone", hint="make a new one", path=str(store.path))
    return shaped(data, Leave)
