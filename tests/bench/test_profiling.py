"""A profile counts work for the innermost function of filon, and leaves waiting out."""

from profiling import profiled

SEEN = """\
process 1:"filon add";main (filon/cli/app.py:10);write_index (filon/store/embedded/text.py:90);add_document (tantivy) 60
process 1:"filon add";main (filon/cli/app.py:10);write_index (filon/store/embedded/text.py:71) 10
process 2:"child";main (/opt/x/filon/store/embedded/crew_child.py:3);vocabulary (/opt/x/filon/store/embedded/text.py:100) 20
process 2:"child";main (filon/store/embedded/crew_child.py:24);receive (filon/store/embedded/crew.py:150) 500
process 2:"child";_start (libc.so.6) 10
"""


def test_shares_are_of_the_work_and_not_of_waiting(tmp_path):
    raw = tmp_path / "add.raw"
    raw.write_text(SEEN)
    found = profiled(raw, "adding", "what was learned")
    assert found.samples == 100
    assert found.shares == [
        ("store/embedded/text", ["write_index", "vocabulary"], 0.9),
        ("outside", [""], 0.1),
    ]
