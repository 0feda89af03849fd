"""The text of a header field: RFC 2047 encoded words, raw UTF-8 and raw 8-bit bytes.

Read as widely as the fields of the world need: words inside quotes and inside other words, a
multibyte character cut in two across adjacent words, words broken by folding, any charset.
"""

import binascii
import re

from courrier.mail.charsets import codec_for, decode

# A word cannot hold the start of another one, so an unclosed word costs no second scan.
_WORD = re.compile(
    r"=\?([^?\s=]{1,80})\?([BbQq])\?((?:[^?=]|=(?!\?(?!=))|\?(?!=))*)\?=",
)
_CONTROLS = re.compile("[\x00-\x1f\x7f]+")
_BLANKS = re.compile(r"\s+")
_LINE_OF_BLANKS = re.compile(r"[ \t\r\n]*\Z")


def field_text(value: bytes) -> str:
    """A field's value as text: decoded, on one line, without blanks at its ends."""
    text = raw_text(value)
    if "=?" in text:
        text = decode_words(text)
    if _CONTROLS.search(text) is not None:
        text = _CONTROLS.sub(" ", text)
    return text.strip()


def raw_text(value: bytes) -> str:
    """A field's bytes as Unicode, encoded words still encoded (RFC 6532, or best effort)."""
    if value.isascii() and b"\x1b" not in value:
        return value.decode("ascii").replace("\x00", "")
    return decode(value, None)


def decode_words(text: str) -> str:
    """The text with its RFC 2047 encoded words decoded, blanks between two of them dropped."""
    pieces: list[str] = []
    run: list[tuple[str, str, str]] = []
    end = 0
    for match in _WORD.finditer(text):
        between = text[end : match.start()]
        if not (run and (not between or between.isspace())):
            pieces += (_decode_run(run), between)
            run = []
        charset, encoding, payload = match.groups()
        run.append((charset.partition("*")[0].lower(), encoding.lower(), payload))
        end = match.end()
    pieces += (_decode_run(run), text[end:])
    return "".join(pieces)


def _decode_run(run: list[tuple[str, str, str]]) -> str:
    """Adjacent words; those of one charset are joined as bytes first, to mend cut characters."""
    pieces: list[str] = []
    held = b""
    for index, (charset, encoding, payload) in enumerate(run):
        held += _decode_payload(encoding, payload)
        if index + 1 == len(run) or run[index + 1][0] != charset:
            pieces.append(_decode_word_bytes(held, charset))
            held = b""
    return "".join(pieces)


def _decode_word_bytes(content: bytes, charset: str) -> str:
    return decode(content, charset if codec_for(charset) else None)


def _decode_payload(encoding: str, payload: str) -> bytes:
    raw = payload.encode("utf-8")
    if encoding == "b":
        return _decode_b(raw)
    if b"_" in raw or b"=20" in raw:
        # Blanks are written as underscores here, so this one came from folding inside the word.
        raw = raw.translate(None, b" \t\r\n")
    return binascii.a2b_qp(raw, header=True)


def _decode_b(raw: bytes) -> bytes:
    try:
        return binascii.a2b_base64(raw + b"==")
    except binascii.Error:
        kept = re.sub(rb"[^A-Za-z0-9+/]+", b"", raw)
        return binascii.a2b_base64(kept[: len(kept) - (len(kept) % 4 == 1)] + b"==")
