import hashlib
import os
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.boxes import RawZip, zip_of
from filon.errors import EvidenceError
from filon.evidence import hashing
from filon.evidence.files import FileSource
from filon.evidence.hashing import Proven, hash_file
from filon.evidence.items import open_item
from filon.evidence.source import BytesSource
from filon.settings import Limits

DATA = os.urandom(1000) * 3500  # more than three blocks


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "chat.txt"
    path.write_bytes(DATA)
    return path


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_the_hash_of_a_file(path):
    seen = []
    assert hash_file(path, seen.append) == (digest(DATA), len(DATA))
    assert (seen[-1].stage, seen[-1].done, seen[-1].total, seen[-1].item) == ("hash", len(DATA), len(DATA), "chat.txt")


def test_a_file_that_grows_while_it_is_hashed(path):
    def grow(_: object) -> None:
        with path.open("ab") as out:
            out.write(b"more")

    with pytest.raises(EvidenceError, match="changed while it was read"):
        hash_file(path, grow)


def test_what_was_read_is_what_was_hashed(path, tmp_path):
    proven = Proven(FileSource(path), tmp_path, digest(DATA))
    with proven.open() as stream:
        assert stream.read() == DATA
    proof = proven.finish()
    assert (proof.sha256, proof.size, proof.trouble, proof.beside) == (digest(DATA), len(DATA), (), ())


def test_what_nobody_read_is_hashed_at_the_end(path, tmp_path):
    proven = Proven(FileSource(path), tmp_path, digest(DATA))
    assert proven.head(10) == DATA[:10]
    assert proven.head(2_000_000) == DATA[:2_000_000]
    assert proven.finish().sha256 == digest(DATA)
    assert Proven(FileSource(path), tmp_path).finish().sha256 == digest(DATA)


def test_a_file_replaced_between_hashing_and_reading(path, tmp_path):
    sha256, _ = hash_file(path)
    other = tmp_path / "other"
    other.write_bytes(DATA[:-1] + b"!")
    other.rename(path)
    proven = Proven(FileSource(path), tmp_path, sha256)
    proven.open().read()
    with pytest.raises(EvidenceError, match="changed while it was read"):
        proven.finish()


def test_a_file_that_grew_between_hashing_and_reading(path, tmp_path):
    sha256, _ = hash_file(path)
    with path.open("ab") as out:
        out.write(b"more")
    with pytest.raises(EvidenceError, match="changed while it was read"):
        Proven(FileSource(path), tmp_path, sha256).finish()


def test_a_file_that_is_written_to_while_it_is_read(path, tmp_path):
    sha256, _ = hash_file(path)
    proven = Proven(FileSource(path), tmp_path, sha256)
    with proven.open() as stream:
        stream.read(1000)
        with path.open("r+b") as out:
            out.seek(3_000_000)
            out.write(b"changed")
        stream.read()
    with pytest.raises(EvidenceError, match="changed while it was read"):
        proven.finish()


def test_a_block_read_again_must_be_what_it_was(path, tmp_path):
    """A reader that looks twice must not see other bytes than those in the hash, even if they are put back later."""
    proven = Proven(FileSource(path), tmp_path)
    with proven.open() as stream:
        stream.read(1_500_000)
        with path.open("r+b") as out:
            out.write(b"changed")
        stream.seek(0)
        with pytest.raises(EvidenceError, match="changed while it was read"):
            stream.read(10)


def test_a_block_jumped_over_is_hashed_on_the_way(path, tmp_path):
    proven = Proven(FileSource(path), tmp_path, digest(DATA))
    with proven.open() as stream:
        stream.seek(3_200_000)
        assert stream.read(10) == DATA[3_200_000:3_200_010]
        with path.open("r+b") as out:
            out.seek(3_200_000)
            out.write(b"changed")
        stream.seek(3_100_000)
        stream.read(10)  # the block at hand
        stream.seek(0)
        stream.read(10)
        stream.seek(3_200_000)
        with pytest.raises(EvidenceError, match="changed while it was read"):
            stream.read(10)


def test_a_private_copy_is_hashed_as_it_is_made(path, tmp_path):
    tmp = tmp_path / "tmp"
    tmp.mkdir()
    proven = Proven(FileSource(path), tmp, digest(DATA))
    copy = proven.file()
    assert (copy.read_bytes(), copy.parent, proven.file()) == (DATA, tmp, copy)
    path.write_bytes(b"other")  # what the library sees is the copy
    assert proven.finish().sha256 == digest(DATA)
    proven = Proven(FileSource(path), tmp, digest(DATA))
    proven.file()
    with pytest.raises(EvidenceError, match="changed while it was read"):
        proven.finish()


def test_what_lay_beside_and_was_read_is_proven_too(tmp_path):
    (tmp_path / "a.db").write_bytes(b"database")
    (tmp_path / "a.db-wal").write_bytes(b"log")
    (tmp_path / "c").write_bytes(b"not asked for")
    proven = Proven(FileSource(tmp_path / "a.db", root=tmp_path), tmp_path)
    assert proven.sibling("a.db-wal").open().read() == b"log"
    assert proven.sibling("a.db-wal") is proven.sibling("a.db-wal")
    assert proven.sibling("missing") is None
    ((name, proof),) = proven.finish().beside
    assert (name, proof.sha256, proof.size) == ("a.db-wal", digest(b"log"), 3)


def test_damage_of_a_member_is_told_with_its_proof(tmp_path):
    path = tmp_path / "item.zip"
    path.write_bytes(RawZip().add(b"a", b"data", crc=1).bytes())
    with open_item(path, Limits(), tmp_path) as opened:
        (source,) = opened.members()
        proof = Proven(source, tmp_path).finish()
    assert (proof.sha256, [one.code for one in proof.trouble]) == (digest(b"data"), ["member-damaged"])


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_member_of_an_archive(tmp_path, method):
    path = tmp_path / "item.zip"
    path.write_bytes(zip_of([("a", DATA)], method))
    with open_item(path, Limits(), tmp_path) as opened:
        (source,) = opened.members()
        proven = Proven(source, tmp_path)
        with proven.open() as stream:
            stream.seek(2_000_000)
            stream.read(5)
            stream.seek(5)
            assert stream.read(5) == DATA[5:10]
        proof = proven.finish()
    assert (proof.sha256, proof.trouble) == (digest(DATA), ())


@settings(max_examples=120, deadline=None)
@given(
    st.binary(max_size=200),
    st.lists(st.tuples(st.integers(0, 220), st.sampled_from([0, 1, 5, 64, 1000])), max_size=8),
    st.sampled_from([1, 7, 64, 1000]),
)
def test_any_way_of_reading_gives_the_bytes_and_their_hash(data, steps, block):
    real, hashing._BLOCK = hashing._BLOCK, block
    try:
        proven = Proven(BytesSource("a", data), None, digest(data))
        with proven.open() as stream:
            for at, count in steps:
                stream.seek(at)
                assert stream.read(count) == data[at : at + count]
        proof = proven.finish()
        assert (proof.sha256, proof.size) == (digest(data), len(data))
    finally:
        hashing._BLOCK = real
