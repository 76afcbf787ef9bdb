"""One attack through the whole house: an add ends with an account, and nothing else is harmed.

Every attack lies in a folder with an ordinary export. Whatever it is, the add ends; the ordinary export is read; the attack
is accounted for (read with defects, refused, or kept unread); nothing is written outside of the case; the case checks out.
"""

import resource
import time

from case import made_exports as exports
from evidence.boxes import zip_of
from filon.settings import Limits

MIB = 1 << 20
LIMITS = Limits(
    archive_depth=3,
    archive_members=2_000,
    archive_ratio=50,
    archive_ratio_from=2 * MIB,
    member_bytes=64 * MIB,
    worker_memory=768 * MIB,
    worker_cpu=60,
    worker_silence=60,
)
GOOD = "z good #harbour.log"
BESIDE = "beside"


def tree_of(folder, case):
    """Everything below the test's folder but the case, with size and time of change."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if not path.is_relative_to(case.root):
            about = path.lstat()
            found[str(path)] = (about.st_mode, about.st_size, about.st_mtime_ns)
    return found


class Attack:
    """What an attack came to."""

    def __init__(self, case, folder, **given):
        (folder / GOOD).write_bytes(exports.irc())
        top, view = folder.parent, case.view()
        (top / BESIDE).mkdir(exist_ok=True)
        before, memory = tree_of(top, case), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began = time.monotonic()
        self.added = case.add(view, [folder], **given)
        self.seconds = time.monotonic() - began
        assert tree_of(top, case) == before
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < 256 * 1024
        assert list((case.root / "tmp").iterdir()) == []
        good = next(row for row in self.added.items if row.item.name == GOOD)
        assert [(r.format, r.tally.messages) for r in good.readings] == [("irc", 300)]
        self.rows = [row for row in self.added.items if row.item.name != GOOD]
        self.readings = [reading for row in self.rows for reading in row.readings]
        self.defects = case.defects(view, limit=10_000)[1]
        self.codes = sorted({defect.code for defect in self.defects})
        self.left_out = dict(self.added.refused)
        assert all(reading.tally.balanced or reading.tally.defects for reading in self.readings)
        assert case.count(view, "platform:irc") >= 300
        assert case.verify(view).problems == ()


def zip_bomb(size=40 * MIB):
    """A small archive of one member that unpacks to ``size`` bytes."""
    return zip_of([("bomb.log", bytes(size))])
