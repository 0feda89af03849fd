"""Every table of a service, whatever its names are: emptied, or summed up in a digest."""

from courrier.events.postgres.pool import Pool

KEPT = ("migrations", "view_horizon")
"""Tables that are filled by migrations."""

TABLES = """
    SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
     WHERE schemaname = ANY($1::text[]) AND NOT tablename = ANY($2::text[]) ORDER BY 1
"""
DIGEST = "SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, '' ORDER BY t::text)), '')"


async def tables_of(pool: Pool, *schemas: str) -> list[str]:
    """Return the tables of these schemas, schema first."""
    return [row[0] for row in await pool.fetch(TABLES, list(schemas), list(KEPT))]


async def empty(pool: Pool, service: str) -> None:
    """Throw away all rows of a service, views and state."""
    tables = await tables_of(pool, service, f"{service}_state")
    await pool.execute("".join(f"DELETE FROM {table};" for table in tables))


async def digest(pool: Pool, service: str) -> dict[str, str]:
    """Return number and digest of the rows of each view, positions included."""
    tables = await tables_of(pool, service)
    return {table: await pool.fetchval(f"{DIGEST} FROM {table} t") for table in tables}
