"""What explanations look up: names by id, whose addresses are, and what ancestors are linked to.

Questions over the tables of users, teams, what is set up, records and e-mails; none is its own.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from courrier.events.base import RecordRef
from courrier.events.postgres.pool import Pool

NAMES = """
    SELECT user_id AS id, name FROM users WHERE user_id = ANY($1::text[])
    UNION ALL
    SELECT team_id, name FROM teams WHERE team_id = ANY($1::text[])
    UNION ALL
    SELECT account_id, address FROM own_accounts WHERE account_id = ANY($1::text[])
    UNION ALL
    SELECT id, name FROM configured
     WHERE id = ANY($1::text[]) AND kind IN ('filter', 'folder', 'group_folder')
"""
OWNERS = """
    SELECT address, record_type, record_id, account_id FROM record_addresses
     WHERE address = ANY($1::text[]) AND owned
     ORDER BY address, record_type, record_id
"""
OWN = """
    SELECT address FROM user_addresses WHERE address = ANY($1::text[])
    UNION
    SELECT address FROM own_accounts WHERE address = ANY($1::text[])
"""
ADDRESSES = """
    SELECT address FROM record_addresses WHERE record_type = $1 AND record_id = $2 AND owned
"""
ANCESTORS = """
    SELECT e.email_id, e.subject, e.date, l.record_type, coalesce(m.into_id, l.record_id) AS id
      FROM unnest($1::text[]) WITH ORDINALITY AS named(email_id, place)
      JOIN emails e ON e.email_id = named.email_id
      JOIN email_links l ON l.email_id = e.email_id AND l.is_parent
      LEFT JOIN merged_records m
        ON m.record_type = l.record_type AND m.record_id = l.record_id
     ORDER BY named.place
"""

Owners = Mapping[str, list[tuple[RecordRef, str | None]]]


@dataclass(frozen=True, slots=True)
class AncestorRow:
    """An e-mail that another one names, and what it is about."""

    email_id: str
    subject: str | None
    date: datetime
    parent: RecordRef


async def names_of(pool: Pool, ids: Collection[str]) -> dict[str, str]:
    """Return the names of people, teams, filters and folders, and the addresses of accounts.

    What was removed keeps its name.
    """
    rows = await pool.fetch(NAMES, list(ids)) if ids else []
    return {row["id"]: row["name"] for row in rows}


async def owners_of(pool: Pool, addresses: Collection[str]) -> Owners:
    """Return the records that have these addresses, each with its company."""
    found: dict[str, list[tuple[RecordRef, str | None]]] = {}
    for row in await pool.fetch(OWNERS, list(addresses)):
        ref = RecordRef(type=row["record_type"], id=row["record_id"])
        found.setdefault(row["address"], []).append((ref, row["account_id"]))
    return found


async def own_among(pool: Pool, addresses: Collection[str]) -> frozenset[str]:
    """Return those of these addresses that are our own people's."""
    return frozenset(row["address"] for row in await pool.fetch(OWN, list(addresses)))


async def addresses_of(pool: Pool, record: RecordRef) -> frozenset[str]:
    """Return the addresses of a record, as they are compared."""
    rows = await pool.fetch(ADDRESSES, record.type, record.id)
    return frozenset(row["address"] for row in rows)


async def ancestors_among(pool: Pool, email_ids: Collection[str]) -> list[AncestorRow]:
    """Return those of these e-mails that are about a record, in this order."""
    rows = await pool.fetch(ANCESTORS, list(email_ids)) if email_ids else []
    return [
        AncestorRow(
            row["email_id"],
            row["subject"],
            row["date"],
            RecordRef(type=row["record_type"], id=row["id"]),
        )
        for row in rows
    ]
