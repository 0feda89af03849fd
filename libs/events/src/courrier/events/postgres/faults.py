"""Whose fault an error is: the database's, ours as a whole, or one event's."""

import asyncpg

from courrier.events.lease import LeaseLost
from courrier.events.postgres.checkpoint import Fenced
from courrier.events.store import Conflict, StoreUnavailable

TRANSIENT = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.OperatorInterventionError,  # a shutdown ends the statement under way; then it restarts
    asyncpg.InsufficientResourcesError,  # too many connections while the old ones die
    asyncpg.InternalClientError,  # what asyncpg 0.32 says of a COMMIT on a line just cut
    asyncpg.TransactionRollbackError,  # a deadlock or a serialization failure: the other one won
    asyncpg.LockNotAvailableError,
)
"""What a lost, busy or restarting PostgreSQL raises: wait and try again."""

OTHERS = (StoreUnavailable, Conflict, Fenced, LeaseLost)

SCHEMA = (asyncpg.SyntaxOrAccessError, asyncpg.InvalidCatalogNameError)
"""A table, a column or a right is missing: every event would fail, and none is to blame."""


def is_events_fault(error: Exception) -> bool:
    """Tell whether an error is due to the event at hand, so that it is parked and others go on."""
    if isinstance(error, asyncpg.InterfaceError) and isinstance(error, ValueError):
        return True  # a value that the client cannot send
    return not isinstance(error, (*TRANSIENT, *OTHERS, *SCHEMA))
