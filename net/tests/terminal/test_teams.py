"""Teams at the terminal phone: keys of admins, drafts shown in words before they are signed, policies in force."""

import asyncio
import os
from pathlib import Path

import msgspec
import pytest

from filon_net.phone.composing import Composing
from filon_net.phone.errors import PolicyRefused
from filon_net.phone.links import policy_link, policy_of
from filon_net.phone.policies import FIRST, SignedPolicy, TeamPolicy, read_signed
from filon_net.phone.terminal.policy_files import policy_in
from filon_net.phone.terminal.team_words import draft_words, in_force_words
from terminal.seats import Sitting, text_of, type_in
from terminal.test_hostile import HOSTILE, safe

WEEK = 604_800


@pytest.fixture
def three(table):
    """Ada and Bob, who will be admins, and Cid, a member: everybody knows everybody."""
    network = table.network
    phones = [network.phone(name) for name in ("Ada", "Bob", "Cid")]
    network.wait_for_log()
    for number, one in enumerate(phones):
        for other in phones[number + 1 :]:
            network.introduce(one, other)
    return [table.seat(one) for one in phones]


def policy(three, **more):
    ada, bob, _ = three
    given = {
        "name": "Desk",
        "members": tuple(sorted(one.user for one in three)),
        "admins": tuple(sorted((ada.admin_key(), bob.admin_key()))),
        "needed": 2,
    }
    return TeamPolicy(os.urandom(16), 1, FIRST, **(given | more))


def unsigned(made):
    return SignedPolicy(made.encoded, ()).encoded


def in_force(table, three, **more):
    """A policy that everybody has."""
    ada, bob, _ = three
    made = policy(three, **more)
    signed = bob.sign_policy(ada.sign_policy(unsigned(made)))
    assert ada.take_policy(signed)
    table.settle()
    for one in three:
        one.join_team(made.team)
    table.settle()
    return made


def said(seat, table, data, language="en"):
    """A draft in words."""
    view = Sitting(table, seat, language).plain.view
    return "\n".join(one.text for one in draft_words(seat.engine.teams.read(data), view))


# at the screen


def test_a_team_is_made_signed_by_two_and_binds_the_third(table, three):
    ada, bob, cid = three

    async def make():
        async with table.screen(bob) as at_bob:
            await at_bob.press("T", "a")
            await table.until("Your key as an admin of teams", at_bob)
            await at_bob.press("s")
            await table.until("Who gets it?", at_bob)
            await at_bob.press("enter")  # Ada, the first
            await table.until("Written to Ada.", at_bob)

        async with table.screen(ada, (100, 45)) as at_ada:
            await at_ada.press("T", "n")
            await table.until("Name of the team", at_ada)
            await type_in(at_ada, "Night desk")
            await at_ada.press("enter")
            await table.until("A new team", at_ada)
            await at_ada.press("a")
            await table.until("Who becomes an admin?", at_ada)
            await at_ada.press("enter")  # Bob wrote his key
            await table.until("2 of 2 must sign", at_ada)
            await at_ada.press("m")
            await table.until("[x]    you", at_ada)
            await at_ada.press("down", "enter", "down", "enter")
            await table.until("[x]    “Cid”", at_ada)
            await at_ada.press("escape", "r")
            await table.until("The least time messages stay", at_ada)
            await type_in(at_ada, "7d")
            await at_ada.press("enter")
            await table.until("The least time messages stay: 7 days", at_ada)
            await at_ada.press("g")
            await table.until("Draft of a new team: Night desk", at_ada)
            shown = text_of(at_ada.app)
            assert "Members: you, “Bob”, “Cid”." in shown
            assert "Signatures: 0; needed: 2." in shown
            assert "filon-net://team/" not in shown, "nothing to pass on before it is signed"
            await at_ada.press("s")
            await table.until("Signed by: you.", at_ada)
            assert "put it into force" not in text_of(at_ada.app)
            await at_ada.press("m")
            await table.until("Who gets it?", at_ada)
            await at_ada.press("enter")
            await table.until("Written to Bob.", at_ada)

        async with table.screen(bob, (100, 45)) as at_bob:
            await at_bob.press("enter")  # Ada, who wrote last
            await table.until("AAAAAAAA", at_bob)
            await table.rest()
            await at_bob.press("up", "enter")
            await table.until("read this policy in words", at_bob)
            await at_bob.press("o")
            await table.until("Draft of a new team: Night desk", at_bob)
            assert "stay for at least 7 days" in text_of(at_bob.app)
            await at_bob.press("s")
            await table.until("Signatures: 2; needed: 2.", at_bob)
            await at_bob.press("p")
            await table.until("In force here.", at_bob)

        async with table.screen(cid, passing=True) as at_cid:
            await table.until("Team Night desk has a new policy", at_cid)
            await at_cid.press("T", "1")
            await table.until("Team Night desk, policy 1", at_cid)
            assert "You have not joined" in text_of(at_cid.app)
            await at_cid.press("j")
            await table.until("In force on this phone since", at_cid)
            assert "You have not joined" not in text_of(at_cid.app)
            assert "a shorter timer is refused" in text_of(at_cid.app)
            assert "draft a change" not in text_of(at_cid.app), "a member only reads"
            await at_cid.press("escape", "escape", "t", "1")
            await table.until("A team keeps messages for at least", at_cid)

    asyncio.run(make())
    assert [one.name for one in cid.teams()] == ["Night desk"]
    assert cid.contact(bob.user).timer == 0


