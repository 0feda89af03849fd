"""A pool of connections to the service's own schemas, with limits on every wait."""

from collections.abc import Mapping
from typing import TypeAlias

import asyncpg

from courrier.events.postgres.schemas import Schemas
from courrier.events.store import StoreUnavailable

COMMAND_TIMEOUT_S = 30
CONNECT_TIMEOUT_S = 5

Db: TypeAlias = (
    "asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
)
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
Settings: TypeAlias = Mapping[str, str]


class DatabaseUnavailable(StoreUnavailable):
    """PostgreSQL does not answer or refuses us; the text says where and as whom."""


async def open_pool(
    url: str, *, name: str, service: str, size: int = 8, settings: Settings | None = None
) -> Pool:
    """Return a pool whose connections show ``name`` in ``pg_stat_activity``.

    Table names mean those of ``service``: its views first, then its own state. ``settings`` are
    further settings of the server, or other values of ours.

    Raises:
        DatabaseUnavailable: no connection can be made.
    """
    try:
        return await asyncpg.create_pool(
            url,
            min_size=1,
            max_size=size,
            timeout=CONNECT_TIMEOUT_S,
            command_timeout=COMMAND_TIMEOUT_S,
            server_settings={
                "application_name": f"courrier-{name}",
                "timezone": "UTC",
                "search_path": Schemas(service).path(),
                **(settings or {}),
            },
        )
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        raise DatabaseUnavailable(f"cannot use PostgreSQL as {name}: {error}") from error
