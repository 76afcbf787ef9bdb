"""A view with a scope: whatever door is tried, nothing comes out of it that hangs on no message in scope."""

import inspect
import json

import pyarrow as pa
import pytest

from filon.case import Case, open_case
from filon.errors import DeskError, FilonError, NotHeld, PermissionDenied
from filon.model.view import View
from filon.settings import Settings

SECRET = "zyzzyva"
SCOPE = 'item:shown date:2020-04 NOT tag:"privileged"'
GROUP = "5b0f3e1c-7a3e-4d61-8a53-0f6d3c5e9a11"


def event(number, day, who, body, **more):
    return {
        "id": f"m{number}",
        "type": "message",
        "conversation": "c1",
        "participant": who,
        "timestamp": f"{day}T12:00:0{number}Z",
        "body": body,
    } | more


def manifest(names, title, events, custodian):
    people = [{"id": who, "account_id": f"{who}@example.net", "display": name} for who, name in names.items()]
    room = {"id": "c1", "platform": "chat", "type": "channel", "display": title, "participants": list(names)}
    return json.dumps(
        {
            "version": "2.0.0",
            "eventcollectionid": GROUP,
            "participants": people,
            "conversations": [room | {"custodian": custodian}],
            "events": events,
        }
    ).encode()


def hidden_item():
    """Comes first, so that what it calls people and the conversation is what the case met first."""
    names = {"ada": f"{SECRET} Ada", "bert": "Bert", "zoe": f"{SECRET} Zoe"}
    events = [
        event(1, "2020-04-02", "zoe", f"the {SECRET} comes on Friday", attachments=[{"id": f"{SECRET}.jpg"}]),
        event(2, "2020-04-03", "ada", "ok"),
        f"no event but {SECRET}",
    ]
    return manifest(names, f"{SECRET} title", events, "zoe")


def shown_item():
    """In scope is what is of April and not tagged: m1 and its edit, m2, m5, and who joined."""
    names = {"ada": "Ada", "bert": "Bert", SECRET: "Z"}
    events = [
        event(
            1,
            "2020-04-10",
            "ada",
            "harbour at six",
            reactions=[{"value": "+1", "participants": ["bert"]}],  # of no time, so of no April either
            edits=[{"participant": "ada", "timestamp": "2020-04-10T13:00:00Z", "previous": "harbour at five"}],
        ),
        event(2, "2020-04-11", "bert", "as you said", parent="m3"),
        event(3, "2020-05-01", SECRET, f"{SECRET} in May"),
        event(
            4,
            "2020-04-12",
            "ada",
            f"{SECRET} to my lawyer",
            edits=[{"participant": "ada", "timestamp": "2020-04-12T13:00:00Z", "previous": f"{SECRET} before"}],
        ),
        event(
            5,
            "2020-04-13",
            "bert",
            "corrected",
            edits=[{"participant": "bert", "timestamp": "2020-05-02T13:00:00Z", "previous": f"{SECRET} draft"}],
        ),
        {"type": "join", "conversation": "c1", "participant": "bert", "timestamp": "2020-04-10T11:00:00Z"},
        {
            "type": "unknown",
            "conversation": "c1",
            "participant": "ada",
            "timestamp": "2020-05-03T11:00:00Z",
            "body": f"{SECRET} happened",
        },
    ]
    return manifest(names, f"{SECRET} title", events, "ada")