def test_nothing_is_signed_that_was_not_on_the_screen(table, three):
    ada = three[0]
    admins = tuple(sorted((ada.admin_key(), *(os.urandom(32) for _ in range(9)))))
    data = unsigned(policy(three, admins=admins))

    async def read():
        async with table.screen(ada, (80, 24), passing=True) as at_ada:
            await at_ada.press("T", "p")
            await table.until("A team's policy", at_ada)
            at_ada.app.screen.query_one("#answer").value = policy_link(data)
            await at_ada.press("enter")
            await table.until("Draft of a new team", at_ada)
            await at_ada.press("s")
            await table.until("There is more below", at_ada)
            assert not ada.drafts()[0].mine
            for _ in range(12):
                await at_ada.press("s")
                await table.rest(1)
            assert ada.drafts()[0].mine

    asyncio.run(read())


def test_an_admin_pastes_a_key_changes_the_policy_and_reads_what_changes(table, three):
    ada, bob, cid = three
    in_force(table, three, needed=1)

    async def change():
        async with table.screen(ada, (100, 45), "fr", passing=True) as at_ada:
            await at_ada.press("T", "1")
            await table.until("Équipe Desk, règle 1", at_ada)
            await at_ada.press("c")
            await table.until("Un changement de la règle", at_ada)
            await at_ada.press("g")
            await table.until("Rien n’est encore changé", at_ada)
            await at_ada.press("a")
            await table.until("coller une clé", at_ada)
            await at_ada.press("enter")
            await table.until("Clé du nouveau responsable", at_ada)
            at_ada.app.screen.query_one("#answer").value = cid.admin_key().hex().upper()
            await at_ada.press("enter")
            await table.until("À qui est la clé ?", at_ada)
            await type_in(at_ada, "Cid, vu sur son ecran")
            await at_ada.press("enter")
            await table.until("« Cid, vu sur son ecran »", at_ada)
            await at_ada.press("h", "g")
            await table.until("Ce qu’il change", at_ada)
            shown = text_of(at_ada.app)
            assert "Un séquestre commence" in shown
            assert "Nouveaux responsables :" in shown
            assert "Signatures pour un changement : 1 sur 3 ; avant : 1 sur 2." in shown
            await at_ada.press("s")
            await table.until("Signatures : 1 ; il en faut : 1.", at_ada)
            await at_ada.press("p")
            await table.until("En vigueur ici.", at_ada)

    asyncio.run(change())
    table.settle()
    assert cid.engine.teams.holds(bob.user)
    assert cid.admin_key() in cid.teams()[0].admins


