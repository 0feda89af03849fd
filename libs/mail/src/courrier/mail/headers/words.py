"""The text of a header field: RFC 2047 encoded words, raw UTF-8 and raw 8-bit bytes.

Read as widely as the fields of the world need: words inside quotes and inside other words, a
multibyte character cut in two across adjacent words, words broken by folding, any charset.
"""

import binascii
import re
from typing import NamedTuple

from courrier.mail.charsets.decoding import codec_for, decode, scrub
from courrier.mail.limits import MAX_GUESSED_WORDS

# A word cannot hold the start of another one, so an unclosed word costs no second scan. `?=` that
# is followed by a byte in hexadecimal and the end of the word is an unencoded question mark.
_WORD = re.compile(
    r"=\?[ \t]?([^?\s=]{0,80})[ \t]?\?[ \t]?([BbQq])\?"
    r"((?:[^?=]|=(?!\?(?!=))|\?(?!=(?![0-9A-F]{2}[^?\s=]{0,80}(?:=[0-9A-F]{2}[^?\s=]{0,80}){0,20}\?=)))*)"
    r"\?=",
)
# The form of nearly all words; where one is left over, the widely read form above is tried.
_PLAIN_WORD = re.compile(r"=\?([^?\s=]{1,80})\?([BbQq])\?([^?\s]*)\?=(?![0-9A-F])")
_CONTROLS = re.compile("[\x00-\x1f\x7f]+")
_FOLD_INSIDE = re.compile(rb"(?<=[^ ]{40}) (?=[^ ])|\t|  +")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")
_PLAIN_BASE64 = re.compile(rb"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)?")
_PADDED = re.compile(rb"=+")


class _Word(NamedTuple):
    charset: str
    encoding: str
    payload: bytes


def field_text(value: bytes) -> str:
    """A field's value as text: decoded, on one line, without blanks at its ends."""
    text = raw_text(value)
    if "=?" in text:
        text = decode_words(text)
    if not text.isprintable() and _CONTROLS.search(text) is not None:
        text = _CONTROLS.sub(" ", text)
    return text.strip()


def raw_text(value: bytes) -> str:
    """A field's bytes as Unicode, encoded words still encoded (RFC 6532, or best effort)."""
    if value.isascii() and value.find(b"\x1b") < 0:
        return value.decode("ascii").replace("\x00", "")
    return decode(value, None)


def decode_words(text: str) -> str:
    """The text with its RFC 2047 encoded words decoded, blanks between two of them dropped."""
    plain = _decode_all(text, _PLAIN_WORD)
    decoded = plain if plain is not None else _decode_all(text, _WORD)
    return text if decoded is None else decoded


def _decode_all(text: str, form: re.Pattern[str]) -> str | None:
    """The text decoded; `None` if something that may be a word is none of that form."""
    pieces: list[str] = []
    run: list[_Word] = []
    end = 0
    for number, match in enumerate(form.finditer(text)):
        between = text[end : match.start()]
        if form is _PLAIN_WORD and "=?" in between:
            return None
        if not (run and (not between or between.isspace())):
            pieces += (_decode_run(run, guess=number <= MAX_GUESSED_WORDS), between)
            run = []
        charset, encoding, payload = match.groups()
        # RFC 2231 section 5: a language may follow the charset.
        label = charset.partition("*")[0].lower()
        run.append(_Word(label, encoding.lower(), payload.encode("utf-8")))
        end = match.end()
    if not end or (form is _PLAIN_WORD and "=?" in text[end:]):
        return None
    pieces += (_decode_run(run, guess=len(run) <= MAX_GUESSED_WORDS), text[end:])
    return "".join(pieces)


def _decode_run(run: list[_Word], *, guess: bool) -> str:
    """Adjacent words; those of one charset are joined as bytes first, to mend cut characters."""
    if len(run) > 1:
        run = _with_whole_base64(run)
    pieces: list[str] = []
    held = b""
    for index, word in enumerate(run):
        held += _decode_payload(word)
        if index + 1 == len(run) or run[index + 1].charset != word.charset:
            pieces.append(_decode_held(held, word.charset, guess=guess))
            held = b""
    return "".join(pieces)


def _decode_held(held: bytes, charset: str, *, guess: bool) -> str:
    codec = codec_for(charset)
    if guess:
        return decode(held, charset if codec else None)
    return scrub(held.decode(codec or "cp1252", "replace"))


def _with_whole_base64(run: list[_Word]) -> list[_Word]:
    """Words whose base64 was cut at any character belong to one word."""
    whole: list[_Word] = []
    for word in run:
        before = whole[-1] if whole else None
        if before is not None and _is_cut(before, word):
            whole[-1] = word._replace(payload=before.payload + word.payload)
        else:
            whole.append(word)
    return whole


def _is_cut(before: _Word, word: _Word) -> bool:
    return (
        before.encoding == word.encoding == "b"
        and before.charset == word.charset
        and len(before.payload) % 4 != 0
        and not before.payload.endswith(b"=")
        and (len(before.payload) + len(word.payload)) % 4 == 0
    )


def _decode_payload(word: _Word) -> bytes:
    raw = word.payload
    if word.encoding == "b":
        return _decode_b(raw)
    if (b" " in raw or b"\t" in raw) and (b"_" in raw or b"=20" in raw):
        # Blanks are written as underscores here, so one behind much text came from folding.
        raw = _FOLD_INSIDE.sub(b"", raw)
    return binascii.a2b_qp(raw, header=True)


def _decode_b(raw: bytes) -> bytes:
    if _PLAIN_BASE64.fullmatch(raw) is not None:
        return binascii.a2b_base64(raw)
    return b"".join(map(_decode_run_of_base64, _PADDED.split(raw)))


def _decode_run_of_base64(raw: bytes) -> bytes:
    kept = _NOT_BASE64.sub(b"", raw.replace(b"-", b"+"))
    return binascii.a2b_base64(kept[: len(kept) - (len(kept) % 4 == 1)] + b"==")
