"""What a phone lets a log's answers do to it: not swell, not go on for ever, not keep it from telling that the log is silent."""

import gzip
import socket
import threading
import time

import pytest

from filon_net.errors import NotServed
from filon_net.log import Follower, LogSilent, NotUpdated
from filon_net.log.tiles import largest_file
from filon_net.phone.log_client import LogClient
from log.builders import NOW, MemoryLog, policy_of, some_entries

HEAD = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"


class Server:
    """Answers every connection with the same pieces, ``pause`` seconds apart, until somebody hangs up."""

    def __init__(self, pieces, pause=0.0):
        self.pieces, self.pause, self.asked, self.sent = pieces, pause, [], 0
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while True:
            try:
                there, _ = self.socket.accept()
            except OSError:
                return
            with there:
                self.answer(there)

    def answer(self, there):
        try:
            self.asked.append(there.recv(65_536))
            for piece in self.pieces:
                there.sendall(piece)
                self.sent += len(piece)
                time.sleep(self.pause)
            there.shutdown(socket.SHUT_WR)
            while there.recv(65_536):
                pass
        except OSError:
            return

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join()


@pytest.fixture
def server():
    made = []

    def make(*pieces, pause=0.0):
        made.append(Server(pieces, pause))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def client():
    made = []

    def make(*urls, **more):
        made.append(LogClient(urls, b"token", **more))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_what_is_packed_stays_packed(server, client):
    packed = gzip.compress(bytes(50_000_000))
    one = server(HEAD + b"Content-Encoding: gzip\r\n\r\n", packed)
    assert client(one.url).fetch("checkpoint") == packed
    assert b"accept-encoding: identity" in one.asked[0].lower()
    status, said = client(one.url).add(b"entry")
    assert (status, len(said) <= 65_536) == (200, True)


def test_an_answer_without_end_is_let_go(server, client):
    one = server(HEAD + b"\r\n", *([bytes(65_536)] * 1_000))
    data = client(one.url).fetch("checkpoint")
    assert largest_file("checkpoint") < len(data) < 2 * largest_file("checkpoint")
    assert client(one.url).add(b"entry")[1] == "\0" * 65_536
    assert one.sent < 20_000_000


@pytest.mark.parametrize("head", [HEAD + b"\r\n", HEAD])
def test_a_log_that_drips_is_cut_off(server, client, head):
    """In the body, and in the head, where nothing has been handed over yet."""
    one = server(head, *([b"x"] * 300), pause=0.1)
    phone = client(one.url, within=0.6)
    for call in (lambda: phone.fetch("checkpoint"), lambda: phone.add(b"entry")):
        began = time.monotonic()
        with pytest.raises(NotServed):
            call()
        assert time.monotonic() - began < 5


def test_the_next_request_is_a_new_one(server, client):
    drip, good = server(HEAD, *([b"x"] * 300), pause=0.1), server(HEAD + b"\r\n", b"whole")
    phone = client(drip.url, good.url, within=0.6)
    assert phone.fetch("checkpoint") == b"whole", "the other mirror is asked, with a connection that was not cut"
    began = time.monotonic()
    assert phone.fetch("checkpoint") == b"whole"
    assert time.monotonic() - began < 0.5, "and is asked first from then on"


def test_a_look_ends_though_each_file_comes_in_time(server, client):
    one = server(HEAD + b"\r\n", b"x", pause=0.2)
    phone = client(one.url, within=5.0, look_within=1.5)

    def look(files):
        return phone.fetch("checkpoint"), [phone.fetch("tile/0/000") for _ in range(files)]

    with pytest.raises(NotServed):
        look(20)
    look(1)


def test_silence_is_told_though_the_log_drips(server, client):
    follower = Follower.begin(policy_of())
    made = MemoryLog(some_entries(3)).publish(NOW, NOW)
    assert follower.update(made.fetch, NOW) == []
    one = server(HEAD + b"\r\n", *([b"x"] * 300), pause=0.1)
    told = follower.update(client(one.url, within=0.5).fetch, NOW + 10_801)
    assert [type(one) for one in told] == [NotUpdated, LogSilent]


def test_nothing_is_asked_after_closing(server):
    one = server(HEAD + b"\r\n", b"x")
    phone = LogClient((one.url,), b"token")
    phone.close()
    with pytest.raises(NotServed):
        phone.fetch("checkpoint")
    assert one.asked == []


@pytest.mark.parametrize("proxied", [False, True])
def test_closing_does_not_wait_for_a_silent_log(proxied):
    """Nor for a proxy that takes the connection and says nothing: what waits in another thread ends."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        proxy = f"socks5://127.0.0.1:{port}" if proxied else None
        phone = LogClient((f"http://127.0.0.1:{port}",), b"token", proxy)
        ended = []

        def look():
            with pytest.raises(NotServed):
                phone.fetch("checkpoint")
            ended.append(time.monotonic())

        thread = threading.Thread(target=look, daemon=True)
        thread.start()
        there, _ = silent.accept()
        time.sleep(0.2)
        began = time.monotonic()
        phone.close()
        thread.join(5)
        assert ended, "the look goes on"
        assert ended[0] - began < 1
        there.close()


def test_a_proxy_that_says_nothing_is_not_waited_for_without_end():
    """And the connection to it is let go: one more with each look would be all that a phone may have open within a day."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        phone = LogClient((f"http://127.0.0.1:{port}",), b"token", f"socks5://127.0.0.1:{port}", within=0.5)
        began = time.monotonic()
        with pytest.raises(NotServed):
            phone.fetch("checkpoint")
        assert time.monotonic() - began < 3
        there, _ = silent.accept()
        with there:
            there.settimeout(2)
            assert len(there.recv(100)) == 3, "what a SOCKS client says first"
            assert there.recv(100) == b""
        phone.close()
