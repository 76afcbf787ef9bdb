"""A time stamp of the custody log's head by an authority outside (RFC 3161), for those who name one by its URL.

The authority gets a hash of the head and nothing else. Its answer shows, to whoever trusts the authority, that this
head (and so every line up to it) existed at that time. Needs the optional package ``rfc3161-client``; nothing here
runs, and nothing is sent, unless a URL is given.
"""

import hashlib
import http.client
import urllib.error
import urllib.request
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import msgspec
from cryptography import x509

from filon.errors import CustodyError, Unsupported

__all__ = ["Stamp", "check_stamp", "fetch_stamp"]

_LARGEST_ANSWER = 1 << 20
_TIMEOUT = 30


class Stamp(msgspec.Struct, frozen=True):
    """``response``: the authority's answer (DER) as received. ``at``: the time it states, UTC, not yet verified."""

    head: str
    url: str
    at: str
    response: bytes


def fetch_stamp(head: str, url: str) -> Stamp:
    """Ask the authority at ``url`` to stamp ``head``; CustodyError where it does not, or stamps something else.

    Whether the authority is who it says is asked of ``check_stamp``, with its root certificate.
    """
    client = _client()
    if not url.startswith(("https://", "http://")):
        raise CustodyError("{url!r} is no web address", hint="give the address of a time stamping authority", url=url)
    build = client.TimestampRequestBuilder().data(head.encode("ascii"))
    request = (
        build.hash_algorithm(client.HashAlgorithm.SHA256).nonce(nonce=True).cert_request(cert_request=True).build()
    )
    answer = _post(url, request.as_bytes())
    found = _decode(client, answer, url)
    if found.status != 0:
        raise CustodyError(
            "{url} refused to stamp: {reason}", url=url, reason="; ".join(found.status_string) or found.status
        )
    if found.tst_info.message_imprint.message != _digest(head) or found.tst_info.nonce != request.nonce:
        raise CustodyError("{url} stamped something else than it was asked to", url=url)
    return Stamp(head, url, found.tst_info.gen_time.astimezone(UTC).isoformat().replace("+00:00", "Z"), answer)


def check_stamp(response: bytes, head: str, roots: list[bytes]) -> datetime:
    """The time at which an authority under one of ``roots`` (PEM) stamped ``head``; CustodyError where none did."""
    client = _client()
    found = _decode(client, response, "the authority")
    builder = client.VerifierBuilder(roots=[x509.load_pem_x509_certificate(root) for root in roots])
    try:
        builder.build().verify(found, _digest(head))
    except client.VerificationError as error:
        raise CustodyError("the time stamp does not hold: {reason}", reason=str(error)) from error
    at: datetime = found.tst_info.gen_time
    return at.astimezone(UTC)


def _digest(head: str) -> bytes:
    return hashlib.sha256(head.encode("ascii")).digest()


def _client() -> ModuleType:
    try:
        import rfc3161_client
    except ImportError as error:
        raise Unsupported("time stamps need rfc3161-client", hint="pip install 'filon[stamp]'") from error
    module: ModuleType = rfc3161_client
    return module


def _decode(client: ModuleType, answer: bytes, url: str) -> Any:
    try:
        return client.decode_timestamp_response(answer)
    except ValueError as error:
        raise CustodyError("{url} gave no time stamp: {reason}", url=url, reason=str(error)) from error


def _post(url: str, body: bytes) -> bytes:
    headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
    request = urllib.request.Request(url, body, headers)  # noqa: S310 - http and https only, checked above
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310 - see above
            data: bytes = answer.read(_LARGEST_ANSWER)
            return data
    except (urllib.error.URLError, http.client.HTTPException, TimeoutError) as error:
        raise CustodyError(
            "the time stamping authority {url} does not answer: {reason}",
            hint="the log is complete without the stamp; ask again later",
            url=url,
            reason=str(error),
        ) from error
