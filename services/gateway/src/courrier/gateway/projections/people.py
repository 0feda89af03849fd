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
    WITH held AS (
        (SELECT email_id, date FROM email_holders
          WHERE holder_id = $4 AND folder NOT IN ('trash', 'junk')
          ORDER BY date DESC, email_id DESC LIMIT 300)
        UNION
        (SELECT email_id, date FROM email_holders
          WHERE holder_id = $4 AND folder = 'sent'
          ORDER BY date DESC, email_id DESC LIMIT 1000)
    ), named AS (
        SELECT lower(box ->> 'address') AS address, box ->> 'name' AS name, held.date
          FROM held JOIN emails e ON e.email_id = held.email_id
         CROSS JOIN LATERAL jsonb_array_elements(
               e.sent_to || e.cc || coalesce(jsonb_build_array(e.sent_from), '[]')) AS boxes(box)
         WHERE box ->> 'address' IS NOT NULL
    ), recent AS (
        SELECT address, max(date) AS date,
               (array_agg(name ORDER BY date DESC) FILTER (WHERE name IS NOT NULL))[1] AS name
          FROM named GROUP BY address
    )
    SELECT type, id, found.name, found.address, opted_out, invalid FROM (
        SELECT r.record_type AS type, r.record_id AS id, r.name, a.address,
               coalesce(r.fields -> 'opted_out' ? a.address, false) AS opted_out,
               coalesce(r.fields -> 'invalid' ? a.address, false) AS invalid
          FROM records r
          JOIN record_addresses a
            ON a.record_type = r.record_type AND a.record_id = r.record_id AND a.owned
         WHERE (r.name ILIKE $1 OR a.address ILIKE $1) AND r.audience && $2::text[]
        UNION ALL
        SELECT 'user', u.user_id, u.name, ua.address, false, false
          FROM users u JOIN user_addresses ua ON ua.user_id = u.user_id
         WHERE u.is_active AND (u.name ILIKE $1 OR ua.address ILIKE $1)
        UNION ALL
        SELECT 'group', g.account_id, g.name, lower(g.address), false, false
          FROM email_accounts g
         WHERE g.is_group AND NOT g.removed AND (g.name ILIKE $1 OR g.address ILIKE $1)
        UNION ALL
        SELECT 'address', NULL, w.name, w.address, false, false
          FROM recent w WHERE w.name ILIKE $1 OR w.address ILIKE $1
    ) AS found
      LEFT JOIN recent ON recent.address = found.address
     ORDER BY recent.date DESC NULLS LAST, type = 'address', lower(found.name), found.address
     LIMIT $3
"""

_ORDER = ("contact", "lead", "user", "account")


@dataclass(frozen=True, slots=True)
class PersonRef:
    """Somebody behind an address: ``type`` is contact, lead, user, account or another record's.

    A ``group`` is an account of a team; an ``address`` is somebody written with before, nobody's
    record, and has no ``id``. ``opted_out`` and ``invalid`` are marks of the record.
    """

    type: str
    id: str | None
    name: str | None
    address: str
    opted_out: bool = False
    invalid: bool = False


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

    Records, colleagues, groups, and everyone whom the person has written to or heard of lately:
    the last one first, then by name. An address that somebody is known behind is no mere address.
    """
    keys, part = list(reach.keys), f"%{escaped(words)}%"
    rows = await pool.fetch(MATCHING, part, keys, 2 * limit, reach.person_id)
    found = [
        PersonRef(
            row["type"], row["id"], row["name"], row["address"], row["opted_out"], row["invalid"]
        )
        for row in rows
    ]
    known = {each.address for each in found if each.type != "address"}
    return [each for each in found if each.type != "address" or each.address not in known][:limit]


def _person(row: Record) -> PersonRef:
    return PersonRef(row["type"], row["id"], row["name"], row["address"])


def _rank(row: Record) -> tuple[int, str]:
    kind = row["type"]
    return (_ORDER.index(kind) if kind in _ORDER else len(_ORDER), row["id"])
