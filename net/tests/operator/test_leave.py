"""The operator's leave, key and releases, and the manifest of a program."""

import os
import time
import zipfile

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from filon_net.crypto import Effort
from filon_net.errors import FilonNetError, NotSigned
from filon_net.log import Release, Signer, check_admission, require_release
from filon_net.log.keys import COSIGNATURE, NOTE
from filon_net.log.manifest import (
    files_of_package,
    files_of_wheel,
    manifest_of,
    own_manifest,
    require_own_release,
)
from filon_net.operator import folder as folder_module
from filon_net.operator.folder import (
    Network,
    make_operator,
    open_operator,
    operator_key,
    read_network,
    write_network,
)
from filon_net.operator.leave import sign_leave
from filon_net.operator.releases import read_release, sign_release, write_release
from filon_net.phone import links
from filon_net.wire import check_token
from filon_net.wire.leave import Leave
from filon_net.wire.links import link_of, read_link

PASSPHRASE = "six words of a long list"
LOG = Signer.make("log.example.org/phones", NOTE).key
WITNESSES = tuple(Signer.make(f"w{number}", COSIGNATURE).key.text for number in range(3))
NETWORK = Network(
    "ws://127.0.0.1:1", "08" * 32, ("http://127.0.0.1:2",), LOG.text, WITNESSES, 2, ("09" * 32, "0a" * 32), 2
)


@pytest.fixture(autouse=True)
def _light(monkeypatch):
    monkeypatch.setattr(folder_module, "Effort", lambda: Effort(kibibytes=64, passes=1, lanes=1))


def test_a_leave_is_what_relay_log_and_phone_take(tmp_path):
    public = make_operator(tmp_path, PASSPHRASE)
    write_network(tmp_path, NETWORK)
    leave = sign_leave(open_operator(tmp_path, PASSPHRASE), read_network(tmp_path), 3, 7, 10_000, 1 << 30)
    text = link_of("leave", leave)
    assert read_link(text, "leave", Leave) == leave
    broken = "\n".join(text[at : at + 70] for at in range(0, len(text), 70))
    assert read_link(broken, "leave", Leave) == leave, "broken by a mail program"
    hour = int(time.time()) // 3600
    for one in leave.tokens:
        assert check_token(one, frozenset({public}), hour).quota_messages == 10_000
    assert len({check_token(one, frozenset({public}), hour).serial for one in leave.tokens}) == 3
    assert check_admission(leave.log_token, frozenset({public}), LOG.name, hour).operator == public
    assert links.read_link(text, links.Leave) == leave
    assert links.link_of(leave) == text


def test_a_leave_that_was_changed_is_refused(tmp_path):
    make_operator(tmp_path, PASSPHRASE)
    text = link_of("leave", sign_leave(open_operator(tmp_path, PASSPHRASE), NETWORK, 1, 7, 1, 1))
    for bad in (
        "",
        "filon-net://leave/",
        text[:-4],
        text + "AAAA",
        text.replace("leave", "invite"),
        text[:40] + "?" + text[41:],
    ):
        with pytest.raises(FilonNetError):
            read_link(bad, "leave", Leave)


def test_the_key_opens_with_its_passphrase_only(tmp_path):
    public = make_operator(tmp_path, PASSPHRASE)
    assert operator_key(tmp_path) == public
    assert open_operator(tmp_path, PASSPHRASE).public_key().public_bytes_raw() == public
    assert (tmp_path / "key").stat().st_mode & 0o077 == 0
    for call in (
        lambda: open_operator(tmp_path, PASSPHRASE + "s"),
        lambda: make_operator(tmp_path, PASSPHRASE),
        lambda: make_operator(tmp_path / "new", "short"),
        lambda: open_operator(tmp_path / "nowhere", PASSPHRASE),
        lambda: read_network(tmp_path),
    ):
        with pytest.raises(FilonNetError) as caught:
            call()
        assert caught.value.hint


def test_a_network_that_is_no_policy_is_refused(tmp_path):
    make_operator(tmp_path, PASSPHRASE)
    for number, keys in ((4, 1), (0, 1), (2, 3)):
        with pytest.raises(FilonNetError):
            write_network(
                tmp_path,
                Network("ws://x", "08" * 32, ("http://x",), LOG.text, WITNESSES, number, ("09" * 32, "0a" * 32), keys),
            )


def test_a_release_goes_from_signer_to_signer(tmp_path):
    keys = [Ed25519PrivateKey.generate() for _ in range(3)]
    known = [one.public_key().public_bytes_raw() for one in keys]
    release = Release("filon-net", "1.2.0", 12, bytes(32), 0)
    path = tmp_path / "release"
    write_release(path, sign_release(release, keys[0]))
    with pytest.raises(NotSigned):
        require_release(read_release(path), known, 2)
    write_release(path, sign_release(release, keys[2], read_release(path)))
    assert require_release(read_release(path), known, 2) == release
    again = sign_release(release, keys[2], read_release(path))
    assert again == read_release(path), "signing twice counts once"
    with pytest.raises(FilonNetError):
        sign_release(Release("filon-net", "1.2.0", 12, b"\x01" * 32, 0), keys[1], read_release(path))
    path.write_bytes(os.urandom(100))
    with pytest.raises(FilonNetError):
        read_release(path)


def test_a_wheel_and_what_is_installed_have_one_manifest(tmp_path):
    package = tmp_path / "site" / "filon_net"
    (package / "wire" / "__pycache__").mkdir(parents=True)
    files = {"filon_net/__init__.py": b"", "filon_net/wire/frames.py": b"x = 1\n"}
    for path, data in files.items():
        (package.parent / path).write_bytes(data)
    (package / "wire" / "__pycache__" / "frames.pyc").write_bytes(b"compiled")
    wheel = tmp_path / "filon_net.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, data in {**files, "filon_net-1.dist-info/RECORD": b"other"}.items():
            archive.writestr(path, data)
    assert files_of_wheel(wheel) == files_of_package(package) == files
    (package / "wire" / "frames.py").write_bytes(b"x = 2\n")
    assert manifest_of(files_of_package(package)) != manifest_of(files)
    with pytest.raises(FilonNetError):
        files_of_wheel(tmp_path / "nothing.whl")


def test_a_phone_looks_for_itself_in_the_log():
    own = own_manifest()
    mine = Release("filon-net", "1.0", 1, own, 1000)
    assert require_own_release([mine], own, 1000) == mine
    other, strange = Release("filon-net", "1.0", 1, bytes(32), 0), Release("another", "1.0", 1, own, 0)
    for releases, now in (([], 1000), ([mine], 999), ([other], 1000), ([strange], 1000)):
        with pytest.raises(NotSigned):
            require_own_release(releases, own, now)