# line by line


def test_the_same_line_by_line_over_three_phones(table, three):
    ada, bob, cid = (Sitting(table, seat) for seat in three)
    bob.say("/open Ada", "/adminkey send")
    ada.hear()
    ada.say("/newteam Night desk", "/set member Bob", "/set member Cid", "/set admin Bob", "/set keep 7d", "/ready")
    assert "Draft of a new team: Night desk" in ada.text
    assert "filon-net://team/" not in ada.text.partition("Draft of a new team")[2], "not before it is signed"
    ada.say("/force")
    assert ada.lines[-1].startswith("0 of 2 admins signed this policy")
    ada.say("/sign", "/force")
    assert ada.lines[-1] == "1 of 2 admins signed this policy. Give it to the others."
    ada.say("/open Bob", "/pass")
    bob.hear()
    bob.say("/sign")
    assert bob.lines[-1].startswith("No draft was shown")
    bob.say("/open Ada", "/policy")
    assert "If this is what you want: /sign signs it." in bob.lines
    assert any("needed: 2" in one for one in bob.lines)
    bob.say("/sign", "/force")
    assert "In force here. Members who are your contacts get it by themselves." in bob.lines
    cid.hear()
    assert "-- team Night desk has a new policy --" in cid.lines
    cid.say("/teams", "/team 1")
    assert any(one.startswith("You have not joined") for one in cid.lines)
    cid.say("/join 2")
    assert cid.lines[-1].startswith("There is no team of this number")
    cid.say("/join 1", "/team 1", "/open Bob", "/timer 1d")
    assert (
        "Messages between members stay for at least 7 days: a shorter timer is refused, one set before runs as 7 days."
        in (cid.lines)
    )
    assert cid.lines[-1].startswith("A team keeps messages for at least")
    assert any(one.startswith("Signed by: somebody whose key begins with") for one in cid.lines)
    cid.say("/changeteam 1", "/set hold on", "/ready", "/sign")
    assert "a signature of yours would not count" in cid.text
    assert "not one of the admins" in cid.lines[-1]


def test_a_hold_is_drafted_as_a_file_and_ended_again(table, three):
    seats = three
    ada, bob, cid = (Sitting(table, seat) for seat in seats)
    in_force(table, seats)
    ada.say("/changeteam 1", "/set hold on", "/ready")
    assert "A legal hold begins: nothing disappears between members, nothing can be erased." in ada.lines
    ada.say("/sign", "/save")
    path = Path(ada.lines[-1].removeprefix("Saved as "))
    assert path.stat().st_mode & 0o777 == 0o600
    bob.say(f"/policy {path}", "/sign", "/save", "/force")
    cid.hear()
    assert "A legal hold lies on it" in cid.text
    bob.say("/changeteam 1", "/set hold off", "/ready")
    assert "The legal hold ends: timers run again, and what is past its time disappears at once." in bob.lines


def test_a_draft_changed_on_the_way_is_told_and_not_signed(table, three):
    ada, bob, _ = (Sitting(table, seat) for seat in three)
    signed = read_signed(three[0].sign_policy(unsigned(policy(three, keep_at_least=WEEK))))
    changed = msgspec.structs.replace(signed.content, hold=True, keep_at_least=0)
    bob.say("/policy " + policy_link(SignedPolicy(changed.encoded, signed.signatures).encoded))
    assert (
        "1 signature does not hold: the draft was changed after it was signed. Do not use it; ask for it again."
        in bob.lines
    )
    bob.say("/sign")
    assert bob.lines[-1].startswith("No draft was shown")
    assert three[1].drafts() == []
    line = policy_link(signed.encoded)
    ada.say(
        f"/policy {line[:-40]}",
        f"/policy {line[:90]}x{line[91:]}",
        "/policy filon-net://invite/AAAA",
        "/policy /dev/zero",
    )
    assert "no link of the kind team" in ada.text
    assert "no line of a team policy, and no file" in ada.text
    assert not three[0].engine.books.failed


