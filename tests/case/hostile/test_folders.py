"""Folders that hold what is no file, and files whose names do things."""

import os
import socket
from contextlib import closing

import msgspec

from case import made_exports as exports
from case.hostile.attack import Attack
from filon.model.display import visible


def test_what_is_no_file_in_a_folder_is_left_out_and_said(case, evil, tmp_path):
    os.mkfifo(evil / "fifo.log")
    (evil / "link.log").symlink_to("/etc/passwd")
    (evil / "loop").symlink_to(evil)
    (evil / "dangling.log").symlink_to(evil / "nowhere")
    (tmp_path / "short").mkdir()
    with closing(socket.socket(socket.AF_UNIX)) as listening:
        os.chdir(evil)
        try:
            listening.bind("socket.log")
        finally:
            os.chdir("/")
        attack = Attack(case, evil)
    assert attack.rows == []
    assert {path.rsplit("/")[-1] for path in attack.left_out} == {
        "fifo.log", "link.log", "loop", "dangling.log", "socket.log",
    }  # fmt: skip
    assert all(attack.left_out.values())


def test_names_that_act_on_a_terminal_are_shown_and_not_obeyed(case, evil):
    names = [
        "\x1b[31mred\x1b[0m.log",
        "two\nlines.log",
        "\u202egol.exe",
        "a\u200bb.log",
        "'; DROP TABLE x.log",
        "-rf.log",
    ]
    for number, name in enumerate(names):
        (evil / name).write_bytes(exports.irc(lines=3, seed=number))
    attack = Attack(case, evil)
    held = {row.item.name for row in attack.rows}
    assert held == set(names)
    for name in held:
        shown = visible(name)
        assert shown.isprintable()
        assert "\x1b" not in shown
    assert case.count(case.view(), "") == 300 + 3 * len(names)


def test_a_name_that_is_no_text_is_left_out_or_kept_and_said(case, evil):
    with open(os.path.join(os.fsencode(evil), b"caf\xe9.log"), "wb") as file:  # noqa: PTH118, PTH123 - bytes are the point
        file.write(exports.irc(lines=3))
    attack = Attack(case, evil)
    assert len(attack.rows) + len(attack.left_out) == 1
    msgspec.json.encode(attack.left_out)
