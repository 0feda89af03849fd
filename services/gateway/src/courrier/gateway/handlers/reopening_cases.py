"""A customer's answer brings a closed case back to work; once, and only if it came after.

Whoever has the case keeps it. One that was rejected, or is a duplicate of another, stays so.
"""

from uuid import UUID

from courrier.events import subjects
from courrier.events.base import RecordRef
from courrier.events.envelope import Recorded, readable
from courrier.events.families.crm import RecordChanged, RecordCreated
from courrier.events.families.email import CaseAnswered
from courrier.events.store import History
from courrier.gateway.domain.record import ChangeRecord, NoRecord, Record, record
from courrier.gateway.domain.refusals import VersionChanged

from .facts import Cause, Contended
from .records import ATTEMPTS, RecordLog, write_record

ACTOR = "service:gateway"
CLOSED = "closed"
MERGES_FOLLOWED = 8
"""Records that stand for one another in a row; more is a loop."""


class CaseReopening:
    """Opens closed cases again; every answer may come again."""

    def __init__(self, records: RecordLog) -> None:
        self._log = records

    async def answered(self, answer: Recorded[CaseAnswered]) -> None:
        """Open the case again if it is closed, and was when the answer came.

        Raises:
            Contended: others kept changing the case; come again.
            StoreUnavailable: come again.
        """
        cause = Cause(UUID(answer.id), ACTOR, answer.time)
        for _ in range(ATTEMPTS):
            ref, state, history = await self._standing(answer.event.record)
            if state is None or not _is_closed(state.fields.status):
                return
            if answer.event.at <= _closed_at(history).time:
                return
            status = "Assigned" if state.fields.assigned_user_id else "New"
            order = ChangeRecord({"status": status}, version=state.version)
            try:
                await write_record(self._log, ref, order, cause)
            except VersionChanged:
                continue
            return
        raise Contended("a case that others keep changing")

    async def _standing(self, ref: RecordRef) -> tuple[RecordRef, Record | None, History]:
        """Return the case, or what stands for it since they were merged; None if it is gone."""
        for _ in range(MERGES_FOLLOWED):
            history = await self._log.store.load(subjects.record(ref.type, ref.id))
            state = record.fold(readable(recorded.event) for recorded in history)
            if isinstance(state, NoRecord) and state.by is not None:
                ref = state.by
                continue
            return ref, state if isinstance(state, Record) else None, history
        return ref, None, []


def _is_closed(status: str | None) -> bool:
    return (status or "").casefold() == CLOSED


def _closed_at(history: History) -> Recorded[RecordCreated | RecordChanged]:
    """Return the fact since which the case is closed; it is closed."""
    told = [r for r in history if isinstance(r.event, RecordCreated | RecordChanged)]
    found = told[-1]
    for each in reversed(told):
        if not _is_closed(each.event.fields.status):  # type: ignore[attr-defined]  # see above
            break
        found = each
    return found  # type: ignore[return-value]  # only these were kept