def test_two_drafts_of_one_version_are_warned_of_before_they_are_a_fork(table, three):
    ada, bob, cid = three
    made = in_force(table, three)
    base = ada.next_policy(made.team)
    one, other = (unsigned(msgspec.structs.replace(base, name=name)) for name in ("First", "Second"))
    ada.keep_draft(ada.sign_policy(one))
    ada.keep_draft(other)
    assert "This phone signed another draft of this version." in said(ada, table, other)
    assert "This phone signed another" not in said(ada, table, one)
    both = bob.sign_policy(ada.sign_policy(one))
    bob.take_policy(both)
    table.settle()
    assert "Another policy of this version is in force" in said(cid, table, other)
    assert "This policy is in force on this phone." in said(cid, table, both)
    assert "It is older than the policy in force" in said(cid, table, unsigned(made))
    for seat in (ada, bob):
        sitting = Sitting(table, seat)
        sitting.say(f"/policy {policy_link(other)}", "/sign", "/force")
        assert sitting.text.count("No draft was shown") == 2


def test_what_a_draft_takes_away_is_said(table, three):
    ada, bob, _ = three
    made = in_force(table, three, hold=True, keep_at_least=WEEK)
    base = ada.next_policy(made.team)
    less = msgspec.structs.replace(
        base, hold=False, keep_at_least=60, members=(bob.user,), admins=(bob.admin_key(),), needed=1
    )
    text = said(ada, table, unsigned(less))
    for sentence in (
        "The legal hold ends",
        "The least time messages stay: 1 minute; before: 7 days.",
        "No longer members: you, “Cid”.",
        "No longer admins:\n1. you\n",
        "Signatures for a change: 1 of 1; before: 2 of 2.",
        "You would not be a member of this team.",
        "If one of these keys is lost, nobody can change this policy any more.",
        "Signatures: 0; needed: 2.",
    ):
        assert sentence in text, sentence
    assert " ".join(ada.admin_key().hex()[at : at + 4] for at in range(0, 32, 4)) in text, "keys whole, to be compared"
    unknown = said(three[2], table, unsigned(msgspec.structs.replace(base, team=bytes(16))))
    assert "This phone does not have the policy before this one" in unknown
    assert "Signatures:" not in unknown
    namesake = said(ada, table, unsigned(policy(three, name="dESK")))
    assert "Another team on this phone has the same name." in namesake


def test_signatures_that_do_not_count_are_not_counted(table, three):
    ada, _, cid = three
    made = policy(three, admins=tuple(sorted((ada.admin_key(), cid.admin_key()))))
    signed = cid.sign_policy(unsigned(made))
    alone = msgspec.structs.replace(made, admins=(ada.admin_key(),), needed=1)
    assert "1 signature does not hold" in said(
        ada, table, SignedPolicy(alone.encoded, read_signed(signed).signatures).encoded
    )
    in_force(table, three)
    base = ada.next_policy(ada.teams()[0].team)
    grown = msgspec.structs.replace(base, admins=tuple(sorted((*base.admins, cid.admin_key()))))
    with pytest.raises(PolicyRefused, match="count"):
        cid.sign_policy(unsigned(grown))


# names from others


