"""A PostgreSQL that restarts is waited for, whatever it says while it goes and comes."""

import asyncpg
import pytest

from courrier.events.postgres.projector import TRANSIENT


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.AdminShutdownError,
        asyncpg.CrashShutdownError,
        asyncpg.CannotConnectNowError,
        asyncpg.TooManyConnectionsError,
        asyncpg.ConnectionDoesNotExistError,
        asyncpg.InternalClientError,
        ConnectionResetError,
    ],
)
def test_what_a_restarting_postgres_raises_is_waited_out(error: type[Exception]) -> None:
    """None of these ends a service."""
    assert issubclass(error, TRANSIENT)


def test_a_mistake_in_a_statement_is_not_waited_out() -> None:
    """A bug is seen at once, not retried for ever."""
    assert not issubclass(asyncpg.UndefinedTableError, TRANSIENT)
