"""Every error filon-net raises on purpose, as one tree.

    FilonNetError
    ├── WireError             bytes or calls that the protocol does not allow (``wire.errors``)
    ├── CryptoError           a key, a signature, a seal or a session does not agree (``wire.errors``)
    └── LogError              the transparency log, or somebody who speaks for it, is not to be believed as it stands
        ├── Malformed         bytes from outside are not of the form they claim; nothing of them was used
        ├── ProofFailed       hashes do not lead to the root they should lead to
        ├── NotSigned         a signature is missing or wrong, or too few witnesses signed
        ├── ChainBroken       an entry does not follow from the one before it, or its owner did not sign it
        ├── RolledBack        a log shows less than it showed before
        ├── SplitView         a log showed two histories; carries both signed checkpoints, which prove it
        ├── NotServed         a file of the log could not be fetched
        ├── LogBusy           another process is writing, or too much is waiting to be integrated
        └── LogDamaged        what this machine itself stored is missing or changed

An error carries an English template and values: it is worded at the edge, in the language of the person who reads it.
``str(error)`` is the English wording; an error without values is one finished sentence, whatever braces it holds.
``hint`` says what to do next. Values may come from an attacker: they are shown
with ``repr`` and cut short, so that no control character and no flood of text reaches a screen or a log file.
"""

__all__ = [
    "ChainBroken",
    "FilonNetError",
    "LogBusy",
    "LogDamaged",
    "LogError",
    "Malformed",
    "NotServed",
    "NotSigned",
    "ProofFailed",
    "RolledBack",
    "SplitView",
]

_LONGEST = 120


def _shown(name: str, value: object) -> object:
    """A value as it may appear in a sentence: numbers and our own words (``what``) as they are, the rest as a short ``repr``."""
    if isinstance(value, int) or name == "what":
        return value
    text = repr(value[: _LONGEST + 1]) if isinstance(value, str | bytes) else repr(value)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


class FilonNetError(Exception):
    """Root of the tree. ``message`` is an English template with ``{names}`` filled from ``values``, where there are any."""

    def __init__(self, message: str, *, hint: str | None = None, **values: object) -> None:
        self.message = message
        self.hint_message = hint
        self.values = values
        super().__init__(message, hint, values)

    def __str__(self) -> str:
        return self._worded(self.message)

    @property
    def hint(self) -> str | None:
        """What to do next, in English, or None."""
        return None if self.hint_message is None else self._worded(self.hint_message)

    def _worded(self, template: str) -> str:
        if not self.values:
            return template
        return template.format(**{name: _shown(name, value) for name, value in self.values.items()})


class LogError(FilonNetError):
    """The transparency log, or somebody who speaks for it, is not to be believed as it stands."""


class Malformed(LogError):
    """Bytes from outside are not of the form they claim to be; nothing of them was used."""


class ProofFailed(LogError):
    """Hashes do not lead to the root they should lead to."""


class NotSigned(LogError):
    """A signature is missing or wrong, or too few witnesses signed."""


class ChainBroken(LogError):
    """An entry does not follow from the one before it, or its owner did not sign it."""


class RolledBack(LogError):
    """A log shows less than it showed before. ``shown`` and ``found`` are the signed notes (bytes) of then and now."""

    def __init__(self, message: str, *, shown: bytes, found: bytes, hint: str | None = None, **values: object) -> None:
        super().__init__(message, hint=hint, **values)
        self.shown = shown
        self.found = found


class SplitView(LogError):
    """A log showed two histories. ``ours`` and ``theirs`` are the signed notes (bytes): anybody can check them."""

    def __init__(self, message: str, *, ours: bytes, theirs: bytes, hint: str | None = None, **values: object) -> None:
        super().__init__(message, hint=hint, **values)
        self.ours = ours
        self.theirs = theirs


class NotServed(LogError):
    """A file of the log could not be fetched."""


class LogBusy(LogError):
    """Another process is writing, or too much is waiting to be integrated."""


class LogDamaged(LogError):
    """What this machine itself stored is missing or changed."""
