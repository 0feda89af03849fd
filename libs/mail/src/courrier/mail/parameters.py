"""Content-Type and Content-Disposition: a word and its parameters (RFC 2045 5.1, 2231, 2183)."""

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from courrier.mail.charsets import decode
from courrier.mail.limits import MAX_PARAMETERS
from courrier.mail.words import decode_words, raw_text

_PARAMETER = re.compile(
    r"""[;\s]*([^\s;=()<>@,"]{1,200})\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)""",
    re.DOTALL,
)
_COMMENT = re.compile(r"\([^()\"]*\)")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_SECTION = re.compile(r"(.+?)\*(\d{1,4})(\*?)\Z")
_CACHED_BYTES = 120


class Parameterised(NamedTuple):
    """The leading word in lower case (`text/plain`, `attachment`) and its parameters, decoded."""

    word: str
    parameters: dict[str, str]


def read_parameters(value: bytes) -> Parameterised:
    """Read one field; the answer is shared between callers and must not be changed."""
    if len(value) <= _CACHED_BYTES and b"boundary" not in value:
        return _read_cached(value)
    return _read(value)


def _read(value: bytes) -> Parameterised:
    word, semicolon, rest = raw_text(value).partition(";")
    if "(" in word:
        word = _COMMENT.sub("", word)
    word = "".join(word.split()).lower()
    if not semicolon:
        # Some senders forget the semicolon: "text/plain charset=utf-8".
        head, blank, tail = raw_text(value).strip().partition(" ")
        if blank and "=" in tail and "(" not in head:
            word, rest = head.lower().rstrip(","), tail
    return Parameterised(word, _parameters(rest) if rest else {})


_read_cached = lru_cache(maxsize=1024)(_read)


def _parameters(rest: str) -> dict[str, str]:
    found: dict[str, str] = {}
    sections: dict[str, dict[int, tuple[str, bool]]] = {}
    position = 0
    for _ in range(MAX_PARAMETERS):
        match = _PARAMETER.match(rest, position)
        if match is None:
            position = rest.find(";", position) + 1
            if not position:
                break
            continue
        position = match.end()
        name, value = match.group(1).lower(), _plain(match.group(2))
        if name.endswith("*") or "*" in name:
            _keep_section(name, value, sections)
        else:
            found.setdefault(name, decode_words(value) if "=?" in value else value)
    for name, numbered in sections.items():
        # RFC 2231 wins over the plain twin that is written for old readers.
        found[name] = _join(numbered)
    return found


def _plain(value: str) -> str:
    if value.startswith('"') and value.endswith('"') and len(value) > 1:
        return _ESCAPED.sub(r"\1", value[1:-1]) if "\\" in value else value[1:-1]
    if "(" in value:
        value = _COMMENT.sub("", value)
    return value.strip().strip('"')


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
    for index, number in enumerate(sorted(numbered)):
        value, encoded = numbered[number]
        if index == 0 and encoded and value.count("'") >= 2:
            charset, _, value = value.split("'", 2)
        content += unquote_to_bytes(value) if encoded else value.encode("utf-8")
    text = decode(content, charset or None)
    return decode_words(text) if "=?" in text else text
