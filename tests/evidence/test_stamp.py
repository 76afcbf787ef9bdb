import http.server
import shutil
import subprocess
import threading
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from filon.errors import CustodyError
from filon.evidence.stamp import check_stamp, fetch_stamp

pytest.importorskip("rfc3161_client")
HEAD = "17:" + "ab" * 32


def make_certificate(name, key, issuer, issuer_key, authority):
    now = datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    if not authority:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    return builder.sign(issuer_key, hashes.SHA256())


def pem(certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def make_root(name):
    key = ec.generate_private_key(ec.SECP256R1())
    return key, make_certificate(name, key, None, key, authority=True)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """A time stamping authority of our own on loopback: its address, its root, and the answer it gives when told to."""
    if shutil.which("openssl") is None:
        pytest.skip("the authority of this test is made of the openssl program, which is not installed")
    folder = tmp_path_factory.mktemp("tsa")
    root_key, root = make_root("Synthetic root")
    key = ec.generate_private_key(ec.SECP256R1())
    private = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "key").write_bytes(key.private_bytes(serialization.Encoding.PEM, *private))
    (folder / "cert").write_bytes(pem(make_certificate("Synthetic stamps", key, root, root_key, authority=False)))
    (folder / "config").write_text(
        "[tsa]\ndefault_tsa=t\n[t]\nserial=serial\ndefault_policy=1.2.3.4\ndigests=sha256\nsigner_digest=sha256\n"
    )
    (folder / "serial").write_text("01\n")
    answers = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            (folder / "query").write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
            command = ["openssl", "ts", "-reply", "-config", "config", "-queryfile", "query", "-signer", "cert"]
            subprocess.run([*command, "-inkey", "key", "-out", "reply"], cwd=folder, check=True, capture_output=True)
            answer = answers.pop() if answers else (folder / "reply").read_bytes()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/", pem(root), answers
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_stamp_is_fetched_and_holds_under_its_root(authority):
    url, root, _ = authority
    stamp = fetch_stamp(HEAD, url)
    assert (stamp.head, stamp.url, stamp.at.endswith("Z")) == (HEAD, url, True)
    at = check_stamp(stamp.response, HEAD, [root])
    assert abs(datetime.now(UTC) - at) < timedelta(minutes=5)
    assert datetime.fromisoformat(stamp.at) == at


def test_a_stamp_of_another_head_or_under_another_root_does_not_hold(authority):
    url, root, _ = authority
    stamp = fetch_stamp(HEAD, url)
    with pytest.raises(CustodyError, match="does not hold"):
        check_stamp(stamp.response, "18:" + "ab" * 32, [root])
    with pytest.raises(CustodyError, match="does not hold"):
        check_stamp(stamp.response, HEAD, [pem(make_root("Another root")[1])])


def test_a_changed_stamp_does_not_hold(authority):
    url, root, _ = authority
    response = bytearray(fetch_stamp(HEAD, url).response)
    response[-10] ^= 1  # in the signature
    with pytest.raises(CustodyError):
        check_stamp(bytes(response), HEAD, [root])


def test_an_old_answer_played_again_is_refused(authority):
    url, _, answers = authority
    answers.append(fetch_stamp(HEAD, url).response)
    with pytest.raises(CustodyError, match="something else"):
        fetch_stamp(HEAD, url)


def test_an_authority_that_answers_rubbish(authority):
    url, _, answers = authority
    answers.append(b"<html>")
    with pytest.raises(CustodyError, match="gave no time stamp"):
        fetch_stamp(HEAD, url)


def test_an_authority_that_is_not_there_or_no_web_address():
    with pytest.raises(CustodyError, match="does not answer"):
        fetch_stamp(HEAD, "http://127.0.0.1:1/")
    with pytest.raises(CustodyError, match="no web address"):
        fetch_stamp(HEAD, "file:///etc/passwd")
