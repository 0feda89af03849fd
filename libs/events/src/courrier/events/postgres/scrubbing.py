"""Make PostgreSQL forget on disk what it deleted: rows, index entries, statistics, its log.

A deleted row stays in its page until the page is rewritten: plain VACUUM frees the place and does
not overwrite it. VACUUM FULL writes each table and its indexes anew and drops the old files, which
blocks readers of that table meanwhile. Frequent values live on in ``pg_statistic``, and all of it
in the write-ahead log until its files are removed.
"""

import asyncio
from collections.abc import Mapping

import asyncpg

from courrier.events.postgres.pool import DatabaseUnavailable, Db

CONNECT_TIMEOUT_S = 10.0
STATEMENT_TIMEOUT_S = 6 * 3600.0
"""A table of hundreds of GB takes hours to write anew."""
WAIT_S = 0.1
CATCH_UP_S = 60.0

CHECKPOINTS = """
    SELECT n.nspname
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relname = 'checkpoints' AND c.relkind = 'r'
       AND n.nspname !~ '_(shadow|retired|trial|state)$'
"""
COPIES = """
    SELECT string_agg(n.nspname, ', ' ORDER BY n.nspname)
      FROM pg_namespace n WHERE n.nspname ~ '_(shadow|retired|trial)$'
"""
BEHIND = "SELECT format('SELECT min(seq) FROM %I.checkpoints WHERE stream = $1', $1::text)"
MARK = "SELECT pg_current_xact_id()::xid::text"
OLD_READERS = """
    SELECT count(*) FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid()
       AND backend_xmin IS NOT NULL AND age(backend_xmin) >= age($1::text::xid)
"""
TABLES = """
    SELECT format('%I.%I', n.nspname, c.relname) AS name
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema')
       AND n.nspname !~ '^pg_toast'
     ORDER BY 1
"""
STATISTICS = ("pg_catalog.pg_statistic", "pg_catalog.pg_statistic_ext_data")
VACUUM_FULL = "SELECT 'VACUUM (FULL, ANALYZE) ' || $1::text"
VACUUM_PLAIN = "SELECT 'VACUUM (ANALYZE) ' || $1::text"
END_LOG_FILE = "SELECT pg_switch_wal()"


class StillRead(RuntimeError):
    """Deleted rows are alive somewhere: in an old transaction, or in a copy of the views."""


async def scrub(url: str, positions: Mapping[str, int], *, full: bool = True) -> list[str]:
    """Rewrite every table of the database once views have reached ``positions``; name the tables.

    ``url`` is a superuser's. Not ``full``: places are freed, and overwritten only when reused.

    Raises:
        DatabaseUnavailable: PostgreSQL cannot be reached, or refuses.
        StillRead: views do not catch up, or an old transaction does not end.
    """
    try:
        db = await asyncpg.connect(
            url, timeout=CONNECT_TIMEOUT_S, command_timeout=STATEMENT_TIMEOUT_S
        )
        try:
            return await _scrub(db, positions, full=full)
        finally:
            await db.close(timeout=CONNECT_TIMEOUT_S)
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        raise DatabaseUnavailable(f"PostgreSQL was not vacuumed: {error}") from error


async def _scrub(db: Db, positions: Mapping[str, int], *, full: bool) -> list[str]:
    if copies := await db.fetchval(COPIES):
        raise StillRead(
            f"{copies} may hold copies of erased rows: let the rebuild or verification end, or "
            "drop what an interrupted one left, and erase again"
        )
    await _await_views(db, positions)
    await _await_readers(db)
    tables = [row["name"] for row in await db.fetch(TABLES)]
    for table in (*tables, *STATISTICS) if full else tables:
        await db.execute(await db.fetchval(VACUUM_FULL if full else VACUUM_PLAIN, table))
    await db.execute("CHECKPOINT")
    await db.execute(END_LOG_FILE)
    await db.execute("CHECKPOINT")
    return tables


async def _await_views(db: Db, positions: Mapping[str, int]) -> None:
    """Wait until every view has taken in the tombstones: before that its rows are not deleted."""
    deadline = asyncio.get_running_loop().time() + CATCH_UP_S
    schemas = [row["nspname"] for row in await db.fetch(CHECKPOINTS)]
    for schema in schemas:
        question = await db.fetchval(BEHIND, schema)
        for stream, position in positions.items():
            while (at := await db.fetchval(question, stream)) is not None and at < position:
                if asyncio.get_running_loop().time() > deadline:
                    raise StillRead(
                        f"{schema} stands at {stream}:{at} and not at {position} after "
                        f"{CATCH_UP_S:.0f} s: is its service running?"
                    )
                await asyncio.sleep(WAIT_S)


async def _await_readers(db: Db) -> None:
    mark = await db.fetchval(MARK)
    deadline = asyncio.get_running_loop().time() + CATCH_UP_S
    while count := await db.fetchval(OLD_READERS, mark):
        if asyncio.get_running_loop().time() > deadline:
            raise StillRead(
                f"{count} transactions begun before the erasure still run after "
                f"{CATCH_UP_S:.0f} s: deleted rows would survive; end them and erase again"
            )
        await asyncio.sleep(WAIT_S)
