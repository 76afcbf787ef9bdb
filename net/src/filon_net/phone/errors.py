"""What a phone refuses, each with the next step; below ``FilonNetError``, worded at the edge like all of them."""

from filon_net.errors import FilonNetError

__all__ = [
    "BadBackupCode",
    "BadLink",
    "BadProxy",
    "CannotSend",
    "NeedsBackupCode",
    "NoSuch",
    "PhoneBusy",
    "PhoneDamaged",
    "PhoneError",
    "PolicyRefused",
    "Unreachable",
    "WrongSecret",
]


class PhoneError(FilonNetError):
    """Root of what a phone refuses."""


class WrongSecret(PhoneError):
    """The PIN or passphrase does not open this store."""


class PhoneBusy(PhoneError):
    """Another process has this phone open."""


class PhoneDamaged(PhoneError):
    """The store of this phone is missing, of another version, or was changed; or a write to it failed."""


class BadBackupCode(PhoneError):
    """What was typed is no backup code, or the code of somebody else."""


class NeedsBackupCode(PhoneError):
    """The master key is not on this phone: only its owner, with the code, can do this."""


class BadLink(PhoneError):
    """A link or QR code is not one of ours, is cut off, or is past its time."""


class BadProxy(PhoneError):
    """What was given as a proxy is no address of one."""


class NoSuch(PhoneError):
    """There is no such contact, message, notice or team on this phone."""


class CannotSend(PhoneError):
    """A letter to this contact may not leave now."""


class PolicyRefused(PhoneError):
    """A team policy is not signed by enough of its admins, does not follow, or forbids what was asked."""


class Unreachable(PhoneError):
    """The relay or the log did not answer in the time a person was told to wait."""
