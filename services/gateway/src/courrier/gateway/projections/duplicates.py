"""Which records may be the one that somebody is about to create: reads the tables of records.

An address counts among persons, and among companies; a name within the type; a domain among
companies. Whoever asks is told of nothing that they may not read.
"""

from courrier.events.base import RecordRef
from courrier.events.postgres.pool import Pool
from courrier.gateway.domain.access import Reach
from courrier.gateway.domain.duplicates import Candidate, Likeness

CANDIDATES = """
    SELECT r.record_type, r.record_id, r.name, array_agg(DISTINCT f.because) AS because
      FROM (SELECT a.record_type, a.record_id, 'address' AS because
              FROM record_addresses a
             WHERE a.address = ANY($3::text[]) AND a.owned
               AND (a.record_type = 'account') = ($1 = 'account')
             UNION ALL
            SELECT n.record_type, n.record_id, 'name'
              FROM records n
             WHERE n.name_key = $4 AND n.name_key <> '' AND n.record_type = $1
             UNION ALL
            SELECT d.record_type, d.record_id, 'domain'
              FROM records d
             WHERE d.domains && $5::text[] AND d.record_type = 'account' AND $1 = 'account') f
      JOIN records r ON r.record_type = f.record_type AND r.record_id = f.record_id
     WHERE r.record_id <> $2 AND r.audience && $6::text[]
     GROUP BY r.record_type, r.record_id, r.name
     ORDER BY count(DISTINCT f.because) DESC, r.name, r.record_id
     LIMIT 10
"""


async def candidates(
    pool: Pool, record: RecordRef, like: Likeness, reach: Reach
) -> list[Candidate]:
    """Return up to ten records within reach that may be ``record``, the likeliest first."""
    rows = await pool.fetch(
        CANDIDATES,
        record.type,
        record.id,
        list(like.addresses),
        like.name,
        list(like.domains),
        list(reach.keys),
    )
    return [
        Candidate(row["record_type"], row["record_id"], row["name"], tuple(sorted(row["because"])))
        for row in rows
    ]
