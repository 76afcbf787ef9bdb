"""Both signed notes of a log that showed two histories, as files: whoever gets them can check them without this phone."""

from pathlib import Path

from filon_net.phone.notices import RolledBack, SplitView, Told

__all__ = ["kept_notes"]


def kept_notes(told: Told, phone: Path) -> list[Path]:
    """Where both notes of an alarm lie, written when first asked for; [] for a notice without notes."""
    notice = told.notice
    if isinstance(notice, SplitView):
        both = {"ours": notice.ours, "theirs": notice.theirs}
    elif isinstance(notice, RolledBack):
        both = {"shown": notice.shown, "found": notice.found}
    else:
        return []
    folder = phone.with_name(f"{phone.name}.evidence")
    folder.mkdir(mode=0o700, exist_ok=True)
    paths = []
    for name, data in both.items():
        path = folder / f"{told.id.hex()[:8]}-{name}.note"
        if not path.exists():
            path.touch(mode=0o600)
            path.write_bytes(data)
        paths.append(path)
    return paths
