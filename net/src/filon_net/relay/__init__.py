"""The relay: mailboxes of sealed blobs, and the sockets phones reach them by.

``edge`` holds connections (``connection``: one phone, ``wire.RelayEnd`` inside), ``writer`` commits what arrived together,
``rules`` decides what is allowed, ``sqlite`` and ``postgres`` keep it (``store``: what is asked of both). Nothing here can
open a blob: this folder imports ``wire`` and ``log`` only.

A broadcast of the operator to every connection will be one more call of ``edge.Edge``, beside ``woken``.
"""

from filon_net.relay.asks import Ask, Look, Outcome, Page
from filon_net.relay.errors import BadFolder, OutcomeUnknown, RelayBusy, RelayError, StoreFailed
from filon_net.relay.folder import RelayFolder, make_folder
from filon_net.relay.store import Store

__all__ = [
    "Ask",
    "BadFolder",
    "Look",
    "Outcome",
    "OutcomeUnknown",
    "Page",
    "RelayBusy",
    "RelayError",
    "RelayFolder",
    "Store",
    "StoreFailed",
    "make_folder",
]
