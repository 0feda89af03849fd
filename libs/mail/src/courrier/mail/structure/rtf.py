# ruff: noqa: RUF001 (signs stand as they are shown)
"""Rich Text Format as Outlook encloses it: decompressed (MS-OXRTFCP), and read as plain text."""

import re

from courrier.mail.charsets.decoding import codec_for, scrub
from courrier.mail.limits import MAX_RTF_BYTES

# MS-OXRTFCP section 2.1.3.1.1: what the dictionary holds before the first byte.
_DICTIONARY = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript "
    rb"\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
_WINDOW = 4_096
_COMPRESSED, _UNCOMPRESSED = b"LZFu", b"MELA"

_TOKEN = re.compile(
    rb"\\([a-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-z\r\n])|([{}])|[\r\n]+"
    rb"|([^\\{}\r\n]+)|\\[\r\n]?",
)
_SKIPPED = {
    b"fonttbl", b"colortbl", b"stylesheet", b"info", b"pict", b"object", b"header", b"footer",
    b"listtable", b"listoverridetable", b"generator", b"themedata", b"datastore", b"xmlnstbl",
}  # fmt: skip
_SIGNS = {
    b"par": "\n", b"line": "\n", b"sect": "\n", b"page": "\n", b"row": "\n", b"tab": "\t",
    b"cell": "\t", b"bullet": "•", b"endash": "–", b"emdash": "—", b"lquote": "‘",
    b"rquote": "’", b"ldblquote": "“", b"rdblquote": "”", b"emspace": " ", b"enspace": " ",
}  # fmt: skip
_SYMBOLS = {b"~": "\u00a0", b"_": "-", b"\\": "\\", b"{": "{", b"}": "}"}


def decompress_rtf(content: bytes) -> bytes:
    """The RTF; up to the place of damage, and at most 4 MB."""
    kind = content[8:12]
    if kind == _UNCOMPRESSED:
        return content[16 : 16 + int.from_bytes(content[4:8], "little")]
    if kind != _COMPRESSED:
        return b""
    return _inflate(content, min(int.from_bytes(content[4:8], "little"), MAX_RTF_BYTES))


def _inflate(content: bytes, size: int) -> bytes:
    out = bytearray(_DICTIONARY)
    end = len(_DICTIONARY) + size
    position = 16
    while position < len(content) and len(out) < end:
        flags = content[position]
        position += 1
        for bit in range(8):
            if not flags >> bit & 1:
                out += content[position : position + 1]
                position += 1
                continue
            pair = int.from_bytes(content[position : position + 2], "big")
            position += 2
            back = (len(out) - (pair >> 4)) % _WINDOW
            if back == 0 or position > len(content):
                return bytes(out[len(_DICTIONARY) : end])
            _copy(out, back, (pair & 15) + 2)
    return bytes(out[len(_DICTIONARY) : end])


def _copy(out: bytearray, back: int, length: int) -> None:
    """Bytes from the window again; they may overlap those that are being written."""
    start = len(out) - back
    if start < 0:
        out += b" " * length
        return
    for offset in range(length):
        out.append(out[start + offset])


def rtf_to_text(source: bytes) -> str:
    """What a reader would see, without pictures, fields' instructions and the HTML it came from."""
    reader = _Reader()
    for match in _TOKEN.finditer(source):
        reader.take(match)
    reader.flush()
    return scrub("".join(reader.pieces)).strip("\n") + "\n" if reader.pieces else ""


class _Reader:
    """The state of one pass: what is skipped, and how many bytes repeat a code point."""

    __slots__ = ("codec", "held", "pieces", "skip", "skipped", "stack", "width")

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.held = bytearray()
        self.codec = "cp1252"
        self.stack: list[tuple[bool, int]] = []
        self.skipped = False
        self.width = 1
        self.skip = 0

    def take(self, match: re.Match[bytes]) -> None:
        word, number, code, symbol, brace, text = match.groups()
        if brace is not None:
            self._take_brace(brace)
        elif word is not None:
            self._take_word(word, number)
        elif self.skipped:
            return
        elif code is not None:
            self._take_bytes(bytes.fromhex(code.decode("ascii")))
        elif text is not None:
            self._take_bytes(text)
        elif symbol == b"*":
            self.skipped = True
        elif symbol in _SYMBOLS:
            self._put(_SYMBOLS[symbol])

    def _take_brace(self, brace: bytes) -> None:
        self.skip = 0
        if brace == b"{":
            self.stack.append((self.skipped, self.width))
        elif self.stack:
            self.skipped, self.width = self.stack.pop()

    def _take_word(self, word: bytes, number: bytes | None) -> None:
        if word in _SKIPPED:
            self.skipped = True
        elif word == b"ansicpg" and number is not None:
            self.flush()
            self.codec = codec_for(f"cp{number.decode('ascii')}") or self.codec
        elif self.skipped:
            return
        elif word == b"uc" and number is not None:
            self.width = min(int(number), 8)
        elif word == b"u" and number is not None:
            self.flush()
            self.pieces.append(chr(int(number) % 65_536))
            self.skip = self.width
        elif word in _SIGNS:
            self._put(_SIGNS[word])

    def _take_bytes(self, content: bytes) -> None:
        dropped = min(self.skip, len(content))
        self.skip -= dropped
        self.held += content[dropped:]

    def _put(self, text: str) -> None:
        self.flush()
        self.pieces.append(text)

    def flush(self) -> None:
        """Bytes are decoded together: a character of East Asia is written as two."""
        if self.held:
            self.pieces.append(bytes(self.held).decode(self.codec, "replace"))
            self.held.clear()
