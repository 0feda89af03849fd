"""Bytes under any charset label, right, wrong or none, become valid Unicode.

The result has no lone surrogate and no U+0000, so it may go into JSON and PostgreSQL as it is.
Labels are read as browsers read them (WHATWG Encoding), because senders mean what they see there:
`iso-8859-1` is windows-1252, `gb2312` is GB 18030, `ks_c_5601-1987` is UHC.
"""

import codecs
import re
from functools import lru_cache

_NOT_TEXT = re.compile("[\x00\ud800-\udfff]")
_ESCAPES_JAPANESE = re.compile(rb"\x1b\$[@B(]")

_MEANT = {
    "ansi_x3.4-1968": "cp1252",
    "ascii": "cp1252",
    "big5": "big5hkscs",
    "euc-kr": "cp949",
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "gbk": "gb18030",
    "iso-2022-jp": "iso2022_jp_ext",
    "iso-8859-1": "cp1252",
    "iso-8859-8-i": "iso8859_8",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "iso8859-1": "cp1252",
    "ks_c_5601-1987": "cp949",
    "ksc5601": "cp949",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "shift-jis": "cp932",
    "shift_jis": "cp932",
    "sjis": "cp932",
    "tis-620": "cp874",
    "unicode-1-1-utf-7": "utf-7",
    "us-ascii": "cp1252",
    "utf8": "utf-8",
    "x-gbk": "gb18030",
    "x-sjis": "cp932",
    "x-unknown": "",
    "8bit": "",
    "binary": "",
    "unknown-8bit": "",
    "default": "",
    "default_charset": "",
}

# Python lists these among its encodings, but no mail is written in them and some take long.
_NOT_CHARSETS = {
    "idna", "mbcs", "oem", "palmos", "punycode", "raw-unicode-escape", "undefined",
    "unicode-escape",
}  # fmt: skip


@lru_cache(maxsize=512)
def codec_for(label: str) -> str | None:
    """The name of Python's codec for a label as written in a message, `None` if it means none."""
    plain = label.strip().strip("'\"").lower()
    meant = _MEANT.get(plain, plain)
    if not meant or not meant.isascii() or "\x00" in meant:
        return None
    try:
        found = codecs.lookup(meant)
    except (LookupError, ValueError):
        return codec_for(plain[2:]) if plain.startswith("x-") and plain not in _MEANT else None
    is_text = getattr(found, "_is_text_encoding", True)
    return found.name if is_text and found.name.replace("_", "-") not in _NOT_CHARSETS else None


def scrub(text: str) -> str:
    """The text without U+0000, and with U+FFFD for each lone surrogate."""
    if text.isascii():
        return text.replace("\x00", "") if "\x00" in text else text
    if _NOT_TEXT.search(text) is None:
        return text
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return whole.replace("\x00", "")


def decode(content: bytes, label: str | None) -> str:
    """The text of bytes said to be in `label`; any label and any bytes give something readable."""
    if content.isascii() and b"\x1b" not in content and label in _ASCII_FIRST:
        return scrub(content.decode("ascii"))
    codec = codec_for(label) if label else None
    if codec is None or codec == "utf-8":
        return _decode_unlabelled(content)
    if codec == "cp1252":
        return _decode_western(content)
    try:
        return scrub(content.decode(codec))
    except (UnicodeError, ValueError):
        return _decode_damaged(content, codec)


_ASCII_FIRST = {None, "utf-8", "us-ascii", "iso-8859-1", "windows-1252", "UTF-8", "iso-8859-15"}


def _decode_unlabelled(content: bytes) -> str:
    if _ESCAPES_JAPANESE.search(content) is not None:
        return scrub(content.decode("iso2022_jp_ext", "replace"))
    try:
        return scrub(content.decode("utf-8"))
    except UnicodeDecodeError:
        return _decode_guessed(content)


def _decode_guessed(content: bytes) -> str:
    """Text that is not UTF-8: UTF-8 with a few damaged places, or the western single-byte set."""
    as_utf8 = content.decode("utf-8", "replace")
    damaged = as_utf8.count("\ufffd")
    beyond_ascii = len(as_utf8) - len(as_utf8.encode("ascii", "ignore"))
    whole = beyond_ascii - damaged
    if whole > damaged:
        return scrub(as_utf8)
    return scrub(content.decode("cp1252", "replace"))


def _decode_western(content: bytes) -> str:
    """A western or ASCII label over bytes that are plainly UTF-8 is a wrong label."""
    if content.isascii():
        return _decode_unlabelled(content)
    try:
        return scrub(content.decode("utf-8"))
    except UnicodeDecodeError:
        return scrub(content.decode("cp1252", "replace"))


def _decode_damaged(content: bytes, codec: str) -> str:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return _decode_replacing(content, codec)
    return _decode_unlabelled(content)


def _decode_replacing(content: bytes, codec: str) -> str:
    try:
        return scrub(content.decode(codec, "replace"))
    except (UnicodeError, ValueError):
        return _decode_unlabelled(content)
