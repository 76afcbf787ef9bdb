"""Times a phone keeps to, in milliseconds unless stated; the defaults are the ones the protocol page names."""

import random

import msgspec

__all__ = ["Rules"]

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class Rules(msgspec.Struct, frozen=True):
    """All of them can be set where a phone is made in a test; a person sets none."""

    receipts_from: int = 60 * SECOND
    receipts_to: int = 600 * SECOND
    """Receipts wait a random time between these, and go out together."""
    not_at_relay: int = 15 * MINUTE
    """Until a message that is not at the relay is told as not delivered."""
    not_arrived: int = 24 * HOUR
    """Until a message without receipt of arrival is told as not delivered."""
    ask_again: int = MINUTE
    """Until letters missing by number are asked for again; short disorder mends itself."""
    note_every: int = HOUR
    """A checkpoint is added to the first letter to a contact after this time."""
    note_daily: int = DAY
    """A contact who got no checkpoint for this long gets a letter that holds nothing else."""
    log_every: int = 5 * MINUTE
    """Between two looks at the log, plus up to a fifth."""
    log_soon: int = 15 * SECOND
    """Between two looks while somebody waits for an entry."""
    not_in_log: int = 24 * HOUR
    """Until an answer or a device that the log does not show is told and dropped."""
    seal_every: int = 7 * DAY
    mailbox_every: int = 30 * DAY
    mailbox_kept: int = 15 * DAY
    """An old mailbox is emptied for this long after the new one was told."""
    keys_spread: int = 20 * HOUR
    """New seal keys go to each contact after a random time below this. The key before is good for a day more; who has not the new
    one by then takes a bundle out of stock."""
    cards_spread: int = 12 * HOUR
    """The same for a new mailbox or name. The mailbox before stays open."""
    notes_spread: int = 6 * HOUR
    """The same for the daily checkpoint: whoever became contacts in one hour must not hear of this phone in one second."""
    stock_low: int = 5
    stock_full: int = 10
    """Bundles in stock: below the first, up to the second is made. Few, because their seal key is past its time after 8 days
    and a relay hands out the oldest first; where none is left there is the last resort, which is always fresh."""
    open_within: int = 2 * SECOND
    """The mailbox in use is opened after a random wait below this, whenever the phone connects."""
    open_old_from: int = 30 * SECOND
    open_old_to: int = 10 * MINUTE
    """The ones before it after a random wait between these: what opens in one second is of one phone."""
    sender_idle_from: int = 10 * SECOND
    sender_idle_to: int = 30 * SECOND
    """A connection that posts is let go when nothing was posted for a random time between these."""
    skew: int = 5 * MINUTE
    entry_again: int = 2 * MINUTE
    """Until a device list that the log did not take, or does not show, is sent again."""
    not_listed: int = HOUR
    """Until a device list that the log took and its witnesses have not seen is told."""

    def opening(self, old: bool, draw: random.Random) -> float:
        """A random wait, in seconds, before a mailbox is opened; ``old`` where it is not the one in use any more."""
        return draw.uniform(*((self.open_old_from, self.open_old_to) if old else (0, self.open_within))) / SECOND

    def sender_idle(self, draw: random.Random) -> float:
        """A random time, in seconds, after which a connection with nothing to post is let go."""
        return draw.uniform(self.sender_idle_from, self.sender_idle_to) / SECOND

    def spread(self, longest: int, draw: random.Random) -> int:
        """A random wait up to ``longest``: upkeep that goes to all contacts must not leave for all of them at once."""
        return draw.randint(0, longest)

    def receipt_delay(self, draw: random.Random) -> int:
        """A random wait for receipts."""
        return draw.randint(self.receipts_from, self.receipts_to)
