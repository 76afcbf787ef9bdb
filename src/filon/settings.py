"""Settings, from the environment, with the limits that keep hostile evidence in bounds."""

import os
from pathlib import Path

import msgspec

__all__ = ["Limits", "Settings", "load"]

MIB = 1 << 20
GIB = 1 << 30


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds on what one item may cost. Sizes in bytes, times in seconds."""

    archive_depth: int = 4
    archive_members: int = 1_000_000
    archive_ratio: int = 1_000
    """Unpacked size over packed size of a whole archive; beyond it, it is taken for a bomb."""
    archive_ratio_from: int = 64 * MIB
    """The ratio is judged once this much has been unpacked: tiny archives may be very dense."""
    member_bytes: int = 1 << 40
    worker_memory: int = 3 * GIB
    """Address space a parsing process may use beyond what it starts with."""
    worker_cpu: int = 6 * 3600
    worker_silence: int = 600
    """A worker that reports nothing for this long is ended."""
    line_bytes: int = 16 * MIB
    """A text line longer than this is cut and becomes a defect."""
    block_bytes: int = 32 * MIB
    """A large table is parsed in blocks of about this size, side by side."""
    blocks_from: int = 64 * MIB
    """A table of this size is large."""
    picture_pixels: int = 64_000_000


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What a process of filon is told from outside."""

    home: Path
    """Where a case given by bare name lies."""
    case: str | None = None
    """The case that is meant where none is named: a bare name or a path."""
    who: str
    """Name written into the custody log and the desk."""
    zone: str = "UTC"
    """Zone in which times are shown unless the view says otherwise."""
    language: str = "en"
    limits: Limits = Limits()


def load(environment: "os._Environ[str] | dict[str, str] | None" = None) -> Settings:
    """Read settings from ``FILON_HOME, FILON_CASE, FILON_WHO, FILON_ZONE, FILON_LANGUAGE``."""
    env = os.environ if environment is None else environment
    home = env.get("FILON_HOME")
    return Settings(
        home=Path(home).expanduser() if home else Path.home() / "filon",
        case=env.get("FILON_CASE") or None,
        who=env.get("FILON_WHO") or env.get("USER") or env.get("LOGNAME") or f"uid {os.getuid()}",
        zone=env.get("FILON_ZONE") or "UTC",
        language=(env.get("FILON_LANGUAGE") or env.get("LANG") or "en")[:2].lower(),
    )
