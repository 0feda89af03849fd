"""Content-Transfer-Encoding undone (RFC 2045 section 6), in whatever state the bytes are."""

import binascii
import re

_SOFT_BREAK_WITH_BLANKS = re.compile(rb"=[ \t]+(?=\r?\n)")
_BLANKS = b" \t\r\n"
_PADDING = re.compile(rb"=+")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")
_MAX_SEGMENTS = 1_000


def decode_transfer(content: bytes, encoding: str) -> bytes:
    """The bytes that were encoded; an unknown encoding means that the bytes stand for themselves.

    Args:
        content: the body of a part, its last line break (which belongs to the boundary) removed.
        encoding: lower case, without comments.
    """
    if encoding == "base64":
        return decode_base64(content)
    if encoding == "quoted-printable":
        return decode_quoted_printable(content)
    if encoding in _UUENCODE:
        return decode_uuencode(content)
    return content


_UUENCODE = {"x-uuencode", "uuencode", "x-uue", "uue"}


def decode_quoted_printable(content: bytes) -> bytes:
    """RFC 2045 section 6.7; an equals sign that encodes nothing stays as it is."""
    if b"= " in content or b"=\t" in content:
        content = _SOFT_BREAK_WITH_BLANKS.sub(b"=", content)
    return binascii.a2b_qp(content)


def decode_base64(content: bytes) -> bytes:
    """RFC 2045 section 6.8; foreign bytes are skipped, missing padding is made up.

    Several padded runs in a row count, as some programs encode line by line; prose after the
    padding (a list's footer) does not.
    """
    if b"=" in content.rstrip(b"= \t\r\n"):
        return _decode_segments(content)
    return _decode_run(content)


def _decode_run(content: bytes) -> bytes:
    try:
        return binascii.a2b_base64(content + b"==")
    except binascii.Error:
        alphabet_only = _NOT_BASE64.sub(b"", content)
        whole = len(alphabet_only) - (len(alphabet_only) % 4 == 1)
        return binascii.a2b_base64(alphabet_only[:whole] + b"==")


def _decode_segments(content: bytes) -> bytes:
    decoded: list[bytes] = []
    for number, segment in enumerate(_PADDING.split(content, _MAX_SEGMENTS)):
        bare = segment.translate(None, _BLANKS)
        if number and _NOT_BASE64.search(bare) is not None:
            break
        decoded.append(_decode_run(bare))
    return b"".join(decoded)


def decode_uuencode(content: bytes) -> bytes:
    """The bytes of the first uuencoded file in the content; lines that are none are skipped."""
    begin = re.search(rb"(?:^|\n)begin [0-7]{3,4} [^\r\n]*\r?\n", content)
    lines = content[begin.end() if begin else 0 :].split(b"\n")
    decoded: list[bytes] = []
    for line in lines:
        stripped = line.rstrip(b"\r")
        if stripped == b"end":
            break
        decoded.append(_decode_uu_line(stripped))
    return b"".join(decoded)


def _decode_uu_line(line: bytes) -> bytes:
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        # Some encoders pad lines with rubbish: the first byte says how much of it counts.
        length = ((line[0] - 32) & 63) * 4 // 3 + 4 if line else 0
        return _decode_uu_prefix(line[: length + 1])


def _decode_uu_prefix(line: bytes) -> bytes:
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        return b""
