"""Bytes under any charset label, right, wrong or none, become valid Unicode.

The result has no lone surrogate and no U+0000, so it may go into JSON and PostgreSQL as it is.
A label is believed unless the bytes plainly say otherwise: text beyond ASCII that is valid UTF-8
was written as UTF-8, and ISO 2022 escapes are never anything else.
"""

import re

from courrier.mail.charsets.escapes import (
    decode_euc_jp,
    decode_iso2022_cn,
    decode_iso2022_jp,
)
from courrier.mail.charsets.labels import codec_for

__all__ = ["codec_for", "declared_in_html", "decode", "scrub"]

_NOT_TEXT = re.compile("[\x00\ud800-\udfff]")
_ESCAPES_CHINESE_KOREAN = re.compile(rb"\x1b\$\)([ACEG])")
_ESCAPES_JAPANESE = re.compile(rb"\x1b(?:\$[@B]|\$\([DOQ]|\([BIJ])")
_META_CHARSET = re.compile(
    rb"<meta\s[^>]{0,300}?charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([\w.:-]{2,40})", re.IGNORECASE
)
_XML_ENCODING = re.compile(
    rb"\s{0,99}<\?xml\s[^>]{0,100}?encoding=[\"']([\w.:-]{2,40})", re.IGNORECASE
)
_HTML_HEAD_BYTES = 4_096
_NOT_ASCII_BASED = {
    "utf-7", "hz", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be",
}  # fmt: skip
_MULTI_BYTE = {"gb18030", "big5hkscs", "cp949", "cp932", "euc_jp", "shift_jisx0213", "johab"}
_CERTAINLY_UTF8 = 4
_MOSTLY_DAMAGED = 0.15


def scrub(text: str) -> str:
    """The text without U+0000, and with U+FFFD for each lone surrogate."""
    if text.isascii():
        return text.replace("\x00", "") if "\x00" in text else text
    if _NOT_TEXT.search(text) is None:
        return text
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return whole.replace("\x00", "")


def decode(content: bytes, label: str | None, hint: str | None = None) -> str:
    """The text of bytes said to be in `label`; any label and any bytes give something readable.

    Args:
        content: a body after transfer decoding, or the bytes of a header field.
        label: as written in the message; `None` if the message does not say.
        hint: the label of a neighbour, for bytes that have none themselves.
    """
    escapes = content.find(b"\x1b") >= 0
    ascii_only = not escapes and content.isascii()
    if ascii_only and label in _ASCII_FIRST:
        return _no_nul(content.decode("ascii"))
    codec = codec_for(label) if label else None
    if codec in _NOT_ASCII_BASED:
        return _without_mark(scrub(_decode_other(content, codec)))
    if ascii_only:
        return _no_nul(content.decode("ascii"))
    if escapes:
        escaped = _decode_escaped(content, codec)
        if escaped is not None:
            return _no_nul(escaped)
    if codec is None or (codec == "cp1252" and label is not None and "ascii" in label.lower()):
        return _decode_unlabelled(content, codec_for(hint) if hint else None)
    return _without_mark(_no_nul(_decode_labelled(content, codec)))


_ASCII_FIRST = {None, "utf-8", "us-ascii", "iso-8859-1", "windows-1252", "UTF-8", "iso-8859-15"}


def declared_in_html(content: bytes) -> str | None:
    """The charset that an HTML document names itself, for parts whose Content-Type names none."""
    head = content[:_HTML_HEAD_BYTES]
    found = _META_CHARSET.search(head) or _XML_ENCODING.match(head)
    label = found.group(1).decode("ascii", "ignore") if found is not None else None
    # A document whose own label can be read as ASCII is not in UTF-16.
    return None if label is None or codec_for(label) in _NOT_ASCII_BASED else label


def _no_nul(text: str) -> str:
    """The text of a codec that makes no lone surrogates: all of Python's but UTF-7."""
    return text.replace("\x00", "") if "\x00" in text else text


def _without_mark(text: str) -> str:
    return text.removeprefix("\ufeff")


def _decode_labelled(content: bytes, codec: str) -> str:
    try:
        as_utf8 = content.decode("utf-8")
    except UnicodeDecodeError:
        if codec != "utf-8":
            return _decode_with(content, codec)
        as_utf8 = content.decode("utf-8", "replace")
        if _beyond_ascii(as_utf8) > as_utf8.count("\ufffd"):
            return as_utf8
        return _decode_unlabelled(content, None)
    if codec in _MULTI_BYTE and _beyond_ascii(as_utf8) < _CERTAINLY_UTF8:
        return _decode_with(content, codec)
    return as_utf8


