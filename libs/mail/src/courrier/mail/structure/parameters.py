"""Content-Type and Content-Disposition: a word and its parameters (RFC 2045 5.1, 2231, 2183)."""

import re
from functools import lru_cache
from itertools import islice
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from courrier.mail.charsets.decoding import codec_for, decode
from courrier.mail.headers.words import decode_words, raw_text
from courrier.mail.limits import MAX_PARAMETERS

_BETWEEN = re.compile(r"[;\s]*")
_NAME = re.compile(r"""([^\s;=()<>@,"]{1,200})\s{0,99}=\s{0,99}""")
_UP_TO_SEMICOLON = re.compile(r"[^;]*")
_QUOTE = re.compile(r'\\["\\]|"')
# A quote inside a quoted string closes it only where a parameter may end.
_MAY_END = re.compile(r"\s{0,99}(?:[;(]|\Z|[\w*-]{1,40}\s{0,9}=)")
_COMMENT = re.compile(r"\([^()\"]*\)")
_ESCAPED = re.compile(r"\\([\"\\])")
_SECTION = re.compile(r"(.+?)\*(\d{1,4})(\*?)\Z")
_CHARSET_MARK = re.compile(r"([\w.:-]{2,40})'[\w-]{0,40}'")
_ONLY_BOUNDARY = re.compile(
    rb'([\w/+.-]+);[ \t]*boundary="([ -!#-\[\]-~]{1,200})"\Z', re.IGNORECASE
)
_CACHED_BYTES = 120
_MAX_QUOTES = 200
_FILE_NAMES = {"name", "filename"}


class Parameterised(NamedTuple):
    """The leading word in lower case (`text/plain`, `attachment`) and its parameters, decoded."""

    word: str
    parameters: dict[str, str]


def read_parameters(value: bytes) -> Parameterised:
    """Read one field; the answer is shared between callers and must not be changed."""
    if value.find(b"boundary") < 0:
        return _read_cached(value) if len(value) <= _CACHED_BYTES else _read(value)
    # Each multipart has a boundary of its own, so a cache is of no use, but few have more.
    only = _ONLY_BOUNDARY.match(value)
    if only is None or value.find(b"=?") >= 0:
        return _read(value)
    word, boundary = only.groups()
    return Parameterised(word.decode().lower(), {"boundary": boundary.decode()})


def _read(value: bytes) -> Parameterised:
    text = raw_text(value)
    word, _, rest = text.partition(";")
    if "(" in word:
        word = _COMMENT.sub("", word)
    if "=" in word:
        # The semicolon is forgotten, "text/plain charset=utf-8", or the word itself is.
        head, _, tail = word.strip().partition(" ")
        if "=" in head:
            head, tail = "", text
        word, rest = head.rstrip(","), f"{tail};{rest}"
    return Parameterised(
        "".join(word.split()).strip("\"'").lower(), _parameters(rest) if rest else {}
    )


_read_cached = lru_cache(maxsize=1024)(_read)


def _parameters(rest: str) -> dict[str, str]:
    found: dict[str, str] = {}
    sections: dict[str, dict[int, tuple[str, bool]]] = {}
    position = 0
    for _ in range(MAX_PARAMETERS):
        between = _BETWEEN.match(rest, position)
        position = between.end() if between is not None else position
        match = _NAME.match(rest, position)
        if match is None:
            position = rest.find(";", position) + 1
            if not position:
                break
            continue
        name = match.group(1).lower()
        value, position = _value(rest, match.end(), name)
        if "*" in name:
            _keep_section(name, value, sections)
        elif not found.get(name):
            found[name] = decode_words(value) if "=?" in value else value
    for name, numbered in sections.items():
        # RFC 2231 wins over the plain twin that is written for old readers.
        found[name] = _join(numbered) or found.get(name, "")
    return found


def _value(rest: str, start: int, name: str) -> tuple[str, int]:
    """The value that begins there, unquoted, and where it ends."""
    if rest.startswith('"', start):
        end = _closing_quote(rest, start + 1)
        if end >= 0:
            value = rest[start + 1 : end]
            return _ESCAPED.sub(r"\1", value) if "\\" in value else value, end + 1
    match = _UP_TO_SEMICOLON.match(rest, start)
    value, end = (match.group(), match.end()) if match is not None else ("", start)
    if "(" in value and name.partition("*")[0] not in _FILE_NAMES:
        value = _COMMENT.sub("", value)
    value = value.strip()
    if value.startswith("'") and value.endswith("'") and len(value) > 1:
        value = value[1:-1]
    return value.strip('"'), end


def _closing_quote(rest: str, start: int) -> int:
    for match in islice(_QUOTE.finditer(rest, start), _MAX_QUOTES):
        if match.group() == '"' and _MAY_END.match(rest, match.end()) is not None:
            return match.start()
    return -1


def _keep_section(name: str, value: str, sections: dict[str, dict[int, tuple[str, bool]]]) -> None:
    match = _SECTION.match(name)
    if match is not None:
        key, number, encoded = match.group(1), int(match.group(2)), bool(match.group(3))
    else:
        key, number, encoded = name.rstrip("*"), 0, True
    sections.setdefault(key, {}).setdefault(number, (value, encoded))


def _join(numbered: dict[int, tuple[str, bool]]) -> str:
    """RFC 2231 sections 3 and 4: the parts in order, percent-decoded as one string of bytes."""
    charset: str | None = None
    content = b""
    # Some senders mark the charset, and forget the star that says so.
    starless = not any(encoded for _, encoded in numbered.values())
    for index, number in enumerate(sorted(numbered)):
        value, encoded = numbered[number]
        if index == 0:
            marked = _CHARSET_MARK.match(value)
            if marked is not None and (encoded or codec_for(marked.group(1))):
                charset, value = marked.group(1), value[marked.end() :]
                starless = starless and "%" in value
            elif encoded and value.count("'") >= 2:
                charset, _, value = value.split("'", 2)
                starless = False
            else:
                starless = False
        content += unquote_to_bytes(value) if encoded or starless else value.encode("utf-8")
    text = decode(content, charset or None)
    return decode_words(text) if "=?" in text else text
