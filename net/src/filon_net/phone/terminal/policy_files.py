"""A team's policy as people hand it on: one line of text, pasted or in a file."""

from pathlib import Path

from filon_net.phone.errors import NoSuch
from filon_net.phone.links import policy_link, policy_of
from filon_net.wire.links import LONGEST, SCHEME

__all__ = ["policy_in", "save_policy"]


def policy_in(text: str) -> bytes:
    """The signed policy in a pasted line, or in the file of this path. BadLink, NoSuch."""
    text = text.strip()
    if text.startswith(SCHEME):
        return policy_of(text)
    path = Path(text).expanduser()
    try:
        if not path.is_file():
            raise NoSuch("this is no line of a team policy, and no file", hint="paste the line whole, or give a path")
        with path.open("rb") as file:
            data = file.read(2 * LONGEST)
    except (OSError, ValueError) as error:
        raise NoSuch("this file cannot be read", hint="see that it is there and yours to read") from error
    return policy_of(data.decode("ascii", "replace"))


def save_policy(signed: bytes, team: bytes, version: int, beside: Path) -> Path:
    """The line as a file beside the phone's, for its owner's eyes: ``ada.phone`` → ``ada.phone.team-0a1b2c3d-2.txt``."""
    path = beside.with_name(f"{beside.name}.team-{team.hex()[:8]}-{version}.txt")
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(policy_link(signed) + "\n", encoding="ascii")
    return path
