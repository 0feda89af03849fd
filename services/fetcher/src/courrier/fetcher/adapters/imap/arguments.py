"""A command's arguments on the wire: text as it stands, quoted strings, literals.

RFC 9051 sections 4.3 and 9; RFC 7888 for literals that need no permission.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from aioimaplib.aioimaplib import quoted

SMALL_LITERAL = 4096
"""Bytes that LITERAL- and IMAP4rev2 take without being asked (RFC 7888 section 5)."""
QUOTED_LIMIT = 1000
"""Longer strings go as literals: servers' lines are short (RFC 2683 section 3.2.1.5)."""


@dataclass(frozen=True, slots=True)
class Literal:
    """Bytes of any kind but NUL, announced by their number."""

    data: bytes = field(repr=False)


Argument = str | Literal


class Unsendable(ValueError):
    """An argument holds NUL, CR or LF where the protocol has no place for them: a bug of ours."""


def string(text: str | bytes, *, utf8: bool = False) -> Argument:
    """Return a string that any server reads as it is meant; ``utf8``: it takes UTF-8 in quotes."""
    data = text.encode() if isinstance(text, str) else text
    shown = data.decode("utf-8", "replace")
    plain = shown.isprintable() and "\ufffd" not in shown and (utf8 or data.isascii())
    return str(quoted(shown)) if plain and len(data) <= QUOTED_LIMIT else Literal(data)


def pieces(words: Sequence[Argument], *, free: int) -> list[bytes]:
    """Return what to write at once; between two pieces the server has to say ``+``.

    ``free`` is up to how many bytes a literal needs no permission.

    Raises:
        Unsendable: see there.
    """
    return list(_pieces(words, free))


def _pieces(words: Sequence[Argument], free: int) -> Iterator[bytes]:
    line = bytearray()
    for number, word in enumerate(words):
        if number:
            line += b" "
        if isinstance(word, str):
            line += _text(word)
            continue
        if b"\0" in word.data:
            raise Unsendable("a literal with NUL")
        is_free = len(word.data) <= free
        line += b"{%d%b}\r\n" % (len(word.data), b"+" if is_free else b"")
        if not is_free:
            yield bytes(line)
            line.clear()
        line += word.data
    yield bytes(line + b"\r\n")


def _text(word: str) -> bytes:
    if any(c in word for c in "\0\r\n"):
        raise Unsendable("NUL, CR and LF have no place on a command line")
    return word.encode()