@pytest.fixture
def numbers(case, tmp_path):
    """The case with both items, work on the desk by two people; message numbers by (reading, native id)."""
    for folder, data in (("a " + SECRET, hidden_item()), ("shown", shown_item())):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "rsmf_manifest.json").write_bytes(data)
        case.add(case.view(), [tmp_path / folder])
    bob = View(who="bob")
    found = {}
    for hit in case.search(bob, "", limit=100).hits:
        found[hit.message.id.split(":")[0], hit.message.native_id] = hit.message.id
    case.tag(bob, "privileged", [found["2", "m4"]])
    case.tag(bob, f"{SECRET}-tag", [found["1", "m1"], found["2", "m4"]])
    case.tag(bob, "seen", [found["1", "m1"], found["2", "m1"]])
    case.note(bob, found["2", "m3"], f"{SECRET} note")
    case.note(bob, found["2", "m1"], "look at this")
    case.save_search(bob, f"{SECRET} search", f"from:{SECRET}")
    case.export(bob, SECRET, "jsonl", tmp_path / f"{SECRET}.jsonl")
    case.mark_read(View(who="eve"), 0, found["2", "m3"])
    return found


@pytest.fixture
def eve():
    return View(who="eve", scope=SCOPE)


def refused(call):
    """What a call that must be refused says."""
    with pytest.raises((PermissionDenied, NotHeld, DeskError)) as error:
        call()
    return f"{error.value} {error.value.hint} {error.value.values}"


def doors(case, view, numbers, tmp_path):
    """Every public method of a case, and everything it gives to this view."""
    shown, later = numbers["2", "m1"], numbers["2", "m3"]
    hidden = [numbers["1", "m1"], later, numbers["2", "m4"]]
    bounded = view.scope is not None
    kinds = ("csv", "jsonl")

    def refuses(call):
        return (lambda: refused(call)) if bounded else (lambda: None)

    def exports():
        for kind in kinds:
            case.export(view, "", kind, tmp_path / f"out-{bounded}.{kind}")
        return [(tmp_path / f"out-{bounded}.{kind}").read_text("utf-8") for kind in kinds]

    def completions():
        texts = ("from:", "to:", "in:", "with:", "tag:", "device:", "item:", "platform:", "z", '"z', f"from:{SECRET}")
        return [case.complete(view, text, len(text)) for text in texts]

    def known():
        return [row.account.account for row in case.accounts(view)[1]]

    facets = ("account", "conversation", "month", "day", "hour", "platform", "device", "tag", "item", "kind", "reading")
    april = 1586520000000000
    return {
        "refresh": case.refresh,
        "view": case.view,
        "counts": lambda: case.counts(view),
        "overview": lambda: case.overview(view),
        "activity": lambda: [case.activity(view, step=step) for step in ("month", "day")],
        "conversations": lambda: [
            case.conversations(view, order=order, contains=word)
            for order in ("messages", "last", "title")
            for word in ("", "a", "z")
        ],
        "accounts": lambda: [
            case.accounts(view, order=order, contains=word)
            for order in ("sent", "last", "label")
            for word in ("", "a", "z")
        ],
        "account": lambda: [
            refused(lambda n=row.account.account: case.account(view, n))
            if bounded and row.account.account not in known()
            else case.account(view, row.account.account)
            for row in case.accounts(case.view())[1]
        ],
        "items": lambda: case.items(view),
        "items_page": lambda: [case.items_page(view), case.items_page(view, item=2), case.items_page(view, offset=1)],
        "defects": lambda: [case.defects(view), case.defects(view, item=1), case.defects(view, code="not-an-event")],
        "custody": lambda: refused(lambda: case.custody(view)) if bounded else case.custody(view),
        "search": lambda: [
            case.search(view, text, order=order)
            for text in ("", "from:ada", "harbour OR z*")
            for order in ("newest", "oldest", "relevance")
        ],
        "first_hits": lambda: [
            case.first_hits(view, text, order=order)
            for text in ("", "from:ada", "harbour OR z*")
            for order in ("newest", "oldest", "relevance")
        ],
        "count": lambda: case.count(view, ""),
        "facets": lambda: case.facets(view, "", facets),
        "explain": lambda: [case.explain(view, text) for text in ("from:z*", "with:z*", "to:ada", "from:ada")],
        "complete": completions,
        "try_words": lambda: case.try_words(view, ["harbour", "z*", "in:z*", "from:z*"]),
        "message": lambda: [
            case.message(view, shown),
            case.message(view, numbers["2", "m2"]),
            case.message(view, numbers["2", "m5"]),
            *(refuses(lambda n=n: case.message(view, n))() for n in hidden),
        ],
        "raw": lambda: [case.raw(view, shown), *(refuses(lambda n=n: case.raw(view, n))() for n in hidden)],
        "conversation": lambda: [case.conversation(view, row.conversation) for row in case.conversations(view)[1]],
        "page": lambda: [case.page(view, number, 0, 100) for number in range(-1, 4)],
        "place_of": lambda: [
            case.place_of(view, shown),
            *(refuses(lambda n=n: case.place_of(view, n))() for n in hidden),
        ],
        "place_at": lambda: case.place_at(view, 0, april),
        "strip": lambda: case.strip(view, 0, "", 4),
        "places": lambda: case.places(view, 0, ""),
        "participation": lambda: case.participation(view, 0),
        "around": lambda: case.around(view, april, minutes=600_000),
        "tags": lambda: case.tags(view),
        "tag": lambda: [refuses(lambda n=n: case.tag(view, "mine", [shown, n]))() for n in hidden],
        "untag": lambda: [refuses(lambda n=n: case.untag(view, "privileged", [n]))() for n in hidden],
        "tag_hits": lambda: case.tag_hits(view, "mine", ""),
        "untag_hits": lambda: case.untag_hits(view, "seen", "") if bounded else None,
        "note": lambda: [refuses(lambda n=n: case.note(view, n, "x"))() for n in hidden],
        "notes": lambda: case.notes(view),
        "delete_note": refuses(lambda: case.delete_note(view, 1)),
        "save_search": lambda: case.save_search(view, "mine", "harbour"),
        "saved_searches": lambda: case.saved_searches(view),
        "delete_search": refuses(lambda: case.delete_search(view, f"{SECRET} search")),
        "mark_read": lambda: [refuses(lambda n=n: case.mark_read(view, 0, n))() for n in hidden],
        "history": lambda: case.history(view),
        "undo": lambda: case.undo(view),
        "propose": refuses(lambda: case.propose(view, [tmp_path])),
        "add": refuses(lambda: case.add(view, [tmp_path])),
        "resume": refuses(lambda: case.resume(view)),
        "withdraw": refuses(lambda: case.withdraw(view, 1, "x")),
        "verify": refuses(lambda: case.verify(view)),
        "compact": refuses(lambda: case.compact(view)),
        "export": exports,
        "rows": lambda: [batch.to_pylist() for batch in case.rows(view, "")],
        "original": lambda: refused(lambda: case.original(view, 2)) if bounded else case.original(view, 1),
        # what a case keeps beside evidence
        "mapping": lambda: None,
        "mappings": lambda: None,
        "save_mapping": lambda: None,
        "compact_beside": lambda: None,
        "close": lambda: None,
    }


