import os
import socket
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from filon.errors import EvidenceError
from filon.evidence.files import FileSource, files_under
from filon.evidence.stretch import open_beneath


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "root"
    (root / "chat").mkdir(parents=True)
    (root / "chat" / "_chat.txt").write_bytes(b"hello")
    (root / "chat" / "IMG.jpg").write_bytes(b"jpg")
    (root / "chat" / "sub").mkdir()
    (root / "chat" / "sub" / "x").write_bytes(b"x")
    (root / "other.txt").write_bytes(b"other")
    (tmp_path / "outside.txt").write_bytes(b"outside")
    return root


def test_a_file_by_itself_has_nothing_beside_it(folder):
    source = FileSource(folder / "chat" / "_chat.txt")
    assert (source.name, source.member, source.size, source.head(2), source.head(10**6)) == (
        "_chat.txt", None, 5, b"he", b"hello",
    )  # fmt: skip
    assert list(source.beside()) == []
    assert source.sibling("IMG.jpg") is None


def test_a_file_of_a_folder_sees_its_own_folder_and_below(folder):
    source = FileSource(folder / "chat" / "_chat.txt", root=folder)
    assert source.name == "chat/_chat.txt"
    assert list(source.beside()) == ["IMG.jpg", "_chat.txt", "sub/x"]
    found = source.sibling("sub/x")
    assert (found.name, found.open().read()) == ("chat/sub/x", b"x")


def test_what_is_put_into_a_folder_or_taken_out_is_seen_at_once(folder):
    source = FileSource(folder / "chat" / "_chat.txt", root=folder)
    for path in (folder / "chat", folder / "chat" / "sub"):
        os.utime(path, (1_500_000_000, 1_500_000_000))  # long ago, so that the listing is kept
    assert list(source.beside()) == ["IMG.jpg", "_chat.txt", "sub/x"]
    kept = source.beside()
    assert kept is source.beside()
    (folder / "chat" / "sub" / "y").write_bytes(b"y")
    assert list(source.beside()) == ["IMG.jpg", "_chat.txt", "sub/x", "sub/y"]
    (folder / "chat" / "IMG.jpg").unlink()
    assert "IMG.jpg" not in source.beside()
    assert next(iter(FileSource(folder / "other.txt", root=folder).beside())) == "chat/_chat.txt"


@pytest.mark.parametrize(
    "name",
    ["../other.txt", "sub/../IMG.jpg", "..", "", ".", "/etc/passwd", "a\0b", "missing", "sub", "IMG.jpg/x", "sub//x"],
)
def test_what_is_not_beside_a_file(folder, name):
    assert FileSource(folder / "chat" / "_chat.txt", root=folder).sibling(name) is None


def test_links_lead_nowhere(folder, tmp_path):
    (folder / "chat" / "link.txt").symlink_to(tmp_path / "outside.txt")
    (folder / "chat" / "linked").symlink_to(tmp_path)
    source = FileSource(folder / "chat" / "_chat.txt", root=folder)
    assert source.sibling("link.txt") is None
    assert source.sibling("linked/outside.txt") is None
    assert list(source.beside()) == ["IMG.jpg", "_chat.txt", "sub/x"]
    with pytest.raises(EvidenceError, match="a symbolic link"):
        FileSource(folder / "chat" / "link.txt")
    with pytest.raises(EvidenceError, match="over a symbolic link"):
        FileSource(folder / "chat" / "linked" / "outside.txt", root=folder)
    with pytest.raises(EvidenceError, match="over a symbolic link"):
        open_beneath(folder, "chat/linked/outside.txt")


def test_a_link_put_in_place_between_looking_and_opening(folder, tmp_path, monkeypatch):
    path = folder / "other.txt"
    real, swapped = os.stat, []

    def look(name, **options):
        found = real(name, **options)
        if name == path and not swapped:
            swapped.append(True)
            path.unlink()
            path.symlink_to(tmp_path / "outside.txt")
        return found

    monkeypatch.setattr(os, "stat", look)
    with pytest.raises(EvidenceError, match="symbolic link"):
        FileSource(path)


