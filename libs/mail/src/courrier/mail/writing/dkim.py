"""DKIM signatures (RFC 6376): relaxed/relaxed, RSA and Ed25519 (RFC 8463) over one body hash.

What leaves is what is signed: lines end in CRLF, and nothing may be changed afterwards. Never `l=`,
which lets others append. Fields named in `h=` once more than they occur cannot be added either.
"""

import re
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

from courrier.mail.writing.dkim_keys import SigningKey
from courrier.mail.writing.outgoing import Unwritable

MAX_SIGNATURES = 4
"""Verifiers look at the first few only (RFC 6376 section 6.1)."""

_CLOSED = (b"from", b"reply-to", b"subject", b"date", b"to", b"cc")
"""Signed whether there or not, so that none can be added."""
_CLOSED_IF_THERE = (
    b"sender", b"message-id", b"in-reply-to", b"references", b"mime-version", b"content-type",
    b"content-transfer-encoding", b"list-unsubscribe", b"list-unsubscribe-post",
)  # fmt: skip
_SIGNED_IF_THERE = (
    b"list-id", b"list-help", b"list-subscribe", b"list-post", b"list-owner", b"list-archive",
    b"feedback-id", b"auto-submitted",
)  # fmt: skip

_FIELD_BREAK = re.compile(rb"\r\n(?![ \t])")
_BLANKS = re.compile(rb"[ \t\r\n]+")
_BLANKS_IN_LINE = re.compile(rb"[ \t]{2,}|\t")
_PADDING = PKCS1v15()
_DIGEST = SHA256()
_SIGNATURE_LINE = 72


class Unsignable(Unwritable):
    """The message has no From, or a line that does not end in CRLF: it would change on its way."""


def sign(message: bytes, keys: Sequence[SigningKey], *, now: int) -> bytes:
    """The message with one signature for each key in front, that of the first key on top.

    Args:
        message: as it goes on the wire, before dot-stuffing; with CRLF and 7-bit, or a relay that
            must convert it breaks the signature.
        keys: best Ed25519 and RSA, for some verifiers know only the latter (RFC 8463 section 5).
        now: seconds since 1970, for `t=`.

    Raises:
        Unsignable: see there.
    """
    line_feeds = message.count(b"\n")
    if not line_feeds == message.count(b"\r") == message.count(b"\r\n"):
        raise Unsignable("a message to be signed has CRLF line ends only")
    if len(keys) > MAX_SIGNATURES:
        raise Unsignable(f"a message has {MAX_SIGNATURES} signatures at most")
    head, _, body = message.partition(b"\r\n\r\n")
    names, signed = _signed_fields(head)
    body_hash = b64encode(sha256(relaxed_body(body)).digest())
    tail = b";\r\n bh=" + body_hash + b"; t=%d;\r\n h=" % now + names + b";\r\n b="
    return b"".join((*(_field(key, tail, signed) for key in keys), message))


def relaxed_body(body: bytes) -> bytes:
    """RFC 6376 section 3.4.4: blanks run together, none at line ends, no empty lines at the end."""
    if b"  " in body or b"\t" in body:
        body = _BLANKS_IN_LINE.sub(b" ", body)
    if b" \r\n" in body:
        body = body.replace(b" \r\n", b"\r\n")
    if body.endswith((b"\r\n", b" ")):
        body = body.rstrip(b" \r\n")
    return body + b"\r\n" if body else b""


def relaxed_field(field: bytes) -> bytes:
    """RFC 6376 section 3.4.2: lower-case name, unfolded, blanks run together; without CRLF."""
    name, _, value = field.partition(b":")
    return name.rstrip(b" \t").lower() + b":" + _BLANKS.sub(b" ", value).strip(b" ")


def _signed_fields(head: bytes) -> tuple[bytes, bytes]:
    """The value of `h=`, folded, and the canonical fields in its order."""
    found: dict[bytes, list[bytes]] = {}
    for field in _FIELD_BREAK.split(head):
        name = field.partition(b":")[0].rstrip(b" \t").lower()
        if name in _SIGNABLE:
            found.setdefault(name, []).append(field)
    if b"from" not in found:
        raise Unsignable("a message to be signed has a From")
    names: list[bytes] = []
    signed: list[bytes] = []
    for name in _SIGNABLE:
        # RFC 6376 section 5.4.2: the last instance is the first that is signed.
        fields = found.get(name, ())
        signed += (relaxed_field(field) + b"\r\n" for field in reversed(fields))
        closed = name in _CLOSED or (name in _CLOSED_IF_THERE and bool(fields))
        names += [name] * (len(fields) + closed)
    return _folded(names), b"".join(signed)


_SIGNABLE = dict.fromkeys((*_CLOSED, *_CLOSED_IF_THERE, *_SIGNED_IF_THERE))


def _folded(names: list[bytes]) -> bytes:
    lines: list[bytes] = []
    line = b""
    for name in names:
        if len(line) + len(name) > _SIGNATURE_LINE:
            lines.append(line)
            line = b""
        line += name + b":"
    lines.append(line[:-1])
    return b"\r\n ".join(lines)


def _field(key: SigningKey, tail: bytes, signed: bytes) -> bytes:
    """The DKIM-Signature with its signature, which covers itself with an empty `b=`."""
    field = (
        f"DKIM-Signature: v=1; a={key.algorithm}; c=relaxed/relaxed;\r\n"
        f" d={key.domain}; s={key.selector}"
    ).encode("ascii") + tail
    data = signed + relaxed_field(field)
    private = key.private
    if isinstance(private, RSAPrivateKey):
        signature = private.sign(data, _PADDING, _DIGEST)
    else:
        # RFC 8463 section 3: Ed25519 signs the digest, not the data.
        signature = private.sign(sha256(data).digest())
    encoded = b64encode(signature)
    lines = (encoded[at : at + _SIGNATURE_LINE] for at in range(0, len(encoded), _SIGNATURE_LINE))
    return field + b"\r\n ".join(lines) + b"\r\n"
