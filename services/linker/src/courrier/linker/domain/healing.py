"""What becomes of decisions when something comes to be known that would have changed them.

An ancestor that came late, a record that was given an address or lost it, records that became one:
links and threads end as if all had come in order. What a person linked stays as it is.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import product

from courrier.events.base import Evidence, RecordRef
from courrier.events.families.email import EmailLinked, Link, ThreadsJoined
from courrier.linker.domain.known import Known
from courrier.linker.domain.matching import links_of
from courrier.linker.domain.words import Words

Linked = frozenset[tuple[str, str, bool]]
"""Type and id of each record that an e-mail is linked to, and whether it is the parent."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An e-mail that was decided on; ``is_kept``: not by a machine, or not for a machine."""

    words: Words
    links: Linked
    is_kept: bool = False


@dataclass(frozen=True, slots=True)
class Met:
    """Two threads that have an e-mail in common; ``born``: where their first e-mails stand."""

    email_id: str
    thread_id: str
    born: int
    other_id: str
    other_born: int


@dataclass(frozen=True, slots=True)
class Named:
    """Asks for e-mails that have one of these thread keys."""

    keys: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Addressed:
    """Asks for e-mails that name an address with one of these keys."""

    keys: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class OfRecords:
    """Asks for e-mails that are linked to one of these records."""

    records: tuple[RecordRef, ...]


@dataclass(frozen=True, slots=True)
class Themselves:
    """Asks for these e-mails."""

    email_ids: tuple[str, ...]


Asked = Named | Addressed | OfRecords | Themselves


def relinked(
    stored: Stored, known: Known, because: Evidence, *, contact_is_parent: bool
) -> EmailLinked | None:
    """Return what the e-mail is linked to now; None if that is so already, or is kept."""
    if stored.is_kept:
        return None
    links = links_of(stored.words, known, contact_is_parent=contact_is_parent)
    if linked(links) == stored.links:
        return None
    return EmailLinked(email_id=stored.words.email_id, links=links, because=because)


def linked(links: Iterable[Link]) -> Linked:
    """Return what two decisions about links are compared by."""
    return frozenset((link.record.type, link.record.id, link.parent) for link in links)


def joined(
    meetings: Iterable[Met], apart: Collection[frozenset[str]] = frozenset()
) -> list[ThreadsJoined]:
    """Return which threads become part of which: the younger of the older, each once.

    Whoever else sees the same two joins them the same way round. ``apart`` are pairs that people
    set apart: they stay so, by no detour either.
    """
    members: dict[str, set[str]] = {}
    found: list[ThreadsJoined] = []
    wholes: dict[str, tuple[int, str]] = {}
    for met in meetings:
        one = _whole((met.born, met.thread_id), wholes)
        other = _whole((met.other_born, met.other_id), wholes)
        if one[1] == other[1]:
            continue
        older, younger = sorted((one, other))
        both = [members.setdefault(each[1], {each[1]}) for each in (older, younger)]
        if any(frozenset(pair) in apart for pair in product(*both)):
            continue
        both[0].update(both[1])
        wholes[younger[1]] = older
        reason = Evidence(rule="names-both", field="email_id", value=met.email_id)
        found.append(
            ThreadsJoined(
                thread_id=older[1], joined=younger[1], email_id=met.email_id, reason=reason
            )
        )
    return found


def _whole(thread: tuple[int, str], wholes: Mapping[str, tuple[int, str]]) -> tuple[int, str]:
    while thread[1] in wholes:
        thread = wholes[thread[1]]
    return thread
