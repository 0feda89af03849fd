"""Folder names on the wire: modified UTF-7 (RFC 3501 section 5.1.3).

Any bytes have a name: what is not modified UTF-7 is read as UTF-8, then as Latin-1.
"""

import base64
import binascii
import re

_SHIFTED = re.compile(rb"&([^-]*)-")
_PLAIN = re.compile(r"[\x20-\x7e]+|[^\x20-\x7e]+")


def encode(name: str) -> bytes:
    """Return a folder name as IMAP4rev1 servers write it."""
    return b"".join(_encoded(run) for run in _PLAIN.findall(name))


def decode(wire: bytes) -> str:
    """Return the name that a server's bytes stand for."""
    if not wire.isascii():
        return _eight_bit(wire)
    try:
        return "".join(_decoded(piece) for piece in _pieces(wire))
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return wire.decode("ascii")


def _encoded(run: str) -> bytes:
    if run.isascii() and run.isprintable():
        return run.replace("&", "&-").encode()
    packed = base64.b64encode(run.encode("utf-16-be", "surrogatepass")).rstrip(b"=")
    return b"&" + packed.replace(b"/", b",") + b"-"


def _pieces(wire: bytes) -> list[tuple[bytes, bytes | None]]:
    """Return plain text and the shifted run after it, in order."""
    pieces: list[tuple[bytes, bytes | None]] = []
    start = 0
    for found in _SHIFTED.finditer(wire):
        pieces.append((wire[start : found.start()], found[1]))
        start = found.end()
    return [*pieces, (wire[start:], None)]


def _decoded(piece: tuple[bytes, bytes | None]) -> str:
    plain, shifted = piece
    if b"&" in plain:
        raise ValueError("a shift that never ends")
    if shifted is None:
        return plain.decode()
    if not shifted:
        return plain.decode() + "&"
    packed = shifted.replace(b",", b"/")
    text = base64.b64decode(packed + b"=" * (-len(packed) % 4), validate=True)
    return plain.decode() + text.decode("utf-16-be")


def _eight_bit(wire: bytes) -> str:
    try:
        return wire.decode()
    except UnicodeDecodeError:
        return wire.decode("latin-1")
