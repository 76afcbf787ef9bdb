"""The file of waiting entries, byte by byte."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filon_net.errors import LogDamaged, LogError
from filon_net.log.journal import Journal
from log.builders import some_entries


@pytest.mark.usefixtures("quick")
class TestJournal:
    FRAMES = (some_entries(3), [b"", b"x" * 300], some_entries(2, 5))

    def written(self, path, base=40):
        journal = Journal(path, base)
        index = base
        ends = []
        for frame in self.FRAMES:
            assert journal.append(frame) == index
            index += len(frame)
            ends.append(journal._end)
        journal.close()
        return path.read_bytes(), ends

    def test_a_single_frame_is_not_lost_with_the_mark(self, tmp_path):
        path = tmp_path / "journal"
        data, ends = self.written(path)
        for at in range(32):
            changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 : ends[0]]
            if at < 16:
                with pytest.raises(LogDamaged):
                    self.reopened(path, changed)
            else:
                assert self.reopened(path, changed) == []  # cannot be told from a torn one

    def reopened(self, path, data, base=40):
        path.write_bytes(data)
        journal = Journal(path, base)
        journal.close()
        return journal.entries

    def test_it_may_be_torn_anywhere(self, tmp_path):
        path = tmp_path / "journal"
        data, ends = self.written(path)
        for length in range(len(data) + 1):
            whole = sum(end <= length for end in ends)
            expected = [one for frame in self.FRAMES[:whole] for one in frame]
            assert self.reopened(path, data[:length]) == expected
            assert self.reopened(path, data[:length] + bytes(50)) == expected

    def test_damage_before_the_end_is_no_torn_end(self, tmp_path):
        path = tmp_path / "journal"
        data, ends = self.written(path)
        for at in range(ends[1]):
            changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
            with pytest.raises(LogDamaged):
                self.reopened(path, changed)
        all_entries = [one for frame in self.FRAMES for one in frame]
        for at in range(ends[1], ends[2]):
            changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
            assert self.reopened(path, changed) == all_entries[:5]

    def test_what_is_in_the_tree_is_passed_over(self, tmp_path):
        path = tmp_path / "journal"
        data, _ = self.written(path)
        all_entries = [one for frame in self.FRAMES for one in frame]
        for base in range(40, 48):
            assert self.reopened(path, data, base) == all_entries[base - 40 :]
        for base in (0, 39):
            with pytest.raises(LogDamaged):
                self.reopened(path, data, base)

    def test_frames_must_follow_each_other(self, tmp_path):
        path = tmp_path / "journal"
        data, ends = self.written(path)
        with pytest.raises(LogDamaged):
            self.reopened(path, data[: ends[0]] + data[ends[1] :])

    def test_an_entry_cannot_look_like_a_frame(self, tmp_path):
        """Somebody who knows the form sends a journal as an entry; then the plug is pulled."""
        path = tmp_path / "journal"
        fake, _ = self.written(tmp_path / "fake", base=41)
        journal = Journal(path, 40)
        journal.append([b"first"])
        journal.append([fake])
        journal.close()
        assert self.reopened(path, path.read_bytes()[:-1]) == [b"first"]

    def test_it_is_private_and_bounded(self, tmp_path, monkeypatch):
        path = tmp_path / "journal"
        data, _ = self.written(path)
        assert path.stat().st_mode & 0o777 == 0o600
        monkeypatch.setattr("filon_net.log.journal._LARGEST", len(data))
        assert len(self.reopened(path, data)) == 7
        with pytest.raises(LogDamaged) as caught:
            self.reopened(path, data + b"\x00")
        assert "more than" in str(caught.value)

    def test_a_write_that_failed_stops_it(self, tmp_path, monkeypatch):
        journal = Journal(tmp_path / "journal", 0)
        journal.append([b"one"])

        def full(*_):
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr("filon_net.log.durable.os.fsync", full)
            with pytest.raises(OSError):
                journal.append([b"two"])
        with pytest.raises(LogDamaged):
            journal.append([b"two"])
        journal.close()
        journal = Journal(tmp_path / "journal", 0)
        assert journal.entries[:1] == [b"one"]
        journal.close()

    @settings(max_examples=50, deadline=None)
    @given(st.binary(max_size=200))
    def test_noise(self, tmp_path_factory, data):
        path = tmp_path_factory.mktemp("j") / "journal"
        with contextlib.suppress(LogError):
            assert self.reopened(path, data) == []
