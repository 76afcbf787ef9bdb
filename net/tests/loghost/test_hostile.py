"""What a stranger may do to the log's and the witness's sockets: nothing but be refused."""

import asyncio
import contextlib
import socket
import threading
import time

import httpx
import pytest

from filon_net.log import Witness, WitnessMemory
from filon_net.log.keys import COSIGNATURE
from filon_net.loghost import serving
from filon_net.loghost.witness_app import witness_app
from log.builders import NOW, ORIGIN, MemoryLog, device_list, request, signer, signer_of_log, some_entries
from loghost.fleet import token


def raw(url, data, wait=20):
    """Send bytes; everything that comes back until the other side closes."""
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=wait) as one:
        back = b""
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):  # cut off while still sending
            one.sendall(data)
            while part := one.recv(65_536):
                back += part
                if b"connection: close" not in back and b"\r\n\r\n" in back:
                    break
        return back


@pytest.mark.parametrize(
    "path",
    [
        "/private/key",
        "/private/signed",
        "/../private/key",
        "/tile/../private/key",
        "/tile/%2e%2e/private/key",
        "/tile/..%2fprivate%2fkey",
        "/tile/0/../../private/key",
        "/tile//etc/passwd",
        "/tile/0/%00",
        "/tile/0/000.p/../../../private/key",
        "/tile/entries/000.p",
        "/tile/entries",
        "/tile/0/0",
        "/tile/0/000.p/0",
        "/tile/0/000.p/256",
        "/tile/00/000",
        "/tile/0/\u0661\u0662\u0663",
        "/checkpoint/",
        "/checkpoint%00",
        "/",
        "/.checkpoint.new",
        "/lock",
        "//checkpoint/..//private/key",
    ],
)
def test_nothing_but_the_files_of_the_log_is_served(fleet, path):
    fleet.add(device_list("path", 1), token())
    answer = raw(fleet.log.url, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    assert answer.split(b" ")[1] in (b"404", b"400", b"307"), answer[:200]
    assert b"PRIVATE" not in answer
    assert b"root:" not in answer


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "OPTIONS"])
def test_other_methods(fleet, method):
    for path in ("/checkpoint", "/add-entry"):
        assert fleet.client.request(method, fleet.log.url + path).status_code == 405


@pytest.mark.parametrize("size", [16_385, 1 << 20])
def test_a_body_that_is_too_long(fleet, size):
    assert fleet.client.post(f"{fleet.log.url}/add-entry", content=bytes(size)).status_code == 413

    def parts():
        for _ in range(size // 4096 + 1):
            yield bytes(4096)

    # without a stated length; the log may close before all of it is sent
    with contextlib.suppress(httpx.WriteError, httpx.ReadError):
        assert fleet.client.post(f"{fleet.log.url}/add-entry", content=parts()).status_code == 413
    for witness in fleet.witnesses:
        assert fleet.client.post(f"{witness.url}/add-checkpoint", content=bytes(1 << 19)).status_code == 413
    assert fleet.client.get(f"{fleet.log.url}/health").status_code == 200


@pytest.mark.parametrize("data", [b"", b"\x00", b"\xff" * 100, b"\x9f" * 5000, b"\x84\x01\x03\x40\x80", b"old 0\n\n"])
def test_garbage(fleet, data):
    answer = fleet.client.post(f"{fleet.log.url}/add-entry", content=data)
    assert answer.status_code == 400
    assert answer.text.isprintable() or answer.text.strip().replace("\n", "").isprintable()
    assert fleet.client.post(f"{fleet.witnesses[0].url}/add-checkpoint", content=data).status_code == 400


@pytest.mark.parametrize(
    "data",
    [
        b"\x16\x03\x01\x02\x00" + bytes(500),
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /checkpoint HTTP/1.1\r\n" + b"".join(b"X-%d: %s\r\n" % (n, b"x" * 100) for n in range(1000)) + b"\r\n",
        b"GET /checkpoint HTTP/1.1\r\nX: " + b"x" * 200_000 + b"\r\n\r\n",
        b"GET /" + b"x" * 200_000 + b" HTTP/1.1\r\n\r\n",
        b"POST /add-entry HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /add-entry HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
        b"POST /add-entry HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
    ],
    ids=["TLS", "version", "many headers", "long header", "long path", "negative", "huge", "chunk"],
)
def test_what_is_no_request(fleet, data):
    for url in (fleet.log.url, fleet.witnesses[0].url):
        answer = raw(url, data)
        assert answer == b"" or answer.split(b" ")[1] in (b"400", b"404", b"413", b"431"), answer[:100]
    assert fleet.client.get(f"{fleet.log.url}/health").status_code == 200
    assert "Traceback" not in fleet.log.said


@pytest.fixture
def served(tmp_path, monkeypatch):
    """A witness in this process whose patience is half a second."""
    monkeypatch.setattr(serving, "BODY_WITHIN", 0.5)
    monkeypatch.setattr(serving, "HEAD_WITHIN", 0.5)
    memory = WitnessMemory(tmp_path)
    memory.know(ORIGIN)
    witness = Witness(signer("w1", COSIGNATURE), {ORIGIN: [signer_of_log().key]}, memory, lambda: NOW)
    where = serving.bind("127.0.0.1:0")
    loop = asyncio.new_event_loop()
    task = loop.create_task(serving.serve(witness_app(witness), where, "w1", lambda _: None))

    def run():
        with contextlib.suppress(asyncio.CancelledError):
            loop.run_until_complete(task)
        loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    yield f"http://127.0.0.1:{where.getsockname()[1]}"
    loop.call_soon_threadsafe(task.cancel)
    thread.join(20)
    where.close()
    memory.close()


def test_a_head_that_never_ends_is_cut_off(served):
    began = time.monotonic()
    assert raw(served, b"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\n") == b""
    assert raw(served, b"") == b""
    assert time.monotonic() - began < 10


def test_a_second_head_that_never_ends_is_cut_off(served):
    began = time.monotonic()
    host, port = served.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as one:
        one.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP")
        back = b""
        while part := one.recv(65_536):
            back += part
    assert b"404" in back
    assert time.monotonic() - began < 10


def test_a_body_that_never_ends_is_refused(served):
    log = MemoryLog(some_entries(3))
    body = request(0, [], log.note())
    answer = raw(
        served,
        b"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
        + body[:-1],
    )
    assert answer.split(b" ")[1] == b"408"
    assert httpx.post(f"{served}/add-checkpoint", content=body, trust_env=False).status_code == 200
