"""Tables compared by digest, in one pass of the server each, whatever the order of their rows.

The digest of a table is the count and two sums of 64-bit hashes of its rows, primary key and
content alike, written as PostgreSQL writes rows: equal rows give equal text in any schema.
"""

from dataclasses import dataclass

from courrier.events.postgres.pool import Db

TIMEOUT_S = 3600.0
MOST_KEYS = 20
BOOKKEEPING = ("migrations", "checkpoints", "parked", "made_from")
"""Tables that say how far and from what the views are made."""

TABLES = """
    SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum) AS key
      FROM pg_class c
      JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY(i.indkey)
     WHERE n.nspname = $1 AND c.relkind = 'r' AND c.relname <> ALL ($2::text[])
     GROUP BY c.relname ORDER BY c.relname
"""
COUNT = "SELECT format('SELECT count(*) FROM %I.%I', $1::text, $2::text)"
DIGEST = """
    SELECT format(
        'SELECT count(*) AS rows, concat_ws('':'', count(*),'
        ' sum(hashtextextended(t::text, 1)::numeric), sum(hashtextextended(t::text, 2)::numeric))'
        ' AS digest FROM %I.%I AS t', $1::text, $2::text)
"""
DIFFERENCES = """
    SELECT format(
        'SELECT coalesce(a.key, b.key) AS key, CASE WHEN a.key IS NULL THEN ''missing'''
        ' WHEN b.key IS NULL THEN ''too many'' ELSE ''differs'' END AS how'
        ' FROM (SELECT ROW(%1$s)::text AS key, t::text AS content FROM %2$I.%4$I AS t) AS a'
        ' FULL JOIN (SELECT ROW(%1$s)::text AS key, t::text AS content FROM %3$I.%4$I AS t) AS b'
        ' ON a.key = b.key WHERE a.content IS DISTINCT FROM b.content ORDER BY 1 LIMIT %5$s',
        (SELECT string_agg(format('t.%I', name), ', ') FROM unnest($4::text[]) AS name),
        $1::text, $2::text, $3::text, $5::int)
"""


@dataclass(frozen=True, slots=True)
class Difference:
    """A row of the live views that is missing, too many, or differs; ``key`` as a row of SQL."""

    key: str
    how: str


@dataclass(frozen=True, slots=True)
class Compared:
    """One table: rows and digest, live and as built anew; the first ``MOST_KEYS`` differences."""

    table: str
    rows: int
    live: str
    anew: str
    differences: tuple[Difference, ...] = ()

    @property
    def is_equal(self) -> bool:
        """Whether both hold the same rows."""
        return self.live == self.anew


async def tables_of(db: Db, schema: str) -> dict[str, list[str]]:
    """Return the views of a schema, and the columns of the primary key of each."""
    rows = await db.fetch(TABLES, schema, list(BOOKKEEPING))
    return {row["relname"]: list(row["key"]) for row in rows}


async def count_rows(db: Db, schema: str) -> dict[str, int]:
    """Return the number of rows of each view."""
    counts = {}
    for table in await tables_of(db, schema):
        statement = await db.fetchval(COUNT, schema, table)
        counts[table] = int(await db.fetchval(statement, timeout=TIMEOUT_S))
    return counts


async def digests(db: Db, schema: str) -> dict[str, str]:
    """Return the digest of each view of a schema."""
    return {table: (await _digest(db, schema, table))[1] for table in await tables_of(db, schema)}


async def compare(db: Db, live: str, anew: str) -> list[Compared]:
    """Compare all views of two schemas on one snapshot, if the caller's transaction has one."""
    found = []
    for table, key in (await tables_of(db, anew)).items():
        rows, ours = await _digest(db, live, table)
        _, theirs = await _digest(db, anew, table)
        differences = await _differences(db, (live, anew), table, key) if ours != theirs else ()
        found.append(Compared(table, rows, ours, theirs, tuple(differences)))
    return found


async def _digest(db: Db, schema: str, table: str) -> tuple[int, str]:
    statement = await db.fetchval(DIGEST, schema, table)
    row = await db.fetchrow(statement, timeout=TIMEOUT_S)
    return (int(row["rows"]), str(row["digest"])) if row else (0, "")


async def _differences(
    db: Db, schemas: tuple[str, str], table: str, key: list[str]
) -> list[Difference]:
    statement = await db.fetchval(DIFFERENCES, *schemas, table, key, MOST_KEYS)
    return [
        Difference(row["key"], row["how"]) for row in await db.fetch(statement, timeout=TIMEOUT_S)
    ]
