"""From what a person types to the store key: Argon2id (RFC 9106), and what guessing it costs.

The parameters are RFC 9106's second recommendation (section 4: 64 MiB, 3 passes, 4 lanes); the browser's library computes
the same. A PIN of six digits has a million values: no parameters make that strong against somebody who has copied the
disk. ``guessing_cost`` measures one guess on this machine and says so in numbers, and ``words`` says it to the person.
"""

import math
import time

import msgspec
from argon2.exceptions import HashingError
from argon2.low_level import ARGON2_VERSION, Type, hash_secret_raw

from filon_net.wire.errors import CryptoError

__all__ = ["SALT_SIZE", "Cost", "Effort", "guessing_cost", "store_key", "words"]

SALT_SIZE = 16


class Effort(msgspec.Struct, frozen=True):
    """Parameters of Argon2id; kept beside the salt so that they can be raised later."""

    kibibytes: int = 65_536
    passes: int = 3
    lanes: int = 4


class Cost(msgspec.Struct, frozen=True):
    """What one guess costs: seconds of one core of this machine, all lanes together, so that a busy machine says the same."""

    bits: float
    seconds_per_guess: float
    kibibytes: int

    @property
    def seconds(self) -> float:
        """Mean time to the right guess, on one core."""
        return self.seconds_per_guess * float(2 ** (self.bits - 1))


def store_key(secret: str, salt: bytes, effort: Effort = Effort()) -> bytes:  # noqa: B008 - frozen
    """32 bytes from a PIN or passphrase (as typed, UTF-8) and a random salt of 16 bytes. CryptoError."""
    if len(salt) != SALT_SIZE or not secret:
        raise CryptoError("a store key needs a secret and a salt of 16 bytes")
    try:
        return hash_secret_raw(
            secret.encode("utf-8"), salt, effort.passes, effort.kibibytes, effort.lanes, 32, Type.ID, ARGON2_VERSION
        )
    except (HashingError, UnicodeEncodeError) as error:
        raise CryptoError("no store key can be made of this") from error


def guessing_cost(bits: float, effort: Effort = Effort(), tries: int = 3) -> Cost:  # noqa: B008 - frozen
    """Measure one guess (the fastest of ``tries``) for a secret of so many bits; six digits have log2(10^6) = 19.9."""
    times = []
    for turn in range(tries):
        began = time.process_time()
        store_key(f"guess {turn}", b"\x00" * SALT_SIZE, effort)
        times.append(time.process_time() - began)
    return Cost(bits, min(times), effort.kibibytes)


def words(cost: Cost) -> str:
    """The cost as one sentence, with what it counts."""
    seconds = cost.seconds
    units = (("years", 31_557_600.0), ("days", 86_400.0), ("hours", 3_600.0), ("minutes", 60.0), ("seconds", 1.0))
    unit, length = next(((name, size) for name, size in units if seconds >= 2 * size), units[-1])
    amount = seconds / length
    shown = f"{amount:,.0f}" if amount < 1e6 else f"10^{math.log10(amount):.0f}"
    return (
        f"{cost.seconds_per_guess * 1000:,.0f} ms and {cost.kibibytes / 1024:,.0f} MiB a guess; a secret of {cost.bits:.0f} bits "
        f"takes {shown} {unit} on average on one core like this, and a hundredth of that on a hundred"
    )
