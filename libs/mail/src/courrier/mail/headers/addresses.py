"""Address fields (RFC 5322 3.4 and 4.4, RFC 6854 groups, RFC 6532 UTF-8), read leniently."""

import re
import unicodedata
from functools import lru_cache

import idna

from courrier.mail.headers.address_reading import CONTROLS, mailbox, name_text, read_mailboxes
from courrier.mail.headers.words import raw_text
from courrier.mail.limits import MAX_ADDRESSES
from courrier.mail.message import Mailbox

# Nearly every mailbox is of one of two shapes, read without the token pass.
_PLAIN = re.compile(
    r"\s{0,9}(?:(?:\"([^\"\\]*)\"\s{0,9}|([^\"\\,;:<>()@\[\]]*))"
    r"<([^\s<>@\"\\,;:()\[\]=/]+@[^\s<>@\"\\,;:()\[\]=]+)>"
    r"|([^\s<>@\"\\,;:()\[\]='/]+@[^\s<>@\"\\,;:()\[\]=']+))\s{0,9}(?:,|\Z)"
)


def parse_addresses(value: bytes) -> tuple[Mailbox, ...]:
    """The mailboxes of a field, in order; groups are flattened, what has no address is left out."""
    return _parse_cached(value) if len(value) <= _CACHED_BYTES else _parse(value)


def _parse(value: bytes) -> tuple[Mailbox, ...]:
    text = raw_text(value)
    if not text.isprintable():
        text = CONTROLS.sub("", text)
    if value.count(b'"') & 1 == 0:
        plain = _plain_mailboxes(text)
        if plain is not None:
            return tuple(plain)
    return tuple(read_mailboxes(text))


# One mailbox or two: most mail of a mailbox is between few people.
_CACHED_BYTES = 160
_parse_cached = lru_cache(maxsize=4096)(_parse)


def _plain_mailboxes(text: str) -> list[Mailbox] | None:
    """All mailboxes, if all are plain."""
    found: list[Mailbox] = []
    position, end = 0, len(text)
    while position < end and len(found) < MAX_ADDRESSES:
        match = _PLAIN.match(text, position)
        if match is None:
            return None
        quoted, atoms, address, bare = match.groups()
        if bare is not None:
            found.append(mailbox(None, bare))
        else:
            found.append(mailbox(name_text(quoted if quoted is not None else atoms), address))
        position = match.end()
    return found


@lru_cache(maxsize=8192)
def match_key(address: str) -> str:
    """The form under which an address is compared with others: equal keys, same mailbox.

    NFC, all case-folded (no provider tells local parts apart by case), the domain as A-labels
    (UTS 46) without a final dot. An address that cannot be so written is only folded.
    """
    folded = unicodedata.normalize("NFC", address.strip()).casefold()
    local, at, domain = folded.rpartition("@")
    if not at:
        return folded
    return f"{local}@{_ascii_domain(domain.rstrip('.'))}"


def _ascii_domain(domain: str) -> str:
    if domain.isascii() or len(domain) > 253:
        return domain
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return domain