def test_fifos_sockets_devices_and_folders_are_refused_without_waiting(folder):
    os.mkfifo(folder / "fifo")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(folder / "s"))
        for path, kind in [
            (folder / "fifo", "FIFO"),
            (folder / "s", "socket"),
            (folder, "folder"),
            (Path("/dev/null"), "device"),
        ]:
            with pytest.raises(EvidenceError, match=kind) as caught:
                FileSource(path)
            assert caught.value.hint


def test_what_is_not_there(folder):
    with pytest.raises(EvidenceError, match="there is no file"):
        FileSource(folder / "missing")
    with pytest.raises(EvidenceError, match="there is no file"):
        open_beneath(folder, "chat/missing/x")


@pytest.mark.parametrize(
    "relative", ["../outside.txt", "chat/../other.txt", "/etc/passwd", "", "chat//IMG.jpg", "./other.txt"]
)
def test_a_path_below_a_folder_stays_below_it(folder, relative):
    with pytest.raises(EvidenceError, match="leaves the folder"):
        open_beneath(folder, relative)


def test_reading_leaves_the_access_time_alone(folder):
    path = folder / "other.txt"
    os.utime(path, ns=(10**18, path.stat().st_mtime_ns + 10**15))  # older than the change: reading would set it
    with FileSource(path).open() as stream:
        stream.read()
    assert path.stat().st_atime_ns == 10**18


def test_a_file_cut_while_it_is_read(folder):
    path = folder / "other.txt"
    path.write_bytes(b"x" * 1_000_000)
    source = FileSource(path)
    with source.open() as stream:
        stream.read(10)
        os.truncate(path, 100)
        with pytest.raises(EvidenceError, match="changed while it was read"):
            stream.read()


def test_a_source_without_a_folder_for_copies(folder):
    with pytest.raises(ValueError, match="folder for copies"):
        FileSource(folder / "other.txt").file()


def test_no_file_stays_open(folder):
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        source = FileSource(folder / "chat" / "_chat.txt", root=folder)
        source.sibling("IMG.jpg").open().read()
        source.sibling("missing")
    del source
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_everything_in_a_folder_in_the_order_of_bytes(tmp_path):
    for name in ["a/b", "a-b", "a.txt", "é", "B", "a/é"]:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff")).write_bytes(b"")
    (tmp_path / "link").symlink_to("/")
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "empty").mkdir()
    found = [os.fsencode(path.relative_to(tmp_path)) for path in files_under(tmp_path)]
    assert found == [b"B", b"a-b", b"a.txt", b"a/b", "a/é".encode(), b"fifo", b"link", "é".encode(), b"\xff"]
    assert found == sorted(found)


def test_a_name_that_is_not_utf8(tmp_path):
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.txt"))
    path.write_bytes(b"x")
    assert FileSource(path).name == "<ff>.txt"
    FileSource(path, root=tmp_path).name.encode("utf-8")


def test_a_folder_that_cannot_be_listed_is_not_passed_over(tmp_path, monkeypatch):
    (tmp_path / "closed").mkdir()
    (tmp_path / "open.txt").write_bytes(b"")
    real = os.scandir

    def scan(path):
        if path == tmp_path / "closed":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", scan)
    assert list(files_under(tmp_path)) == [tmp_path / "closed", tmp_path / "open.txt"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=500), st.lists(st.tuples(st.integers(0, 600), st.integers(-1, 600)), max_size=8))
def test_a_stream_is_what_the_bytes_are(tmp_path, data, steps):
    path = tmp_path / "file"
    path.write_bytes(data)
    with FileSource(path).open() as stream:
        for at, count in steps:
            stream.seek(at)
            assert stream.read(count) == (data[at:] if count < 0 else data[at : at + count])
