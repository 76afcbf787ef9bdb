"""People with several devices over a network that stops and starts, phones that are killed inside a write, keys and mailboxes
that change: what was sent is shown once on every device, nothing is undecryptable, nobody is accused."""

import contextlib
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from network import DAY, Network, Phone

from filon_net.phone import store
from filon_net.phone.engine import Engine
from filon_net.phone.joining import leave_of
from filon_net.phone.state import ContactState, State
from filon_net.phone.store import Store

HARMLESS = {"KeyChanged", "NoSpareToken", "NotDelivered", "Gap", "ClockSkew", "LogLate", "LogSilent"}


class Killed(BaseException):
    """The process ends here."""


class PhonesMachine(RuleBasedStateMachine):
    @initialize()
    def meet(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.patched = pytest.MonkeyPatch()
        self.patched.setattr("os.fsync", lambda _: None)
        self.patched.setattr(store, "SYNCHRONOUS", "OFF")
        self.network = Network(self.folder)
        self.ada, self.bob = self.network.phone("Ada"), self.network.phone("Bob")
        self.network.wait_for_log()
        self.network.introduce(self.ada, self.bob)
        self.sent: dict[str, Phone] = {}
        self.maybe: set[str] = set()
        self.copies = 0
        self.days = 0

    @property
    def phones(self) -> list[Phone]:
        return self.network.phones

    def other(self, phone: Phone) -> Phone:
        return self.bob if phone.user == self.ada.user else self.ada

    def knows(self, phone: Phone) -> bool:
        """A device that was linked just now hears of the contact first, and looks the contact up in the log."""
        contact = phone.engine.books.contacts.get(self.other(phone).user)
        return contact is not None and contact.state is ContactState.OPEN

    @rule(who=st.integers(0, 2), again=st.integers(1, 3))
    def write(self, who: int, again: int) -> None:
        phone = self.phones[who % len(self.phones)]
        if not self.knows(phone):
            return
        for _ in range(again):
            text = f"letter {len(self.sent)}"
            phone.send(self.other(phone), text)
            self.sent[text] = phone

    @rule(who=st.integers(0, 2), times=st.integers(1, 6))
    def carry(self, who: int, times: int) -> None:
        for _ in range(times):
            self.phones[who % len(self.phones)].step()

    @rule(who=st.integers(0, 2))
    def cut(self, who: int) -> None:
        self.phones[who % len(self.phones)].cut()

    @rule(who=st.integers(0, 2))
    def restart(self, who: int) -> None:
        self.phones[who % len(self.phones)].restart()

    @rule(who=st.integers(0, 2), turns=st.integers(0, 5), committed=st.booleans())
    def kill_inside_a_turn(self, who: int, turns: int, committed: bool) -> None:
        """The file as it is just before, or just after, a later turn reaches the disk; with its journal."""
        phone = self.phones[who % len(self.phones)]
        held = phone.engine.books.store
        self.copies += 1
        copy = self.folder / f"copy-{self.copies}.phone"
        left = [turns]
        whole = held.transaction

        @contextlib.contextmanager
        def dying():
            outer = held._depth == 0
            with whole():
                yield
                if outer and not committed and left[0] == 0:
                    self.copy(held.path, copy)
                    raise Killed
            if outer and left[0] == 0:
                self.copy(held.path, copy)
                raise Killed
            left[0] -= outer

        held.transaction = dying
        text = f"maybe {self.copies}"
        self.maybe.add(text)
        try:
            if self.knows(phone):
                phone.send(self.other(phone), text)
            for _ in range(8):
                phone.step()
            self.copy(held.path, copy)
        except Killed:
            pass
        phone.cut()
        held.close()
        again = Store.open(copy, "secret")
        phone.engine = Engine(again, leave_of(again), phone.engine.rules, self.network.draw)

    @staticmethod
    def copy(path: Path, to: Path) -> None:
        journal = path.with_name(path.name + "-journal")
        shutil.copy(path, to)
        if journal.exists():
            shutil.copy(journal, to.with_name(to.name + "-journal"))

    @precondition(lambda self: self.days < 40)
    @rule(days=st.sampled_from([1, 8]))
    def days_pass(self, days: int) -> None:
        """Seal keys are renewed, receipts leave, checkpoints are passed on."""
        self.days += days
        for _ in range(days):
            self.network.pass_time(DAY)
            for phone in self.phones:
                phone.step()

    @rule(who=st.integers(0, 2))
    def change_mailbox(self, who: int) -> None:
        phone = self.phones[who % len(self.phones)]
        if phone.own.tokens and phone.engine.mailboxes.box.token is None:
            phone.engine.rotate_mailbox(self.network.now)

    @precondition(lambda self: len(self.phones) == 2)
    @rule()
    def link_a_device(self) -> None:
        link = self.ada.engine.open_link(self.network.now)
        self.network.phone("Ada's second", code=self.ada.code, link=link)
        self.network.everybody_looks()  # within the half hour that the link is good for

    def teardown(self) -> None:
        if not hasattr(self, "network"):
            return
        try:
            for _ in range(3):
                self.network.everybody_looks()
            self.check()
        finally:
            for phone in self.phones:
                phone.engine.books.store.close()
            self.network.team.close()
            self.patched.undo()
            shutil.rmtree(self.folder)

    def check(self) -> None:
        for reader in (self.ada, self.bob):
            shown = [text for text in reader.texts(self.other(reader)) if not text.startswith("timer")]
            assert len(shown) == len(set(shown)), "shown twice"
            assert set(self.sent) <= set(shown), "lost"
            assert set(shown) <= set(self.sent) | self.maybe
        for phone in self.phones:
            assert phone.engine.books.device.undecryptable == 0
            assert phone.engine.books.device.rejected == 0
            assert set(phone.notices()) <= HARMLESS, phone.notices()
            waiting = [one for _, one in phone.engine.books.items(self.other(phone).user, 500) if one.mine]
            assert not [one for one in waiting if one.state is State.HELD]


TestPhones = PhonesMachine.TestCase
TestPhones.settings = settings(
    max_examples=8, stateful_step_count=20, deadline=None, report_multiple_bugs=False, phases=[Phase.generate]
)


def drop_errands(self: object, errand: object) -> None:
    """Wrong: what waits for the relay is in memory only."""
    self.errands[errand.id] = errand


@pytest.mark.parametrize(("owner", "name", "patch"), [("filon_net.phone.books.Books", "keep_errand", drop_errands)])
def test_the_machine_bites(owner: str, name: str, patch: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Errands that are not on the disk are found lost."""
    monkeypatch.setattr(f"{owner}.{name}", patch)
    thorough = settings(
        max_examples=40, stateful_step_count=25, deadline=None, phases=[Phase.generate], report_multiple_bugs=False
    )
    with pytest.raises(AssertionError):
        run_state_machine_as_test(PhonesMachine, settings=thorough)
