"""E-mail to case: the linker asks, the gateway gives number and person (I2); once, whatever dies.

All of it follows from the request's id and is one batch: the case, its number, whose turn it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import structlog

from courrier.events import subjects
from courrier.events.base import Event, Evidence, RecordRef, derived_id
from courrier.events.envelope import NewEvent, Recorded, readable
from courrier.events.families.crm import (
    CaseNumbersTaken,
    CaseOpened,
    CaseTurnTaken,
    RecordCreated,
    RecordFields,
)
from courrier.events.families.email import CaseRequested, EmailErased, EmailImported, EmailLinked
from courrier.events.families.settings import (
    EmailAccountAdded,
    EmailAccountChanged,
    GroupOptions,
)
from courrier.events.store import Conflict, History
from courrier.gateway.domain.case_opening import case_of
from courrier.gateway.domain.distribution import Duty, assign
from courrier.gateway.ports import Duties

from .facts import Cause, Contended, new_events
from .records import ATTEMPTS, RecordLog, take_numbers
from .references import missing, references_of

ACTOR = "service:gateway"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request with the e-mail it is about and the group account it came to."""

    request: Recorded[CaseRequested]
    case: RecordRef
    imported: EmailImported
    options: GroupOptions

    @property
    def cause(self) -> Cause:
        return Cause(UUID(self.request.id), ACTOR, self.request.time)


class CaseOpening:
    """Opens the cases that are asked for; every request may come again."""

    def __init__(self, records: RecordLog, duties: Duties) -> None:
        self._log = records
        self._store = records.store
        self._duties = duties
        self._written = 0

    async def open(self, request: Recorded[CaseRequested]) -> None:
        """Open the case, unless it was opened, the e-mail is gone, or has a case.

        Raises:
            TimeoutError: it is not known who is busy; come again.
            Contended: others kept taking numbers; come again.
            StoreUnavailable: nothing was written, or all of it; come again.
        """
        asked = await self._asked(request)
        if asked is None:
            log.info("case.not-opened", request=request.id, why="the e-mail is gone, or has a case")
            return
        for _ in range(ATTEMPTS):
            if await self._store.last([subjects.record("case", asked.case.id)]):
                return
            try:
                appended = await self._store.append(await self._events(asked))
            except Conflict:
                continue
            self._written = appended.sequence
            return
        raise Contended("many open cases at once")

    async def _asked(self, request: Recorded[CaseRequested]) -> _Asked | None:
        event = request.event
        history = await self._store.load(subjects.email(event.email_id))
        facts = [readable(recorded.event) for recorded in history]
        imported = next((fact for fact in facts if isinstance(fact, EmailImported)), None)
        if imported is None or any(isinstance(fact, EmailErased) for fact in facts):
            return None
        if _has_case(facts):
            return None
        case = RecordRef(type="case", id=derived_id("case", request.id).hex)
        return _Asked(request, case, imported, await self._options(event.account_id))

    async def _options(self, account_id: str) -> GroupOptions:
        """Return how the account is set up now; one that is no group's gives cases to nobody."""
        history = await self._store.load(subjects.email_account(account_id))
        facts = [readable(recorded.event) for recorded in history]
        told = [f for f in facts if isinstance(f, EmailAccountAdded | EmailAccountChanged)]
        return (told[-1].group if told else None) or GroupOptions()

    async def _events(self, asked: _Asked) -> list[NewEvent]:
        cause = asked.cause
        account_id = asked.request.event.account_id
        taken = await take_numbers(self._store, 1, cause)
        (spent,) = [new.event for new in taken if isinstance(new.event, CaseNumbersTaken)]
        turn = await self._turn(account_id)
        user_id, why = await self._assign(asked.options, turn)
        fields = case_of(asked.imported, spent.first, user_id, asked.options)
        opened = _opened(asked, spent.first, user_id, why)
        created = RecordCreated(record=asked.case, fields=await self._known(fields))
        subject = subjects.record("case", asked.case.id)
        events = [*new_events(subject, [], [opened, created], cause), *taken]
        if user_id is None or asked.options.distribution == "direct":
            return events
        fact = CaseTurnTaken(account_id=account_id, user_id=user_id, case_id=asked.case.id)
        return [*events, *_after(subjects.desk(account_id), turn, [fact], cause)]

    async def _turn(self, account_id: str) -> History:
        subject = subjects.desk(account_id)
        return list((await self._store.last([subject])).values())

    async def _assign(self, options: GroupOptions, turn: History) -> tuple[str | None, Evidence]:
        duty = await self._duty(options)
        last = turn[-1].event if turn else None
        busy: dict[str, int] = {}
        if duty.rule == "least_busy":
            busy = await self._duties.open_cases(duty.members, after=self._written)
        return assign(duty, last.user_id if isinstance(last, CaseTurnTaken) else None, busy)

    async def _duty(self, options: GroupOptions) -> Duty:
        user_id = options.assigned_user_id
        teams = (options.case_team_id,) if options.case_team_id else options.team_ids
        members: tuple[str, ...] = ()
        if options.distribution == "direct":
            if user_id and await self._duties.is_active(user_id):
                members = (user_id,)
        elif options.distribution != "none":
            for team_id in teams:
                members += await self._duties.members(team_id, options.target_position)
        return Duty(options.distribution, members)

    async def _known(self, fields: RecordFields) -> RecordFields:
        """Leave out what was removed since the e-mail was linked to it."""
        references = references_of(fields, ("account_id", "contact_ids", "lead_id", "team_ids"))
        faults = await missing(self._store, references)
        gone = {each.pointer.split("/")[1] for each in references if each.subject in faults}
        empty = RecordFields()
        return fields.model_copy(update={name: getattr(empty, name) for name in gone})


def _has_case(facts: Sequence[Event]) -> bool:
    """Whether the e-mail is about a case already: somebody was faster, by hand."""
    linked = [fact for fact in facts if isinstance(fact, EmailLinked)]
    return bool(linked) and any(link.record.type == "case" for link in linked[-1].links)


def _opened(asked: _Asked, number: int, user_id: str | None, why: Evidence) -> CaseOpened:
    return CaseOpened(
        record=asked.case,
        number=number,
        email_id=asked.imported.email_id,
        account_id=asked.request.event.account_id,
        request_id=asked.request.id,
        assigned_user_id=user_id,
        reason=why,
    )


def _after(subject: str, last: History, facts: Sequence[Event], cause: Cause) -> list[NewEvent]:
    """Return facts that follow an aggregate's last one, which alone was read."""
    version = last[-1].version if last else 0
    new = new_events(subject, last, facts, cause)
    return [replace(each, version=version + n) for n, each in enumerate(new, start=1)]
