"""What a relay imports has no plaintext type, and reaches none."""

import ast
import subprocess
import sys
import typing
from pathlib import Path

import filon_net.wire
from filon_net.wire.frames import Frame

FOLDER = Path(filon_net.wire.__file__).parent
# one line a frame, in the order of the frames; repeated names stand once
TOLD = """
relay nonce unacked unanswered
mailbox signature token
waiting quota_messages quota_bytes hours_kept bundles
after window number hour expires blob numbers count
request capability daily last_resort bundle
code retry mark
"""


def test_the_wire_imports_no_floor_above() -> None:
    for file in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("filon_net"):
                below = (node.module or "") == "filon_net.errors"
                assert below or (node.module or "").startswith("filon_net.wire"), file


def test_a_relay_process_never_loads_the_ratchet() -> None:
    above = ("vodozemac", "filon_net.crypto", "argon2")
    script = f"import sys, filon_net.wire; print([name for name in sys.modules if name.startswith({above})])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_field_a_relay_is_told_is_on_the_list() -> None:
    """A new field is a new thing a relay learns: it is added here on purpose or not at all."""
    fields = {name for kind in typing.get_args(Frame) for name in kind.__struct_fields__}
    assert fields == set(TOLD.split())
    assert not fields & {"sender", "from", "type", "kind", "body", "text", "group", "certificate", "sent_at"}
