"""Lists of people as they are pasted: from a mail program, a spreadsheet, a text.

Addresses stand between commas, semicolons, line ends or tabs, with a name before them or without;
bare ones also between blanks. ``Lovelace, Ada <ada@example.org>`` is one person.
"""

import re
from collections.abc import Iterable, Iterator

from courrier.events.base import Mailbox
from courrier.mail.headers.addresses import match_key, parse_addresses

MOST_CHARS = 100_000
_PIECE = re.compile(r'(?:"(?:[^"\\\n]|\\.)*"|<[^<>\n]*>|[^,;\n\r\t"]|")+')


def split_people(text: str) -> tuple[Mailbox, ...]:
    """Return who is in a pasted text, each address once, in order.

    What is no address stays as one that is not valid: nobody whom somebody named is lost silently.
    """
    once: dict[str, Mailbox] = {}
    for box in _boxes(_joined(_PIECE.findall(text[:MOST_CHARS]))):
        if box.address:
            once.setdefault(match_key(box.address), box)
    return tuple(once.values())


def _joined(pieces: Iterable[str]) -> Iterator[str]:
    """Yield pieces; a family name before a comma belongs to the address that follows."""
    before = ""
    for piece in map(str.strip, pieces):
        if not piece:
            continue
        if "@" not in piece and not before:
            before = piece
            continue
        if before and "<" in piece and "@" in piece:
            name, _, address = piece.partition("<")
            yield f'"{before}, {name.strip()}" <{address}'
        else:
            yield from filter(None, (before, piece))
        before = ""
    if before:
        yield before


def _boxes(pieces: Iterable[str]) -> Iterator[Mailbox]:
    for piece in pieces:
        words = piece.split()
        if "<" not in piece and len(words) > 1 and all("@" in word for word in words):
            yield from map(_box, words)
        else:
            yield _box(piece)


def _box(piece: str) -> Mailbox:
    bare = piece.removeprefix("mailto:")
    found = parse_addresses(bare.encode("utf-8", "replace"))
    if len(found) == 1:
        return Mailbox(name=found[0].name or None, address=found[0].address)
    return Mailbox(address=" ".join(bare.split()))
