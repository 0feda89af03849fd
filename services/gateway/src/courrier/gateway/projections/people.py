"""Who is behind an address: read from the tables of users and records, which others feed.

Where several are, the contact is shown before the lead, the user and the account.
"""

from collections.abc import Collection
from dataclasses import dataclass

from asyncpg import Record

from courrier.events.postgres.pool import Pool
from courrier.gateway.domain.access import Reach
from courrier.mail.headers.addresses import match_key

from .rows import escaped

BEHIND = """
    SELECT a.address, a.record_type AS type, a.record_id AS id, r.name
      FROM record_addresses a
      JOIN records r ON r.record_type = a.record_type AND r.record_id = a.record_id
     WHERE a.address = ANY($1::text[]) AND a.owned AND r.audience && $2::text[]
    UNION ALL
    SELECT ua.address, 'user', u.user_id, u.name
      FROM user_addresses ua JOIN users u ON u.user_id = ua.user_id
     WHERE ua.address = ANY($1::text[])
"""
MATCHING = """
    WITH recent AS (
        SELECT p.address, max(h.date) AS date
          FROM (SELECT email_id, date FROM email_holders
                 WHERE holder_id = $4 AND folder NOT IN ('trash', 'junk')
                 ORDER BY date DESC, email_id DESC LIMIT 300) h
          JOIN emails e ON e.email_id = h.email_id
         CROSS JOIN LATERAL unnest(e.parties) AS p(address)
         GROUP BY p.address)
    SELECT type, id, name, found.address FROM (
        SELECT r.record_type AS type, r.record_id AS id, r.name, a.address
          FROM records r
          JOIN record_addresses a
            ON a.record_type = r.record_type AND a.record_id = r.record_id AND a.owned
         WHERE (r.name ILIKE $1 OR a.address ILIKE $1) AND r.audience && $2::text[]
        UNION ALL
        SELECT 'user', u.user_id, u.name, ua.address
          FROM users u JOIN user_addresses ua ON ua.user_id = u.user_id
         WHERE u.is_active AND (u.name ILIKE $1 OR ua.address ILIKE $1)
    ) AS found
      LEFT JOIN recent ON recent.address = found.address
     ORDER BY recent.date DESC NULLS LAST, lower(name), found.address LIMIT $3
"""

_ORDER = ("contact", "lead", "user", "account")


@dataclass(frozen=True, slots=True)
class PersonRef:
    """Somebody behind an address: ``type`` is contact, lead, user or account."""

    type: str
    id: str
    name: str
    address: str


async def behind(pool: Pool, addresses: Collection[str], reach: Reach) -> dict[str, PersonRef]:
    """Return who is behind each of these addresses, keyed by ``match_key`` of the address."""
    keys = sorted({match_key(address).replace("\0", "") for address in addresses})
    found: dict[str, PersonRef] = {}
    rows = await pool.fetch(BEHIND, keys, list(reach.keys))
    for row in sorted(rows, key=_rank):
        found.setdefault(row["address"], _person(row))
    return found


async def matching(pool: Pool, words: str, reach: Reach, limit: int) -> list[PersonRef]:
    """Return whoever has these characters in name or address, for completion.

    Those with whom the person has written lately come first, the last one before the others; then
    by name.
    """
    keys, part = list(reach.keys), f"%{escaped(words)}%"
    rows = await pool.fetch(MATCHING, part, keys, limit, reach.person_id)
    return [_person(row) for row in rows]


def _person(row: Record) -> PersonRef:
    return PersonRef(row["type"], row["id"], row["name"], row["address"])


def _rank(row: Record) -> tuple[int, str]:
    kind = row["type"]
    return (_ORDER.index(kind) if kind in _ORDER else len(_ORDER), row["id"])
