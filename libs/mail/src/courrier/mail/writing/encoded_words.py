"""Text as RFC 2047 encoded words: 75 characters at most, none of which cuts a character in two."""

import binascii
import re

LINE_CHARS = 78
"""RFC 5322 section 2.1.1: what a line should not exceed."""

_OVERHEAD = len("=?utf-8?B??=")
_WORD_CHARS = 75
_FIRST_WORD_CHARS = 24
# RFC 2047 section 5 (3): what may stand bare in a word of a phrase, the strictest place.
_Q_SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")
_Q = [
    "_" if byte == 0x20 else chr(byte) if byte in _Q_SAFE else f"={byte:02X}" for byte in range(256)
]
_BARE_OR_BLANK = bytes(byte for byte in range(256) if len(_Q[byte]) == 1)
# What joins the character before it: accents, variation selectors, skin tones, and the joiner.
_TAIL = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0900-\u0903\u093a-\u094f"
    "\u0e31\u0e33-\u0e3a\u0e47-\u0e4e\u1ab0-\u1aff\u200d\u20d0-\u20ff\u3099\u309a\ufe00-\ufe0f"
    "\ufe20-\ufe2f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]"
)
_JOINER = "\u200d"
_MAX_TAIL_BYTES = 30


def encoded_words(text: str, used: int) -> str:
    """The text as words, one a line, Q or B whichever is shorter.

    Args:
        text: not empty; blanks at its ends are kept.
        used: characters that stand on the first line already.
    """
    content = text.encode("utf-8")
    dear = len(content.translate(None, _BARE_OR_BLANK))
    use_q = dear * 5 < len(content)
    words: list[str] = []
    room = max(_FIRST_WORD_CHARS, min(LINE_CHARS - used, _WORD_CHARS))
    start = 0
    while start < len(content):
        end = _q_end(content, start, room - _OVERHEAD) if use_q else start + _b_bytes(room)
        end = _edge(content, start, end)
        words.append(_word(content[start:end], use_q=use_q))
        start, room = end, _WORD_CHARS
    return "\r\n ".join(words)


def _b_bytes(room: int) -> int:
    """How many bytes fit into a B word of `room` characters."""
    return (room - _OVERHEAD) // 4 * 3


def _q_end(content: bytes, start: int, room: int) -> int:
    end = start
    while end < len(content):
        room -= len(_Q[content[end]])
        if room < 0:
            break
        end += 1
    return end


def _edge(content: bytes, start: int, end: int) -> int:
    """The nearest edge of a character at or before `end`, with its accents if these are few."""
    if end >= len(content):
        return len(content)
    while content[end] & 0xC0 == 0x80:
        end -= 1
    if content[end] < 0xCC and content[end - 1] != 0x8D:
        # No accent begins with such a byte, and no joiner ends before it.
        return end
    return _cluster_edge(content, start, end)


def _cluster_edge(content: bytes, start: int, end: int) -> int:
    nearest = end
    while end > start and nearest - end < _MAX_TAIL_BYTES:
        before = content[max(start, end - 4) : end].decode("utf-8", "ignore")[-1:]
        after = content[end : end + 4].decode("utf-8", "ignore")[:1]
        if before != _JOINER and _TAIL.match(after) is None:
            return end
        end -= len(before.encode("utf-8"))
    return nearest


def _word(content: bytes, *, use_q: bool) -> str:
    if not use_q:
        return f"=?utf-8?B?{binascii.b2a_base64(content, newline=False).decode('ascii')}?="
    return f"=?utf-8?Q?{''.join(map(_Q.__getitem__, content))}?="
