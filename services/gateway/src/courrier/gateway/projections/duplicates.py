"""Which records may be the one that somebody is about to create: reads the tables of records.

An address counts among persons, and among companies; a name within the type; a domain among
companies. Whoever asks is told of nothing that they may not read.
"""

import json
from collections.abc import Mapping

from asyncpg import Record

from courrier.events.base import RecordRef
from courrier.events.postgres.pool import Pool
from courrier.gateway.domain.access import Reach
from courrier.gateway.domain.duplicates import Candidate, Likeness

_FOUND = """
    SELECT r.record_type, r.record_id, r.name, array_agg(DISTINCT f.because) AS because
      FROM (SELECT a.record_type, a.record_id, 'address' AS because
              FROM record_addresses a
             WHERE a.address = ANY({addresses}) AND a.owned
               AND (a.record_type = 'account') = ($1 = 'account')
             UNION ALL
            SELECT n.record_type, n.record_id, 'name'
              FROM records n
             WHERE n.name_key = {name} AND n.name_key <> '' AND n.record_type = $1
             UNION ALL
            SELECT d.record_type, d.record_id, 'domain'
              FROM records d
             WHERE d.domains && {domains} AND d.record_type = 'account' AND $1 = 'account') f
      JOIN records r ON r.record_type = f.record_type AND r.record_id = f.record_id
     WHERE r.record_id <> {record_id} AND r.audience && $2::text[]
     GROUP BY r.record_type, r.record_id, r.name
     ORDER BY count(DISTINCT f.because) DESC, r.name, r.record_id
     LIMIT {most}
"""
CANDIDATES = _FOUND.format(
    record_id="$3", addresses="$4::text[]", name="$5", domains="$6::text[]", most=10
)
_EACH = _FOUND.format(
    record_id="g.record_id", addresses="g.addresses", name="g.name", domains="g.domains", most=3
)
_OF_MANY = """
    SELECT g.number, c.record_type, c.record_id, c.name, c.because
      FROM jsonb_to_recordset($3::jsonb)
           AS g(number bigint, record_id text, addresses text[], name text, domains text[])
     CROSS JOIN LATERAL ({each}) c
     ORDER BY g.number
"""
CANDIDATES_OF_MANY = _OF_MANY.format(each=_EACH)


async def candidates(
    pool: Pool, record: RecordRef, like: Likeness, reach: Reach
) -> list[Candidate]:
    """Return up to ten records within reach that may be ``record``, the likeliest first."""
    rows = await pool.fetch(
        CANDIDATES,
        record.type,
        list(reach.keys),
        record.id,
        list(like.addresses),
        like.name,
        list(like.domains),
    )
    return [_candidate(row) for row in rows]


async def candidates_of_many(
    pool: Pool, record_type: str, likes: Mapping[int, tuple[str, Likeness]], reach: Reach
) -> dict[int, list[Candidate]]:
    """Return up to three for each of many numbered records, given by id and likeness."""
    asked = [
        {
            "number": number,
            "record_id": record_id,
            "addresses": like.addresses,
            "name": like.name,
            "domains": like.domains,
        }
        for number, (record_id, like) in likes.items()
    ]
    rows = await pool.fetch(CANDIDATES_OF_MANY, record_type, list(reach.keys), json.dumps(asked))
    found: dict[int, list[Candidate]] = {}
    for row in rows:
        found.setdefault(row["number"], []).append(_candidate(row))
    return found


def _candidate(row: Record) -> Candidate:
    because = tuple(sorted(row["because"]))
    return Candidate(row["record_type"], row["record_id"], row["name"], because)
