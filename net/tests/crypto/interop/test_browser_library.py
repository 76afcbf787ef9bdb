"""The Python phone and the browser's phone, both ways, over whole sealed blobs: in node, and in a real Chromium.

Skipped, with the reason, where node, the packages of ``package.json``, Playwright or Chromium is missing. The packages lie
beside this file in ``node_modules`` (``npm install`` here) or where ``FILON_NET_NODE_MODULES`` points.
"""

import functools
import hashlib
import http.server
import json
import os
import re
import shutil
import statistics
import subprocess
import threading
import time
from base64 import b64decode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from filon_net.crypto import HEAL, Device, Duplicate, Missing, Read, Rejected, Talk, Unread, certify, fingerprint
from filon_net.crypto.bundle import Bundle, read_bundle, write_bundle
from filon_net.crypto.numbers import read_report
from filon_net.crypto.olm import from_base64, to_base64
from filon_net.crypto.published import device_keys, one_time_key, seal_text, signed, user_text
from filon_net.crypto.seal import public_of
from filon_net.wire import BLOB_SIZES

HERE = Path(__file__).parent
MODULES = Path(os.environ.get("FILON_NET_NODE_MODULES") or HERE / "node_modules")
CHROMIUM = Path(os.environ.get("FILON_NET_CHROMIUM") or "/usr/bin/chromium")
NOW = 1_800_000_000_000
HOUR = NOW // 3_600_000
MASTER = Ed25519PrivateKey.from_private_bytes(b"j" * 32)
DEVICE_ID = b"\xd4" * 16
SEED = b"\x5e" * 32
Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts beside their packages, so that both loaders find them."""
    for package in json.loads((HERE / "package.json").read_text(encoding="utf-8"))["dependencies"]:
        if not (MODULES / package).is_dir():
            pytest.skip(f"the package {package} is not installed; run npm install in {HERE.name}/")
    made = tmp_path_factory.mktemp("interop")
    for file in (*HERE.glob("*.mjs"), HERE / "page.html", HERE / "package.json"):
        shutil.copy(file, made)
    (made / "node_modules").symlink_to(MODULES.resolve())
    return made


class Node:
    """The browser's phone in node: one JSON line a question, one an answer."""

    def __init__(self, folder: Path) -> None:
        node = shutil.which("node")
        if node is None:
            pytest.skip("node is not installed")
        self.process = subprocess.Popen(
            [node, str(folder / "bridge.mjs")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def ask(self, **question: Any) -> Any:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self) -> None:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(10)


class Served(http.server.SimpleHTTPRequestHandler):
    """The page as an app host would serve it: nothing inline but the one import map, no eval but WebAssembly's."""

    extensions_map: ClassVar[dict[str, str]] = {
        ".html": "text/html",
        ".mjs": "text/javascript",
        ".js": "text/javascript",
        ".wasm": "application/wasm",
    }

    def end_headers(self) -> None:
        page = (Path(self.directory) / "page.html").read_text(encoding="utf-8")
        inline = re.search(r'<script type="importmap">(.*?)</script>', page, re.DOTALL)
        assert inline
        digest = to_base64(hashlib.sha256(inline[1].encode()).digest()) + "="
        policy = f"default-src 'none'; connect-src 'self'; script-src 'self' 'wasm-unsafe-eval' 'sha256-{digest}'"
        self.send_header("Content-Security-Policy", policy)
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Silent."""


class Chromium:
    """One headless Chromium and one app host on the loopback, for all tests of this file."""

    def __init__(self, folder: Path) -> None:
        sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
        if not CHROMIUM.exists():
            pytest.skip(f"there is no Chromium at {CHROMIUM}")
        self.server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), functools.partial(Served, directory=str(folder))
        )
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        self.playwright = sync_api.sync_playwright().start()
        self.browser = self.playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])

    def close(self) -> None:
        self.browser.close()
        self.playwright.stop()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class Page:
    """The browser's phone in a page with a store of its own."""

    def __init__(self, chromium: Chromium) -> None:
        self.address = f"http://127.0.0.1:{chromium.server.server_port}/page.html"
        self.version = chromium.browser.version
        self.page = chromium.browser.new_page()  # a new context, so nothing is left of the test before
        self.refused: list[str] = []
        self.page.on("console", lambda line: self.refused.append(line.text) if "Security Policy" in line.text else None)
        self.load()

    def load(self) -> None:
        self.page.goto(self.address)
        self.page.wait_for_function("document.title === 'ready'")

    def ask(self, **question: Any) -> Any:
        return self.page.evaluate("question => window.answer(question)", question)

    def close(self) -> None:
        self.page.close()


@pytest.fixture(scope="module")
def chromium(folder: Path) -> Iterator[Chromium]:
    made = Chromium(folder)
    yield made
    made.close()


@pytest.fixture(params=["node", "chromium"])
def other(request: pytest.FixtureRequest, folder: Path) -> Iterator[Node | Page]:
    end: Node | Page = Node(folder) if request.param == "node" else Page(request.getfixturevalue("chromium"))
    try:
        yield end
    finally:
        end.close()


class Two:
    """A Python device that knows a browser device, and the way to ask the latter."""

    def __init__(self, end: Node | Page) -> None:
        self.end = end
        self.stored = isinstance(end, Page)
        self.python = Device.create(Ed25519PrivateKey.generate(), NOW)
        self.opened = self.open(0)
        assert from_base64(self.opened["seal_key"]) == public_of(SEED)
        user = f"@{MASTER.public_key().public_bytes_raw().hex()}:filon-net"
        (self.upload,) = self.ask(do="keys")["uploads"]
        keys = from_base64(self.opened["ed25519"], 32), from_base64(self.opened["curve25519"], 32)
        self.certificate = certify(MASTER, DEVICE_ID, *keys, HOUR - 1, HOUR + 9_000)
        assert user_text(self.certificate) == user
        self.ask(do="certify", certificate=to_base64(self.certificate.encoded))
        self.peer = fingerprint(self.certificate)
        self.python.accept(self.certificate, NOW)

    def open(self, sent: int) -> Any:
        store = {"store": "phone", "passphrase": "a passphrase"} if self.stored else {}
        user = f"@{MASTER.public_key().public_bytes_raw().hex()}:filon-net"
        return self.ask(do="open", user=user, device=DEVICE_ID.hex(), seed=to_base64(SEED), sent=sent, **store)

    def ask(self, **question: Any) -> Any:
        answer = self.end.ask(**question)
        assert "ok" in answer, answer
        return answer["ok"]

    def signature(self, signatures: dict[str, Any]) -> bytes:
        return from_base64(signatures[user_text(self.certificate)][f"ed25519:{DEVICE_ID.hex()}"], 64)

    def bundle(self, place: int) -> bytes:
        """A bundle out of what OlmMachine signed by itself and of one text it was asked to sign."""
        key = list(self.upload["one_time_keys"].values())[place]
        assert self.upload["device_keys"] | {"signatures": None} == device_keys(self.certificate) | {"signatures": None}
        not_after = HOUR + 100
        text = seal_text(self.certificate, public_of(SEED), not_after).decode()
        sealed = self.ask(do="sign", text=text)["signatures"]
        return write_bundle(
            Bundle(
                self.certificate.encoded,
                self.signature(self.upload["device_keys"]["signatures"]),
                False,
                from_base64(key["key"], 32),
                self.signature(key["signatures"]),
                public_of(SEED),
                not_after,
                self.signature(sealed),
            )
        )

    def introduce(self, fallback: bool) -> bool:
        """Give the browser a bundle of the Python device; it checks the signatures and begins a session."""
        bundle = read_bundle(self.python.last_resort(NOW) if fallback else self.python.bundles(1)[0])
        mine = self.python.certificate
        who = {"user": user_text(mine), "device": mine.device.hex()}
        assert self.ask(do="learn", keys=signed(device_keys(mine), mine, bundle.device_signature), **who) == {
            "known": True
        }
        key = signed(one_time_key(bundle.key, fallback), mine, bundle.key_signature)
        claimed: bool = self.ask(do="claim", key={"signed_curve25519:AAAAAQ": key}, **who)["claimed"]
        return claimed

    def from_browser(self, body: bytes) -> tuple[bytes, Any]:
        bundle = read_bundle(self.python.last_resort(NOW))
        certificate, key = to_base64(bundle.certificate), to_base64(bundle.seal_key)
        answer = self.ask(do="write", certificate=certificate, seal_key=key, body=to_base64(body), at=NOW)
        return from_base64(answer["blob"]), answer

    def to_browser(self, blob: bytes) -> Any:
        return self.ask(do="read", blob=to_base64(blob))


def test_the_browser_writes_first(other: Node | Page) -> None:
    two = Two(other)
    assert two.introduce(fallback=False)
    for turn in range(3):
        body = b"from the browser %d" % turn
        blob, _ = two.from_browser(body)
        assert len(blob) == BLOB_SIZES[0]
        (event,) = two.python.receive(blob, NOW)
        assert isinstance(event, Read)
        assert (event.letter.body, event.letter.number) == (body, turn + 1)
        assert [type(one) for one in two.python.receive(blob, NOW)] == [Duplicate]
    two.python.learn(two.bundle(0), NOW)
    for turn in range(3):
        written = two.python.write(two.peer, "text", b"from python %d" % turn, NOW)
        answer = two.to_browser(written.blob)
        assert (answer["outcome"], b64decode(answer["body"] + "==")) == ("Decrypted", b"from python %d" % turn)
        assert (answer["sender"], answer["number"], answer["type"]) == (
            user_text(two.python.certificate),
            turn + 1,
            "filon-net.letter",
        )
    blob, answer = two.from_browser(b"after a round trip")
    assert answer["kind"] == 1
    assert [type(one) for one in two.python.receive(blob, NOW)] == [Read]
    assert two.python.undecryptable == 0


def test_python_writes_first(other: Node | Page) -> None:
    two = Two(other)
    two.introduce(fallback=True)
    two.python.open_session(two.bundle(1), NOW)
    for turn in range(2):
        answer = two.to_browser(two.python.write(two.peer, "text", b"x" * (500 * turn), NOW).blob)
        assert (answer["outcome"], len(b64decode(answer["body"] + "=="))) == ("Decrypted", 500 * turn)
    blob, _ = two.from_browser(b"answer")
    assert [type(one) for one in two.python.receive(blob, NOW)] == [Read]


def test_every_length(other: Node | Page) -> None:
    """Both libraries' blobs of a bucket have one length, the first (pre-key) letter included."""
    two = Two(other)
    two.introduce(fallback=True)
    two.python.learn(two.bundle(0), NOW)
    for size, length in zip((10, 900, 4_000, 16_000, 65_000), BLOB_SIZES, strict=True):
        blob, _ = two.from_browser(b"x" * size)
        assert len(blob) == length
        assert [type(one) for one in two.python.receive(blob, NOW)] == [Read]
        mine = two.python.write(two.peer, "text", b"x" * size, NOW).blob
        assert len(mine) == length
        assert two.to_browser(mine)["outcome"] == "Decrypted"


def test_what_is_refused(other: Node | Page) -> None:
    two = Two(other)
    two.introduce(fallback=False)
    blob, _ = two.from_browser(b"words")
    changed = bytearray(blob)
    changed[2_000] ^= 1
    assert [type(one) for one in two.python.receive(bytes(changed), NOW)] == [Rejected]
    assert [type(one) for one in two.python.receive(blob, NOW)] == [Read]
    two.python.learn(two.bundle(0), NOW)
    mine = two.python.write(two.peer, "text", b"words", NOW).blob
    tampered = bytearray(mine)
    tampered[2_000] ^= 1
    assert "error" in two.end.ask(do="read", blob=to_base64(bytes(tampered)))
    assert two.to_browser(mine)["outcome"] == "Decrypted"
    assert two.to_browser(mine)["outcome"] == "UnableToDecrypt"  # the page must remember digests as this side does


def test_a_python_phone_that_was_put_back_heals_towards_the_browser(other: Node | Page) -> None:
    """The browser's library takes the new session for its next letter: the pair needs no help from a server."""
    two = Two(other)
    two.introduce(fallback=False)
    two.python.receive(two.from_browser(b"1")[0], NOW)
    two.python.learn(two.bundle(0), NOW)
    old = two.python.save(SEED), two.python.talks[two.peer].save(SEED)
    for turn in range(2):
        two.to_browser(two.python.write(two.peer, "text", b"words", NOW).blob)
        two.python.receive(two.from_browser(b"%d" % (turn + 2))[0], NOW)
    two.python = Device.load(old[0], SEED)
    two.python.talks[two.peer] = Talk.load(old[1], SEED, two.peer)
    assert [type(one) for one in two.python.receive(two.from_browser(b"4")[0], NOW)] == [Unread]
    answer = two.to_browser(two.python.heal(two.bundle(2), NOW).blob)
    assert (answer["outcome"], answer["kind"]) == ("Decrypted", HEAL)
    assert read_report(b64decode(answer["body"] + "==")) == (1, ())
    assert [type(one) for one in two.python.receive(two.from_browser(b"5")[0], NOW)] == [Missing, Read]
    assert two.to_browser(two.python.write(two.peer, "text", b"words", NOW).blob)["outcome"] == "Decrypted"


def test_a_relay_cannot_give_the_browser_its_own_one_time_key(other: Node | Page) -> None:
    two = Two(other)
    stranger = Device.create(Ed25519PrivateKey.generate(), NOW)
    mine = two.python.certificate
    bundle, foreign = read_bundle(two.python.bundles(1)[0]), read_bundle(stranger.bundles(1)[0])
    who = {"user": user_text(mine), "device": mine.device.hex()}
    two.ask(do="learn", keys=signed(device_keys(mine), mine, bundle.device_signature), **who)
    key = signed(one_time_key(foreign.key, False), mine, foreign.key_signature)
    two.ask(do="claim", key={"signed_curve25519:AAAAAQ": key}, **who)
    question = {
        "certificate": to_base64(bundle.certificate),
        "seal_key": to_base64(bundle.seal_key),
        "body": "",
        "at": NOW,
    }
    assert "does not have a valid Olm session" in two.end.ask(do="write", **question)["error"]


def test_the_page_is_closed_and_opened_again(chromium: Chromium) -> None:
    """The browser's store (IndexedDB, encrypted) keeps session and keys."""
    end = Page(chromium)
    try:
        two = Two(end)
        two.introduce(fallback=False)
        two.python.receive(two.from_browser(b"before")[0], NOW)
        two.python.learn(two.bundle(0), NOW)
        two.ask(do="close")
        end.load()
        again = two.open(1)
        assert again["curve25519"] == two.opened["curve25519"]
        two.ask(do="certify", certificate=to_base64(two.certificate.encoded))
        assert two.to_browser(two.python.write(two.peer, "text", b"after", NOW).blob)["outcome"] == "Decrypted"
        (event,) = two.python.receive(two.from_browser(b"after too")[0], NOW)
        assert isinstance(event, Read)
        assert event.letter.number == 2
        assert end.refused == []
    finally:
        end.close()


def test_times(other: Node | Page, capsys: pytest.CaptureFixture[str]) -> None:
    """Printed, and recorded in decision 1: milliseconds for one letter of the shortest bucket, seal included."""
    two = Two(other)
    two.introduce(fallback=False)
    two.python.learn(two.bundle(0), NOW)
    took: dict[str, list[float]] = {
        name: []
        for name in ("browser writes", "of it seal", "python reads", "python writes", "browser reads", "of it unseal")
    }
    for _ in range(20):
        blob, answer = two.from_browser(b"words")
        took["browser writes"].append(answer["ms"])
        took["of it seal"].append(answer["seal_ms"])
        began = time.perf_counter()
        two.python.receive(blob, NOW)
        took["python reads"].append((time.perf_counter() - began) * 1_000)
        began = time.perf_counter()
        mine = two.python.write(two.peer, "text", b"words", NOW).blob
        took["python writes"].append((time.perf_counter() - began) * 1_000)
        answer = two.to_browser(mine)
        took["browser reads"].append(answer["ms"])
        took["of it unseal"].append(answer["seal_ms"])
    where = "node" if isinstance(other, Node) else f"Chromium {other.version}"
    parts = ", ".join(f"{name} {statistics.median(times):.1f}" for name, times in took.items())
    with capsys.disabled():
        loaded = f"load {two.opened['load_ms']:.0f}, open {two.opened['open_ms']:.0f}"
        print(f"\n  {where}, vodozemac {two.opened['vodozemac']}: {loaded}, {parts} ms (median of 20)")