TELL = (
    "overview", "conversations", "accounts", "account", "items", "items_page", "defects", "custody", "search",
    "first_hits", "facets", "explain", "complete", "try_words", "message", "conversation", "page", "around", "tags",
    "notes", "saved_searches", "history", "export", "rows", "original",
)  # fmt: skip
"""Doors that do show the secret to a view without a scope: the walk would see it."""


def shown_by(call):
    found = repr(call()).lower()
    return found.replace("privileged", "")


def test_the_walk_knows_every_door(case, numbers, eve, tmp_path):
    public = {name for name, _ in inspect.getmembers(Case, inspect.isfunction) if not name.startswith("_")}
    assert set(doors(case, eve, numbers, tmp_path)) == public


def test_no_door_shows_what_is_out_of_scope(case, numbers, eve, tmp_path):
    out = [numbers["1", "m1"], numbers["1", "m2"], numbers["2", "m3"], numbers["2", "m4"]]
    for name, call in doors(case, eve, numbers, tmp_path).items():
        found = shown_by(call)
        # the scope itself may be said, and which number was refused
        assert SECRET not in found, (name, found)
        if "there is no message" not in found:
            assert not [n for n in out if f"'{n}'" in found], (name, found)


def test_the_same_doors_show_it_without_a_scope(case, numbers, tmp_path):
    everything = doors(case, View(who="bob"), numbers, tmp_path)
    assert [name for name in TELL if SECRET not in shown_by(everything[name])] == []


