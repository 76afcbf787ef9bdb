"""Three people and four phones behind a relay that delays, doubles, overtakes and loses; phones that die, and copies put back.

What a phone took over to send is shown once on every phone of its reader, or its writer is told. Nothing is undecryptable
where nobody was put back. Who was put back is found out by those who are written to.
"""

import shutil
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from faults.weather import Weather
from filon_net.phone.engine import Engine
from filon_net.phone.joining import leave_of
from filon_net.phone.state import ContactState, State
from filon_net.phone.store import Store
from hostile.acting import DAY, MINUTE
from hostile.proxy import Net, Proxied, quick

TOLD = {"Rewound", "Undecryptable"}
QUIET = {"KeyChanged", "NoSpareToken", "LogLate", "LogSilent"}
"""What this machine's own rules bring about and what is not looked at: a device linked, tokens used up, days without a look."""


class Machine(RuleBasedStateMachine):
    puts_back = False

    @initialize()
    def meet(self) -> None:
        self.folder = Path(tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
        self.patched = pytest.MonkeyPatch()
        quick(self.patched)
        self.net = Net(self.folder)
        ada, bob, carl = (self.net.phone(name) for name in ("Ada", "Bob", "Carl"))
        self.net.wait_for_log()
        for one, other in ((ada, bob), (ada, carl), (bob, carl)):
            self.net.introduce(one, other)
        second = self.net.phone("Ada", code=ada.code, link=ada.engine.open_link(self.net.now))
        self.net.everybody_looks()
        self.net.everybody_looks()
        assert all(self.knows(second, other) for other in (bob, carl))
        for phone in self.phones:
            for told in phone.engine.notices():
                phone.engine.acknowledge(told.id, self.net.now)
        self.weather = self.net.proxy = Weather()
        self.sent: list[tuple[Proxied, bytes, str]] = []
        self.copies = self.days = 0
        self.snapshot: tuple[Proxied, Path, int] | None = None
        self.back: tuple[Proxied, int] | None = None
        self.since: dict[bytes, int] = {}

    @property
    def phones(self) -> list[Proxied]:
        return self.net.phones

    def of(self, user: bytes) -> list[Proxied]:
        return [one for one in self.phones if one.user == user]

    @staticmethod
    def knows(phone: Proxied, other: Proxied) -> bool:
        contact = phone.engine.books.contacts.get(other.user)
        return (
            contact is not None and contact.state is ContactState.OPEN and len(contact.routes) == len(contact.devices)
        )

    @rule(who=st.integers(0, 3), to=st.integers(0, 2), count=st.integers(1, 3))
    def write(self, who: int, to: int, count: int) -> None:
        phone, other = self.phones[who], self.phones[to]
        if phone.user == other.user:
            return
        for _ in range(count):
            words = f"letter {len(self.sent)}"
            phone.send(other, words)
            self.sent.append((phone, other.user, words))

    @rule(who=st.integers(0, 3), times=st.integers(1, 5))
    def carry(self, who: int, times: int) -> None:
        for _ in range(times):
            self.phones[who].step()

    @rule(ahead=st.text("hdl.", min_size=1, max_size=6))
    def bad_weather(self, ahead: str) -> None:
        self.weather.ahead += ahead

    @rule(who=st.integers(0, 3))
    def cut(self, who: int) -> None:
        self.phones[who].cut()

    @rule(who=st.integers(0, 3))
    def crash(self, who: int) -> None:
        """The process ends: what is on the disk now is what there is."""
        phone = self.phones[who]
        self.open(phone, self.copy(phone))

    def copy(self, phone: Proxied) -> Path:
        self.copies += 1
        path = self.folder / f"copy-{self.copies}"
        shutil.copy(phone.engine.books.store.path, path)
        return path

    def open(self, phone: Proxied, path: Path) -> None:
        phone.cut()
        phone.engine.books.store.close()
        store = Store.open(path, "secret")
        phone.engine = Engine(store, leave_of(store), phone.engine.rules, self.net.draw)

    @rule(who=st.integers(0, 3))
    def change_mailbox(self, who: int) -> None:
        phone = self.phones[who]
        if phone.own.tokens and phone.engine.mailboxes.box.token is None:
            phone.engine.rotate_mailbox(self.net.now)

    @rule(minutes=st.sampled_from([1, 20]))
    def minutes_pass(self, minutes: int) -> None:
        self.net.pass_time(minutes * MINUTE)

    @precondition(lambda self: self.days < 24)
    @rule(days=st.sampled_from([1, 8]))
    def days_pass(self, days: int) -> None:
        """Receipts, checkpoints, seal keys and last resorts are renewed."""
        self.days += days
        for _ in range(days):
            self.net.pass_time(DAY)
            self.net.carry(2)

    @precondition(lambda self: self.puts_back and self.snapshot is None)
    @rule(who=st.integers(0, 3))
    def take_a_copy(self, who: int) -> None:
        phone = self.phones[who]
        self.snapshot = phone, self.copy(phone), len(self.sent)

    @precondition(lambda self: self.puts_back and self.snapshot is not None and self.back is None)
    @rule()
    def put_it_back(self) -> None:
        phone, path, count = self.snapshot
        talks = phone.engine.books.device.talks
        waiting = Counter(one.peer for one in phone.engine.books.errands.values() if one.blob)
        wrote = {
            peer: talk.sent - waiting[peer] for peer, talk in talks.items()
        }  # what never left is not written twice
        self.open(phone, path)
        after = phone.engine.books.device.talks
        self.since = {peer: sent - after[peer].sent for peer, sent in wrote.items() if peer in after}
        self.back = phone, count

    def teardown(self) -> None:
        if not hasattr(self, "net"):
            return
        try:
            self.weather.ahead = ""
            for _ in range(4):
                self.net.everybody_looks()
                self.net.go(DAY)
            for one in self.phones:  # a last letter from everybody to everybody shows whatever is still missing
                for user in list(one.engine.books.contacts):
                    self.sent.append((one, user, f"last {len(self.sent)}"))
                    one.engine.send(user, self.sent[-1][2], self.net.now)
            for _ in range(3):
                self.net.everybody_looks()
                self.net.go(30 * MINUTE)
            self.check()
        finally:
            self.net.close()
            self.patched.undo()
            shutil.rmtree(self.folder)

    def check(self) -> None:
        put_back, known = self.back or (None, 0)
        for number, (writer, user, words) in enumerate(self.sent):
            for reader in self.of(user):
                texts = [item.text for _, item in reader.engine.books.items(writer.user, 1_000)]
                assert texts.count(words) <= 1, "shown twice"
                forgot = put_back in (reader, writer) and number >= known - 40
                assert words in texts or forgot or self.told(writer, words), f"{words} is lost in silence"
        assert self.back or all(one.engine.books.device.undecryptable == 0 for one in self.phones)
        # a phone put back lacks the seal keys it made since; who wrote to them writes again
        assert all(one.engine.books.device.rejected == 0 for one in self.phones if one is not put_back)
        if self.back is None:
            seen = {one for one in self.net.told() if one[1] not in QUIET}
            assert not seen, f"what was told is not over in the end: {seen}"
        else:
            self.check_told(put_back)

    @staticmethod
    def told(writer: Proxied, words: str) -> bool:
        """Whether the writer sees that it has not arrived."""
        for contact in writer.engine.books.contacts:
            for _, item in writer.engine.books.items(contact, 1_000):
                if item.text == words:
                    return item.state in (State.NOT_DELIVERED, State.WAITING, State.HELD)
        return False

    def check_told(self, put_back: Proxied) -> None:
        """Whoever had got letters that the copy does not know of is told, for numbers or keys came twice."""
        for phone in self.phones:
            had = self.since.get(phone.engine.books.device.fingerprint, 0)
            if phone.user != put_back.user and had > 0:
                assert TOLD & set(phone.notices()), f"{had} letters were written twice, and {phone.name} sees nothing"


class PutBack(Machine):
    puts_back = True


TestMachine = Machine.TestCase
TestMachine.settings = settings(
    max_examples=5, stateful_step_count=22, deadline=None, report_multiple_bugs=False, phases=[Phase.generate]
)
TestPutBack = PutBack.TestCase
TestPutBack.settings = settings(
    max_examples=4, stateful_step_count=22, deadline=None, report_multiple_bugs=False, phases=[Phase.generate]
)
