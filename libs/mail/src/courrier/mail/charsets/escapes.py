"""ISO 2022 text: Japanese with the characters of Windows, and Chinese (RFC 1468, RFC 1922).

Python's own codecs refuse the vendor characters (the circled digits, the bracketed companies) that
every Japanese mail program writes, and know no ISO-2022-CN at all.
"""

import re
from functools import lru_cache

_ESCAPE = re.compile(rb"\x1b(\$\([A-DQ]|\$[@AB]|\([A-Z]|\$\)[AGE]|\$\*H|&@|\.[AF]|N)|([\x0e\x0f])")
_HALF_KATAKANA_SHIFT = 0x80


def decode_iso2022_jp(content: bytes) -> str:
    """RFC 1468 with JIS X 0201 katakana and the vendor rows; damage becomes U+FFFD."""
    pieces: list[str] = []
    charset, shifted, position = b"(B", False, 0
    for match in _ESCAPE.finditer(content):
        pieces.append(_jp_stretch(content[position : match.start()], charset, shifted=shifted))
        if match.group(2) is None:
            charset = match.group(1)
        else:
            shifted = match.group(2) == b"\x0e"
        position = match.end()
    pieces.append(_jp_stretch(content[position:], charset, shifted=shifted))
    return "".join(pieces)


def _jp_stretch(stretch: bytes, charset: bytes, *, shifted: bool) -> str:
    if not stretch:
        return ""
    if charset in _TWO_BYTE:
        return _jp_lines(stretch)
    if charset == b"$(D":
        return b"".join(b"\x8f" + bytes((a | 128, b | 128)) for a, b in _pairs(stretch)).decode(
            "euc_jp", "replace"
        )
    if charset in _OTHER_TWO_BYTE:
        return bytes(each | 128 if each > 32 else each for each in stretch).decode(
            _OTHER_TWO_BYTE[charset], "replace"
        )
    if charset == b"(I" or shifted:
        katakana = bytes(
            each | _HALF_KATAKANA_SHIFT if 0x21 <= each <= 0x5F else each for each in stretch
        )
        return katakana.decode("cp932", "replace")
    return stretch.decode("cp932", "replace")


_TWO_BYTE = {b"$@", b"$B", b"$(B", b"$(@", b"$(Q"}
_OTHER_TWO_BYTE = {b"$A": "gb18030", b"$(A": "gb18030", b"$(C": "cp949"}


def _jp_lines(stretch: bytes) -> str:
    """Every line begins in ASCII again (RFC 1468), also where the sender forgot to say so."""
    head, line_end, tail = stretch.partition(b"\n")
    if not line_end:
        return _jis_text(head)
    return _jis_text(head) + "\n" + tail.decode("cp932", "replace")


def _pairs(stretch: bytes) -> list[tuple[int, int]]:
    seven = bytes(each & 0x7F for each in stretch if each & 0x7F > 0x20)
    return list(zip(seven[::2], seven[1::2], strict=False))


def _jis_text(stretch: bytes) -> str:
    """Pairs of JIS X 0208; blanks between them are kept."""
    out: list[str] = []
    position, end = 0, len(stretch)
    while position < end:
        high = stretch[position]
        if high <= 0x20 or position + 1 == end:
            out.append(chr(high) if high <= 0x20 else "\ufffd")
            position += 1
            continue
        out.append(_jis_character(high & 0x7F, stretch[position + 1] & 0x7F))
        position += 2
    return "".join(out)


@lru_cache(maxsize=8_192)
def _jis_character(row: int, column: int) -> str:
    """A character of JIS X 0208 with the vendor rows of Windows, by its place in Shift_JIS."""
    if not (0x21 <= row <= 0x7E and 0x21 <= column <= 0x7E):
        return "\ufffd"
    lead = ((row - 0x21) >> 1) + (0x81 if row < 0x5F else 0xC1)
    odd_trail = column + (0x1F if column < 0x60 else 0x20)
    try:
        return bytes((lead, odd_trail if row & 1 else column + 0x7E)).decode("cp932")
    except UnicodeDecodeError:
        return "\ufffd"


def decode_euc_jp(content: bytes) -> str:
    """EUC-JP with the vendor rows of Windows, by way of Shift_JIS; damage becomes U+FFFD."""
    out: list[str] = []
    for match in _EUC_JP.finditer(content):
        piece = match.group()
        if match.lastgroup == "pair":
            out.append(_jis_character(piece[0] & 0x7F, piece[1] & 0x7F))
        else:
            out.append(piece.decode("euc_jp", "replace"))
    return "".join(out)


_EUC_JP = re.compile(
    rb"(?P<pair>[\xa1-\xfe][\xa1-\xfe])|\x8e[\xa1-\xdf]|\x8f[\xa1-\xfe]{2}|[\x00-\x7f]+|.",
    re.DOTALL,
)


def decode_iso2022_cn(content: bytes) -> str:
    """RFC 1922: GB 2312 after SO; CNS 11643 planes, of which Python has no table, become U+FFFD."""
    pieces: list[str] = []
    chinese, shifted, position = b"$)A", False, 0
    for match in _ESCAPE.finditer(content):
        pieces.append(_cn_stretch(content[position : match.start()], chinese, shifted=shifted))
        if match.group(2) is not None:
            shifted = match.group(2) == b"\x0e"
        elif match.group(1).startswith(b"$)"):
            chinese = match.group(1)
        position = match.end()
    pieces.append(_cn_stretch(content[position:], chinese, shifted=shifted))
    return "".join(pieces)


def _cn_stretch(stretch: bytes, chinese: bytes, *, shifted: bool) -> str:
    if not shifted:
        return stretch.decode("gb18030", "replace")
    if chinese != b"$)A":
        return "\ufffd" * (len(stretch) // 2)
    return bytes(each | 128 if each > 32 else each for each in stretch).decode("gb18030", "replace")
