"""A removed folder gives its mail back to the Inbox, in steps, as one decision of who removed it.

Each tick asks which removed folders still hold something; what is filed there later, by a message
on its way or by a copy that comes back from Trash, is brought out as well.
"""

import asyncio
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

import structlog

from courrier.events import subjects
from courrier.events.base import derived_id
from courrier.events.commands.linker import EMAILS_AT_ONCE
from courrier.events.envelope import Recorded
from courrier.events.families.configuration import FolderRemoved, GroupFolderRemoved
from courrier.events.store import Conflict, EventStore, History
from courrier.linker.domain.copies import copies
from courrier.linker.domain.emptying import RULE, given_back
from courrier.linker.handlers.changing import Changing, Decided, facts_of

TICK_S = 1.0
AT_ONCE = 20
KINDS = ("folder", "group_folder")
Removed = FolderRemoved | GroupFolderRemoved

log = structlog.get_logger(__name__)


class Shelves(Protocol):
    """What lies in folders that are gone."""

    async def orphaned(self, limit: int) -> list[str]:
        """Return removed folders in which something lies."""
        ...

    async def inside(self, folder_id: str, after: str, limit: int) -> list[str]:
        """Return the e-mails over ``after`` of which somebody's copy lies in a folder."""
        ...


@dataclass(frozen=True, slots=True)
class _Order:
    """Bring these e-mails out of the folder."""

    command_id: UUID
    decision_id: UUID
    email_ids: tuple[str, ...]
    actor: str


class Emptying:
    """Ticks, on one instance at a time."""

    def __init__(self, store: EventStore, shelves: Shelves, changing: Changing) -> None:
        self._store = store
        self._shelves = shelves
        self._changing = changing

    async def run(self) -> None:
        """Tick for ever."""
        while True:
            await self.tick()
            await asyncio.sleep(TICK_S)

    async def tick(self) -> int:
        """Bring out what lies in removed folders; return of how many e-mails.

        Raises:
            StoreUnavailable: the log did not answer.
        """
        moved = 0
        for folder_id in await self._shelves.orphaned(AT_ONCE):
            removal = await self._removal(folder_id)
            if removal is not None:
                moved += await self._empty(folder_id, removal)
        return moved

    async def _removal(self, folder_id: str) -> Recorded[Removed] | None:
        """Return the fact that it is gone; None where it has come back meanwhile."""
        wanted = [subjects.configured(kind, folder_id) for kind in KINDS]
        for last in (await self._store.last(wanted)).values():
            if isinstance(last.event, Removed):
                return last  # type: ignore[return-value]  # its event is one of both
        return None

    async def _empty(self, folder_id: str, removal: Recorded[Removed]) -> int:
        def decide(history: History, email_id: str) -> Decided:
            facts = given_back(copies.fold(facts_of(history)), folder_id, email_id)
            return Decided(facts, ["changed" if facts else "unchanged"])

        moved, after = 0, ""
        while page := await self._shelves.inside(folder_id, after, EMAILS_AT_ONCE):
            after, order = page[-1], _order_of(removal, tuple(page))
            try:
                answer = await self._changing.carry_out(order, decide)
            except Conflict:
                continue  # others write to one of them: the next tick sees it
            moved += getattr(answer, "counts", {}).get("changed", 0)
        if moved:
            log.info("folder.emptied", folder=folder_id, emails=moved)
        return moved


def _order_of(removal: Recorded[Removed], email_ids: tuple[str, ...]) -> _Order:
    """Return the order; all orders after one removal are one decision."""
    decision_id = derived_id(RULE, removal.id)
    command_id = derived_id(str(decision_id), *email_ids)
    return _Order(command_id, decision_id, email_ids, removal.actor)
