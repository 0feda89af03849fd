"""Consumers that act on facts of other services; ids of what they append follow from the fact.

Meeting a fact again adds nothing (I3), so that a position that was lost, or set back by a rebuild,
does no harm (I10). What cannot be dealt with is parked.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from courrier.events.base import Event
from courrier.events.envelope import Recorded
from courrier.events.lease import Leases
from courrier.events.postgres.pool import Db, Pool
from courrier.events.postgres.projector import Checkpoint, Projector
from courrier.events.projection import Projection
from courrier.events.store import EventStore

SERVICE = "sender"

E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True)
class Policy:
    """A consumer of some subjects of one stream, and how it is run."""

    projector: Projector
    filters: tuple[str, ...]

    async def run(self, store: EventStore, leases: Leases) -> None:
        """Act on facts for ever while the lease is ours (see ``Projector.run``)."""
        await self.projector.run(store, leases, self.filters)


def policy(
    pool: Pool,
    name: str,
    filters: Sequence[str],
    on: type[E],
    act: Callable[[Recorded[E]], Awaitable[None]],
) -> Policy:
    """Return a consumer that calls ``act`` for each fact of a type; ``act`` may be repeated."""
    stream = filters[0].partition(".")[0].upper()
    acting: Projection[Db] = Projection(name, stream=stream, version=1)

    @acting.on(on)
    async def take(_: Db, run: Sequence[Recorded[E]]) -> None:
        for recorded in run:
            await act(recorded)

    return Policy(Projector(pool, Checkpoint(SERVICE, name, stream), [acting]), tuple(filters))