def test_what_is_in_scope_is_all_there(case, numbers, eve):
    counts = case.counts(eve)
    assert (counts.messages, counts.items, counts.readings, counts.conversations, counts.defects) == (3, 1, 1, 1, 0)
    assert {hit.message.native_id for hit in case.search(eve, "").hits} == {"m1", "m2", "m5"}
    page = case.page(eve, 0, 0, 10)
    assert [message.native_id for message in page.messages] == ["m1", "m2", "m5"]
    assert [(e.kind, e.value) for e in page.events] == [("join", None), ("edit", "harbour at five")]
    assert counts.events == len(page.events)
    assert [e.kind for e in case.message(eve, numbers["2", "m1"]).events] == ["edit"]
    assert case.message(eve, numbers["2", "m5"]).events == ()
    [row] = case.conversations(eve)[1]
    assert (row.participant_count, [a.label for a in row.participants]) == (2, ["bert@example.net", "ada@example.net"])
    assert [(t.tag, t.messages) for t in case.tags(eve)] == [("seen", 1)]
    assert [note.text for note in case.notes(eve)] == ["look at this"]
    ada = next(a for a in case.accounts(eve)[1] if a.account.label == "ada@example.net")
    assert ada.account.name == "Ada"  # as the item in scope calls her, not the one that came first
    assert case.message(eve, numbers["2", "m2"]).message.reply_to == "m3"
    assert case.message(eve, numbers["2", "m2"]).message.reply_id is None
    assert case.conversation(eve, 0).read_to is None


def test_a_name_out_of_scope_cannot_be_asked_for(case, numbers, eve):
    everything = case.count(eve, "")
    for field in ("from", "to", "with", "in"):
        assert case.count(eve, f"{field}:{SECRET}") == 0
        assert case.count(eve, f"NOT {field}:{SECRET}") == everything
    assert case.count(View(who="bob"), f"in:{SECRET}") == 7
    assert case.count(eve, "from:ada") == 1
    assert case.count(eve, "from:#0 OR from:#1 OR from:#2 OR from:#3") == everything
    with pytest.raises(FilonError):
        case.count(eve, "reading:1")


def test_a_scope_is_read_in_the_views_zone_everywhere(case, numbers):
    """Midnight of Chatham is not midnight of UTC: totals, lists and pages agree on which it is."""
    for zone in ("UTC", "Pacific/Chatham", "America/Los_Angeles"):
        view = View(who="eve", scope="date:2020-04-13", zone=zone)
        total = case.count(view, "")
        assert total == case.counts(view).messages == len(case.page(view, 0, 0, 100).messages)
        assert total == sum(row.messages for row in case.conversations(view)[1])
        assert total == sum(row.sent for row in case.accounts(view)[1])


def test_the_rows_of_a_scope_are_a_table(case, numbers, eve):
    rows = pa.Table.from_batches(case.rows(eve, ""))
    assert rows["native_id"].to_pylist() == ["m1", "m2", "m5"]


def test_a_withdrawn_item_takes_the_names_it_gave_along(settings: Settings, case, numbers):
    view = case.view()
    assert any(SECRET in (row.account.name or "") for row in case.accounts(view)[1])
    case.withdraw(view, 1, "outside the order")
    with open_case("ops", settings) as again:
        names = [row.account.name for row in again.accounts(view)[1] if row.account.label == "ada@example.net"]
        assert names == ["Ada"]
        assert [(tag.tag, tag.messages) for tag in again.tags(view)] == [
            ("privileged", 1),
            ("seen", 1),
            (f"{SECRET}-tag", 1),
        ]
