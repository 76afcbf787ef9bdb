"""A store against the simplest thing that does the same, over random requests, hours and reopenings."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from filon_net.relay import Look, rules
from filon_net.wire import BLOB_SIZES, HOURS_KEPT, Code
from filon_net.wire.frames import Acked, Claimed, Done, Opened, Posted
from relay.builders import HOUR, Phone

PHONES = [Phone(bytes([at]) * 32) for at in range(3)]
DOORS = [bytes([at]) * 32 for at in range(2)]
phones = st.sampled_from(range(3))
doors = st.sampled_from(range(2))
QUOTA = (3, 3 * BLOB_SIZES[0])


class Model:
    """Mailboxes as dictionaries, one request at a time."""

    def __init__(self):
        self.boxes, self.spent, self.months = {}, set(), {}

    def admit(self, who, serial):
        if who not in self.boxes and serial not in self.spent:
            self.spent.add(serial)
            self.boxes[who] = {"last": 0, "blobs": {}, "doors": {}, "bundles": [], "final": None}
        return self.open(who) or Code.TOKEN_SPENT

    def open(self, who):
        box = self.boxes.get(who)
        return box and ("opened", len(box["blobs"]), len(box["bundles"]))

    def grant(self, who, door, daily):
        self.boxes[who]["doors"].setdefault(door, {"used": {}})["daily"] = daily

    def revoke(self, who, door):
        self.boxes[who]["doors"].pop(door, None)

    def post(self, who, door, body, expires, hour):
        way = self.boxes.get(who, {"doors": {}})["doors"].get(door)
        if way is None:
            return Code.NO_SUCH_DOOR
        used = way["used"].get(hour // 24, 0)
        if used >= way["daily"]:
            return Code.SLOW_DOWN
        box = self.boxes[who]
        if len(box["blobs"]) >= QUOTA[0] or sum(len(b) for *_, b in box["blobs"].values()) + len(body) > QUOTA[1]:
            return Code.FULL
        way["used"][hour // 24] = used + 1
        box["last"] += 1
        box["blobs"][box["last"]] = (hour, max(hour + 1, min(expires, hour + HOURS_KEPT)), body)
        return "posted"

    def claim(self, who, door):
        way = self.boxes.get(who, {"doors": {}})["doors"].get(door)
        if way is None:
            return Code.NO_SUCH_DOOR
        box = self.boxes[who]
        if box["bundles"]:
            return box["bundles"].pop(0)
        return box["final"] or Code.NOTHING_LEFT


class Stores(RuleBasedStateMachine):
    """Set ``opened`` before it runs: a function that opens the same store again."""

    opened = None
    fresh = None

    @initialize()
    def begin(self):
        self.reopen = type(self).fresh()
        self.store = self.reopen()
        self.model, self.hour, self.marks = Model(), HOUR, 0

    def teardown(self):
        if hasattr(self, "store"):
            self.store.close()

    def ask(self, ask):
        (outcome,) = self.store.apply([ask], self.hour)
        answer = outcome.answer
        if isinstance(answer, Opened):
            return ("opened", answer.waiting, answer.bundles)
        if isinstance(answer, Posted):
            return "posted"
        if isinstance(answer, Claimed):
            return answer.bundle
        return None if isinstance(answer, Acked | Done) else answer.code

    @rule(who=phones, serial=st.integers(0, 3))
    def admit(self, who, serial):
        ask = PHONES[who].admit(bytes([serial]) * 16, not_after=HOUR + 99_999, quota=QUOTA)
        assert self.ask(ask) == self.model.admit(who, serial)
        self.came(who)

    def came(self, who):
        """The owner was there."""
        if who in self.model.boxes:
            self.model.months[who] = self.hour // 720

    @rule(who=phones)
    def open(self, who):
        self.came(who)
        assert self.ask(PHONES[who].open()) == (self.model.open(who) or Code.NO_SUCH_DOOR)

    @rule(who=phones, door=doors, daily=st.integers(0, 4))
    def grant(self, who, door, daily):
        if who in self.model.boxes:
            assert self.ask(PHONES[who].grant(daily, DOORS[door])) is None
            self.came(who)
            self.model.grant(who, door, daily)

    @rule(who=phones, door=doors)
    def revoke(self, who, door):
        if who in self.model.boxes:
            assert self.ask(PHONES[who].revoke(DOORS[door])) is None
            self.came(who)
            self.model.revoke(who, door)

    @rule(who=phones, door=doors, size=st.sampled_from(BLOB_SIZES[:2]), hours=st.sampled_from([0, 1, 5, 400]))
    def post(self, who, door, size, hours):
        self.marks += 1
        body = self.marks.to_bytes(size, "big")
        expected = self.model.post(who, door, body, self.hour + hours, self.hour)
        assert self.ask(PHONES[who].post(body, self.hour + hours, DOORS[door])) == expected

    @rule(
        posts=st.lists(st.tuples(phones, doors), max_size=9),
        acks=st.lists(st.tuples(phones, st.integers(1, 9)), max_size=5),
    )
    def together(self, posts, acks):
        """One batch; acknowledgements in it come first."""
        bodies = []
        for _ in posts:
            self.marks += 1
            bodies.append(self.marks.to_bytes(BLOB_SIZES[0], "big"))
        asks = [
            PHONES[who].post(body, self.hour + 9, DOORS[door]) for (who, door), body in zip(posts, bodies, strict=True)
        ] + [PHONES[who].ack(number) for who, number in acks]
        outcomes = self.store.apply(asks, self.hour) if asks else []
        for who, number in acks:
            if who in self.model.boxes:
                self.model.boxes[who]["blobs"].pop(number, None)
        for (who, door), body, outcome in zip(posts, bodies, outcomes, strict=False):
            expected = self.model.post(who, door, body, self.hour + 9, self.hour)
            assert isinstance(outcome.answer, Posted) if expected == "posted" else outcome.answer.code == expected

    @rule(who=phones, count=st.integers(0, 3), final=st.booleans())
    def stock(self, who, count, final):
        if who in self.model.boxes:
            self.marks += 1
            self.came(who)
            bundles = [b"%d %d" % (self.marks, at) for at in range(count)]
            box = self.model.boxes[who]
            ask = PHONES[who].stock(*bundles, last=b"last %d" % self.marks if final else None)
            if len(box["bundles"]) + count > rules.BUNDLES:
                assert self.ask(ask) == Code.FULL
                return
            assert self.ask(ask) is None
            box["bundles"] += bundles
            if final:
                box["final"] = b"last %d" % self.marks

    @rule(who=phones, door=doors)
    def claim(self, who, door):
        assert self.ask(PHONES[who].claim(DOORS[door])) == self.model.claim(who, door)

    @rule(hours=st.sampled_from([1, 5, 24, 800]))
    def time_passes(self, hours):
        self.hour += hours
        while self.store.sweep(self.hour, 2) == 2:
            pass
        for who in [who for who, month in self.model.months.items() if month <= self.hour // 720 - rules.MONTHS]:
            del self.model.boxes[who], self.model.months[who]
        for box in self.model.boxes.values():
            box["blobs"] = {number: one for number, one in box["blobs"].items() if one[1] > self.hour}

    @rule()
    def open_again(self):
        self.store.close()
        self.store = self.reopen()

    @rule()
    def tidy(self):
        self.store.tidy()

    @invariant()
    def the_same_lies_there(self):
        for who, box in getattr(self, "model", Model()).boxes.items():
            (page,) = self.store.read([Look(PHONES[who].name, 0, 100)], self.hour)
            assert {one.number: (one.hour, one.expires, one.blob) for one in page.found} == box["blobs"]
            assert page.last == box["last"]


def _run(machine, examples):
    machine.TestCase.settings = settings(
        max_examples=examples, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
    )
    machine.TestCase("runTest").runTest()


@pytest.fixture
def _no_claim_budget(monkeypatch):
    monkeypatch.setattr(rules, "CLAIMS_A_DAY", 1_000_000)


@pytest.mark.usefixtures("_no_claim_budget")
def test_sqlite_is_the_model(tmp_path):
    from filon_net.relay.sqlite import SqliteStore

    made = iter(range(1_000_000))

    def fresh():
        path = tmp_path / f"{next(made)}.sqlite"
        return lambda: SqliteStore(path)

    _run(type("Sqlite", (Stores,), {"fresh": staticmethod(fresh)}), 40)


@pytest.mark.usefixtures("_no_claim_budget")
def test_postgres_is_the_model(cluster):
    import psycopg

    from filon_net.relay.postgres import PostgresStore

    url = cluster.database()

    def fresh():
        with psycopg.connect(url, autocommit=True) as run:
            if run.execute("SELECT to_regclass('relay') IS NOT NULL").fetchone() == (True,):
                run.execute("TRUNCATE mailbox, door, blob, bundle, spent")
        return lambda: PostgresStore(url, b"r" * 32)

    _run(type("Postgres", (Stores,), {"fresh": staticmethod(fresh)}), 15)
