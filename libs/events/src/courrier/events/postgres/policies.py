"""Consumers that act on facts: what they append has ids that follow from the fact (I3, I10).

Their positions stand in the state, where no rebuild sets them back; what cannot be dealt with is
parked. An effect that was stored although its position was not is met again and adds nothing.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from courrier.events.base import Event
from courrier.events.envelope import Recorded
from courrier.events.lease import Leases
from courrier.events.postgres.pool import Db, Pool
from courrier.events.postgres.projector import Checkpoint, Projector
from courrier.events.postgres.schemas import Schemas
from courrier.events.projection import Projection
from courrier.events.store import EventStore

E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True)
class Policy:
    """A consumer of some subjects of one stream, and how it is run."""

    projector: Projector
    filters: tuple[str, ...]

    async def run(self, store: EventStore, leases: Leases) -> None:
        """Act on facts for ever while the lease is ours (see ``Projector.run``)."""
        await self.projector.run(store, leases, self.filters)


@dataclass(frozen=True, slots=True)
class Policies:
    """Makes the policies of one service."""

    service: str
    pool: Pool

    def on(
        self,
        name: str,
        filters: Sequence[str],
        fact: type[E],
        act: Callable[[Recorded[E]], Awaitable[None]],
    ) -> Policy:
        """Return a consumer that calls ``act`` for each fact of a type; ``act`` may be repeated."""
        stream = filters[0].partition(".")[0].upper()
        acting: Projection[Db] = Projection(name, stream=stream, version=1)

        @acting.on(fact)
        async def take(_: Db, run: Sequence[Recorded[E]]) -> None:
            for recorded in run:
                await act(recorded)

        checkpoint = Checkpoint(Schemas(self.service).state, name, stream)
        return Policy(Projector(self.pool, checkpoint, [acting]), tuple(filters))
