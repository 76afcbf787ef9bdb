"""More tokens for somebody who is in: one line, good for a stated time, nothing in it but tokens and the relay's name."""

import re
import time

import pytest
from click.testing import CliRunner

from filon_net.cli import main
from filon_net.crypto import Effort
from filon_net.log import Signer
from filon_net.log.keys import COSIGNATURE, NOTE
from filon_net.operator import folder as folder_module
from filon_net.wire import check_token
from filon_net.wire.leave import Leave, MoreTokens
from filon_net.wire.links import data_of, read_link

PASSPHRASE = "six words of a long list"
RELAY = "08" * 32
DAY = 24


@pytest.fixture
def operator(tmp_path, monkeypatch):
    """An operator's folder, its public key, and ``filon-net operator`` on it."""
    monkeypatch.setattr(folder_module, "Effort", lambda: Effort(kibibytes=64, passes=1, lanes=1))
    monkeypatch.setenv("FILON_NET_PASSPHRASE", PASSPHRASE)
    folder = str(tmp_path / "operator")

    def run(command, *rest):
        return CliRunner().invoke(main, ["operator", command, folder, *rest])

    public = bytes.fromhex(run("init").output.strip())
    log = Signer.make("log.example.org/phones", NOTE).key.text
    witness = Signer.make("w1", COSIGNATURE).key.text
    said = ("--relay-url", "ws://127.0.0.1:1", "--relay", RELAY, "--log-url", "http://127.0.0.1:2", "--log", log)
    assert run("network", *said, "--witness", witness, "--needed", "1").exit_code == 0
    return public, run


def test_a_line_of_tokens_is_what_the_relay_takes(operator):
    public, run = operator
    result = run("tokens", "--count", "3", "--messages", "500", "--bytes", "70000")
    assert result.exit_code == 0, result.output
    (line,) = result.stdout.splitlines()
    content = read_link(line, "tokens", MoreTokens)
    assert content.relay.hex() == RELAY
    hour = int(time.time()) // 3600
    made = [check_token(one, frozenset({public}), hour) for one in content.tokens]
    assert len({one.serial for one in made}) == 3
    assert {(one.quota_messages, one.quota_bytes) for one in made} == {(500, 70_000)}
    (last,) = {one.not_after for one in made}
    assert hour + 5 * 30 * DAY <= last <= hour + 6 * 30 * DAY, "three months, two more, and the rest of the block"
    said = re.fullmatch(r"3 tokens for one phone, good until (\d{4}-\d\d-\d\d \d\d:\d\d) UTC", result.stderr.strip())
    assert said
    assert said[1] == time.strftime("%Y-%m-%d %H:%M", time.gmtime(3600 * last))
    assert len(data_of(line, "tokens")) - 32 - sum(map(len, content.tokens)) < 16, "nothing else is in it"


def test_the_last_hour_does_not_tell_who_got_them(operator, monkeypatch):
    """The relay sees it: those made within a month or so end together."""
    _, run = operator
    start = -(-int(time.time()) // (3600 * 24 * 30)) * 3600 * 24 * 30

    def last(seconds, *rest):
        monkeypatch.setattr("filon_net.operator.leave.time.time", lambda: start + seconds)
        content = read_link(run("tokens", "--count", "1", *rest).stdout.strip(), "tokens", MoreTokens)
        return check_token(content.tokens[0], frozenset({operator[0]}), 0).not_after

    assert last(3_600) == last(20 * 86_400) != last(31 * 86_400)
    assert last(3_600, "--days", "5") < last(3_600, "--days", "40")
    assert last(86_400, "--days", "5") * 3600 >= start + 6 * 86_400


def test_a_leave_holds_tokens_for_the_months_to_come(operator):
    """A phone changes its mailbox every month: tokens that end with the leave would be of no use then."""
    public, run = operator
    content = read_link(run("invite").stdout.strip(), "leave", Leave)
    hour = int(time.time()) // 3600
    ends = [check_token(one, frozenset({public}), hour).not_after for one in content.tokens]
    assert hour + 6 * DAY < ends[0] <= hour + 7 * DAY, "the first joins, within a week"
    assert len(set(ends[1:])) == 1
    assert min(ends[1:]) > hour + (7 + 3 * 30 + 15) * DAY, "the last of them is used in the fourth month"


@pytest.mark.parametrize("wrong", [["--count", "0"], ["--count", "65"], ["--days", "0"]])
def test_what_is_refused(operator, wrong):
    result = operator[1]("tokens", *wrong)
    assert result.exit_code == 2
    assert "Invalid value" in result.output


def test_without_a_network_there_is_nothing_to_say(tmp_path, operator):
    result = CliRunner().invoke(main, ["operator", "tokens", str(tmp_path / "nobody")])
    assert result.exit_code == 1
    assert "filon-net operator network" in result.output
