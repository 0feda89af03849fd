"""What an e-mail says of itself, as far as threads and links follow from it.

A message that is about to be decided on and an e-mail that stands in the index say it alike, so
that what is decided late, or again, is decided by the same rules.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256

_ANY_SUBJECT = "*"
_SEPARATOR = "\x1f"
_KEY_BYTES = 8


@dataclass(frozen=True, slots=True)
class Party:
    """An address as compared with others, and the header field it stands in."""

    field: str
    address: str


@dataclass(frozen=True, slots=True)
class Words:
    """``parties`` in the order in which a record is looked for; ``ancestors`` nearest first.

    ``proven`` are ancestors that it answers beyond doubt: written here, or naming our signed id.
    """

    email_id: str
    subject_key: str
    date: datetime
    parties: tuple[Party, ...] = ()
    ancestors: tuple[str, ...] = ()
    proven: frozenset[str] = frozenset()


def own_keys(email_id: str, subject_key: str) -> tuple[int, int]:
    """Return the keys under which others name this e-mail: with its subject, and with any."""
    return thread_key(email_id, subject_key), thread_key(email_id, _ANY_SUBJECT)


def ancestor_key(words: Words, ancestor: str) -> int:
    """Return the key under which it names an ancestor: an unproven one with its own subject."""
    is_proven = ancestor in words.proven
    return thread_key(ancestor, _ANY_SUBJECT if is_proven else words.subject_key)


def keys_of_words(words: Words) -> list[int]:
    """Return every key of it, once; e-mails with a key in common are of one thread."""
    named = (ancestor_key(words, each) for each in words.ancestors)
    return list(dict.fromkeys((*own_keys(words.email_id, words.subject_key), *named)))


@lru_cache(maxsize=1 << 16)
def thread_key(email_id: str, subject_key: str) -> int:
    """Return 64 bits of an e-mail's id and a subject; the id is a keyed hash, so none can aim."""
    return _bits(f"{email_id}{_SEPARATOR}{subject_key}")


def address_keys(parties: Iterable[Party]) -> list[int]:
    """Return 64 bits of each address, once; two that share them are told apart by their text."""
    return list(dict.fromkeys(_bits(party.address) for party in parties))


def _bits(text: str) -> int:
    digest = sha256(text.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:_KEY_BYTES], signed=True)