@pytest.mark.parametrize("kind", ["markup", "escape", "bidi", "wide", "marks", "zero"])
def test_a_team_s_name_is_shown_and_not_obeyed(table, three, kind):
    ada, _, cid = three
    made = in_force(table, three, name=HOSTILE[kind][:64])
    drafted = msgspec.structs.replace(ada.next_policy(made.team), hold=True)
    ada.keep_draft(ada.sign_policy(unsigned(drafted)))

    async def look():
        async with table.screen(ada, (80, 50)) as at_ada:
            await at_ada.press("T")
            await table.until("On their way, not in force", at_ada)
            safe(text_of(at_ada.app))
            await at_ada.press("1")
            await table.until("policy 1", at_ada)
            safe(text_of(at_ada.app))
            await at_ada.press("escape", "2")
            await table.until("What it changes", at_ada)
            safe(text_of(at_ada.app))
            assert at_ada.app.is_running

    asyncio.run(look())
    sitting = Sitting(table, cid)
    sitting.say("/teams", "/team 1", "/settings")
    safe(sitting.text)


def test_a_contact_cannot_pass_for_two_or_for_you(table, three):
    ada, bob, _ = three
    bob.set_settings(msgspec.structs.replace(bob.settings, name="you, “Cid”, “Dan”"))
    table.pass_time(13 * 3_600_000)
    made = in_force(table, three)
    view = Sitting(table, ada).plain.view
    (names,) = [one.text for one in in_force_words(ada.in_force(made.team), view) if one.text.startswith("Members")]
    assert names == "Members: you, “Cid”, “you, Cid, Dan”."


def test_whose_a_key_is_is_said_on_this_phone_only(table, three):
    in_force(table, three)
    cid = Sitting(table, three[2])
    groups = " ".join(three[0].admin_key().hex()[at : at + 4] for at in range(0, 64, 4))
    cid.say(f"/whose {groups} Ada, seen\x1b[2J on paper", "/whose nonsense", "/team 1")
    assert cid.text.count("“Ada, seen␛[2J on paper”") == 2, "as an admin, and as one who signed"
    assert "Say the key and a name." in cid.text
    assert three[0].engine.teams.whose(three[0].admin_key()) is None


# making


def test_a_policy_is_made_within_its_limits(table, three):
    ada, bob, _ = three
    made = Composing(ada, name="  Night   desk ")
    assert (made.name, made.needed) == ("Night desk", 1)
    made.admin(bob.admin_key())
    assert made.needed == 2
    made.need(1)
    for call in (
        lambda: made.call(""),
        lambda: made.call("x" * 65),
        lambda: made.call("photo\u202egpj"),
        lambda: made.need(0),
        lambda: made.need(3),
        lambda: [made.admin(os.urandom(32)) for _ in range(16)],
        lambda: [made.member(os.urandom(32)) for _ in range(500)],
        lambda: [made.admin(one, into=False) for one in sorted(made.admins)],
    ):
        with pytest.raises(PolicyRefused, match=r"team|admins"):
            call()
    made = Composing(ada, name="Desk")
    made.member(ada.user, into=False)
    with pytest.raises(PolicyRefused, match="at least one member"):
        made.unsigned(0)


def test_the_largest_policy_fits_a_line(table, three):
    ada = three[0]
    members = tuple(sorted(os.urandom(32) for _ in range(500)))
    admins = tuple(sorted((ada.admin_key(), *(os.urandom(32) for _ in range(15)))))
    data = ada.sign_policy(unsigned(policy(three, members=members, admins=admins, needed=9)))
    full = SignedPolicy(read_signed(data).policy, tuple((one, bytes(64)) for one in admins))
    assert policy_in(policy_link(full.encoded) + "\n") == full.encoded
    assert policy_of(policy_link(data)) == data
    assert "488 more you do not know" in said(ada, table, data)


def test_a_file_that_is_none_is_refused(table, three, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    sitting = Sitting(table, three[0], "fr")
    (tmp_path / "binary").write_bytes(bytes(range(256)) * 600)
    sitting.say(f"/policy {pipe}", f"/policy {tmp_path / 'binary'}", "/policy \x00", f"/policy {tmp_path}")
    assert sitting.text.count("ni la ligne d’une règle d’équipe, ni un fichier") >= 2
    assert "ce n’est pas un lien du genre team".casefold() in sitting.text.casefold()