def _beyond_ascii(text: str) -> int:
    return len(text) - len(text.encode("ascii", "ignore"))


def _decode_with(content: bytes, codec: str) -> str:
    """In the codec of the label; another reading only if this one is mostly damage."""
    try:
        return content.decode(codec)
    except (UnicodeError, ValueError, LookupError):
        replaced = _decode_replacing(content, codec)
    if replaced is None:
        return _decode_unlabelled(content, None)
    damaged = replaced.count("\ufffd")
    if codec != "cp1252" and damaged > 1 + _MOSTLY_DAMAGED * _beyond_ascii(replaced):
        return _decode_unlabelled(content, None)
    return replaced


def _decode_replacing(content: bytes, codec: str) -> str | None:
    if codec == "iso2022_jp":
        return decode_iso2022_jp(content)
    if codec == "iso2022_cn":
        return decode_iso2022_cn(content)
    if codec == "euc_jp":
        return decode_euc_jp(content)
    try:
        return content.decode(codec, "replace")
    except (UnicodeError, ValueError, LookupError):
        return None


def _decode_escaped(content: bytes, codec: str | None) -> str | None:
    """ISO 2022 text under any label; `None` if the escapes are none of a charset."""
    other = _ESCAPES_CHINESE_KOREAN.search(content)
    if other is not None:
        if other.group(1) == b"C":
            return content.decode("iso2022_kr", "replace")
        return decode_iso2022_cn(content)
    if _ESCAPES_JAPANESE.search(content) is None and codec != "iso2022_jp":
        return None
    try:
        return content.decode("iso2022_jp_ext")
    except UnicodeDecodeError:
        return decode_iso2022_jp(content)


def _decode_other(content: bytes, codec: str | None) -> str:
    """UTF-7, HZ, UTF-16 and UTF-32: ASCII bytes do not stand for themselves in these."""
    if codec in {"utf-7", "hz"}:
        if not content.isascii():
            return _decode_unlabelled(content, None)
        return content.decode(codec, "replace")
    width = 4 if codec is not None and codec.startswith("utf-32") else 2
    if b"\x00" not in content and not content.startswith((b"\xfe\xff", b"\xff\xfe")):
        # A wrong label: text without one western character or line break is no mail.
        even = content[: len(content) - len(content) % width]
        if width == 4 or content.isascii() or b"\n" in content or len(even) != len(content):
            return _decode_unlabelled(content, None)
    return content.decode(_wide_codec(content, codec, width), "replace")


def _wide_codec(content: bytes, codec: str | None, width: int) -> str:
    """By the mark, the label's own order, or where the zero bytes of ASCII stand (RFC 2781 4.3)."""
    family = f"utf-{width * 8}"
    if codec is not None and codec.endswith(("-le", "-be")):
        return codec
    if content.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")):
        return family
    head = content[:1_024]
    little = head[width - 1 :: width].count(0) > head[::width].count(0)
    return f"{family}-{'le' if little else 'be'}"


def _decode_unlabelled(content: bytes, hint: str | None) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _without_mark(_no_nul(content.decode("utf-16", "replace")))
    try:
        return _without_mark(_no_nul(content.decode("utf-8")))
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data" and not content[: error.start].isascii():
            # UTF-8 that was cut off at its end.
            return _without_mark(_no_nul(content.decode("utf-8", "replace")))
        return _decode_guessed(content, hint)


def _decode_guessed(content: bytes, hint: str | None) -> str:
    """Text that is not UTF-8: UTF-8 with a few damaged places, or what the guess says."""
    as_utf8 = content.decode("utf-8", "replace")
    damaged = as_utf8.count("\ufffd")
    if _beyond_ascii(as_utf8) - damaged > 3 * damaged:
        return _no_nul(_without_mark(as_utf8))
    # The tables of the guess are needed by few messages.
    from courrier.mail.charsets.guess import guess_codec  # noqa: PLC0415

    codec = guess_codec(content, hint)
    replaced = _decode_replacing(content, codec)
    return _no_nul(replaced if replaced is not None else content.decode("cp1252", "replace"))
