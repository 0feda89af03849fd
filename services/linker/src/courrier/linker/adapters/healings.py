"""Which e-mails a change may concern, and what they are: read from the tables of ``emails.py``."""

from collections.abc import Sequence
from typing import Any

from courrier.events.base import RecordRef
from courrier.events.postgres.pool import Db
from courrier.linker.adapters import statements
from courrier.linker.domain.healing import Met, Stored
from courrier.linker.domain.words import Party, Words

Named = list[tuple[int, str]]
"""Number of what was asked for, from 0, and an e-mail that it concerns; by e-mail."""


async def apart(db: Db, keys: Sequence[tuple[str, int]]) -> list[Met]:
    """Return the threads that meet in these e-mails, which are given with each of their keys."""
    if not keys:
        return []
    rows = await db.fetch(statements.APART, *map(list, zip(*keys, strict=True)))
    return [Met(row[0], row[1], row[3], row[2], row[4]) for row in rows]


async def kept_apart(db: Db, threads: Sequence[str]) -> frozenset[frozenset[str]]:
    """Return the pairs of these conversations that people set apart."""
    rows = await db.fetch(statements.KEPT_APART, list(threads))
    return frozenset(frozenset((row[0], row[1])) for row in rows)


async def naming(db: Db, keys: Sequence[int], after: str, limit: int) -> Named:
    """Return the e-mails over ``after`` that have one of these keys."""
    return _numbered(await db.fetch(statements.NAMING, list(keys), after, limit))


async def addressed(db: Db, keys: Sequence[int], after: str, limit: int) -> Named:
    """Return the e-mails over ``after`` that name one of these addresses."""
    return _numbered(await db.fetch(statements.ADDRESSED, list(keys), after, limit))


def themselves(email_ids: Sequence[str], after: str, limit: int) -> Named:
    """Return those of these e-mails that are over ``after``."""
    numbered = sorted(enumerate(email_ids), key=lambda each: each[1])
    return [each for each in numbered if each[1] > after][:limit]


async def of_records(db: Db, records: Sequence[RecordRef], after: str, limit: int) -> Named:
    """Return the e-mails over ``after`` that are linked to one of these records."""
    types, ids = [each.type for each in records], [each.id for each in records]
    return _numbered(await db.fetch(statements.OF_RECORDS, types, after, limit, ids))


async def stored(db: Db, email_ids: Sequence[str]) -> list[Stored]:
    """Return those of these e-mails that exist."""
    return [_stored(row) for row in await db.fetch(statements.STORED, list(email_ids))]


async def accounts_of(db: Db, records: Sequence[RecordRef]) -> dict[RecordRef, str]:
    """Return the CRM account of each of these cases and opportunities that has one."""
    if not records:
        return {}
    columns = [each.type for each in records], [each.id for each in records]
    rows = await db.fetch(statements.ACCOUNTS, *columns)
    return {RecordRef(type=row[0], id=row[1]): row[2] for row in rows}


def _numbered(rows: Sequence[Any]) -> Named:
    return [(row[0] - 1, row[1]) for row in rows]


def _stored(row: Any) -> Stored:
    email_id, subject_key, date, parties, ancestors, proven, linked_by, links = row
    words = Words(
        email_id,
        subject_key,
        date,
        tuple(Party(*each.split(":", 1)) for each in parties),
        tuple(ancestors),
        frozenset(proven),
    )
    found = (each.split(",") for each in links)
    linked = frozenset((kind, record_id, flag == "true") for kind, record_id, flag in found)
    return Stored(words, linked, linked_by != "machine")
