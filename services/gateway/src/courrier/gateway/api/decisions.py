"""``/decisions``: what was decided about my e-mails in the last 30 days, and undoing it."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import Response

from courrier.events.base import derived_id
from courrier.events.commands.answers import Done
from courrier.events.commands.linker import EMAILS_AT_ONCE, UndoDecision
from courrier.gateway.adapters.job_runner import RunningJob, Work
from courrier.gateway.domain.access import Person
from courrier.gateway.domain.cursors import PAGE, Cursor, parse_cursor
from courrier.gateway.domain.refusals import InTheWay, NotThere
from courrier.gateway.handlers.filing import restore_folder
from courrier.gateway.ports import Gateway, NewJob
from courrier.gateway.projections import decisions
from courrier.gateway.projections.decisions import DecisionRow
from courrier.gateway.projections.skipped_messages import skipped_of

from .answers import Facts, answer, answers, listed, page_answer
from .caller import Caller, CallerDep, GatewayDep, cause_of, command_id
from .email_forms import ReasonShown
from .freshness import Fresh
from .jobs import JOB, job_answer
from .mail_jobs import Step, carry_out, person_of
from .orders import order, shown
from .routing import CourrierRoute
from .shapes import JobShown, Moment, RefShown, Shown, example
from .skipped import as_decision, mailboxes_of, taken_back
from .values import Body, CursorText, FieldNames, IdText, Limit, PathId

router = APIRouter(route_class=CourrierRoute, tags=["decisions"])

UNDO = "undo-decision"
UNDONE_WITHIN = timedelta(days=30)
A_DECISION = {
    "id": "0d5f1c0be83f4c0c9d6f0f3f8f0b7c11",
    "what": ["archived", "read"],
    "rule": None,
    "actor": {"type": "user", "id": "b3f0c1d2e4a5968778695a4b3c2d1e0f", "name": None},
    "at": "2026-03-02T12:00:00Z",
    "emails": 132,
    "email_id": "e1a2b3c4d5e6f708192a3b4c5d6e7f80",
    "undone": 0,
    "undo_until": "2026-04-01T12:00:00Z",
}
AN_UNDO = {
    "decision_id": "5c1a0d5f1c0be83f4c0c9d6f0f3f8f0b",
    "undone": 131,
    "changed_since": 1,
    "unchanged": 0,
}


class DecisionShown(Shown):
    """A decision about e-mails of mine: by me, by a rule, or by somebody who may."""

    id: str
    what: list[str] = Field(description="As `read`, `filed:inbox`, `trashed`.")
    rule: ReasonShown | None
    actor: RefShown
    at: Moment
    emails: int
    email_id: str | None
    undone: int
    undo_until: Moment = Field(description="Until then it can be undone.")


class UndoneShown(Shown):
    """On how many e-mails a decision was undone, and on how many others have changed it since."""

    decision_id: str
    undone: int
    changed_since: int
    unchanged: int


class UndoBody(Body):
    """Which decision to undo."""

    model_config = example({"decision_id": A_DECISION["id"]})

    decision_id: IdText


class NothingToUndo(InTheWay):
    """The caller decided nothing on this e-mail in the last 30 days that still stands."""


@router.get("/decisions", dependencies=[Fresh], responses=listed(A_DECISION, DecisionShown, 400))
async def list_decisions(  # noqa: PLR0913, PLR0917  query parameters
    request: Request,
    gateway: GatewayDep,
    caller: CallerDep,
    email: Annotated[str | None, Query(pattern=r"^[A-Za-z0-9_-]{1,80}$")] = None,
    limit: Limit = PAGE,
    cursor: CursorText = None,
    fields: FieldNames = None,
) -> Response:
    """What was decided about my e-mails, newest first: what, who or what, when, by which rule.

    What a filter kept out of a mailbox of mine is `skipped`, and about no e-mail.
    """
    before = parse_cursor(cursor)
    mine = caller.person.id
    rows = await decisions.decisions_of(gateway.pool, mine, before, limit + 1, email)
    found = [_shown(row) for row in rows]
    if email is None:
        mailboxes = await mailboxes_of(gateway, caller.person)
        kept_out = await skipped_of(gateway.pool, mailboxes, before, limit + 1)
        found += [as_decision(row) for row in kept_out]
        found.sort(key=lambda each: (each["at"], each["id"]), reverse=True)
    last = found[limit - 1] if len(found) > limit else None
    following = Cursor(last["at"], last["id"]).text() if last else None
    return page_answer(request, found[:limit], following, fields)


@router.post(
    "/decisions:undo",
    responses=answers(AN_UNDO, 200, 404, shape=UndoneShown) | answers(JOB, 202, shape=JobShown),
)
async def undo_decision(
    body: UndoBody, request: Request, gateway: GatewayDep, caller: CallerDep
) -> Response:
    """Undo a decision on all e-mails of mine; what others changed since stays and is counted.

    One on more than 200 e-mails is undone by a job (202). The undo is a decision itself.
    """
    person = caller.person
    undone = body.decision_id.replace("-", "")
    whole = command_id(request, caller)
    ids = await decisions.emails_of_decision(
        gateway.pool, undone, person_id=person.id, limit=EMAILS_AT_ONCE + 1
    )
    if not ids:
        if recalled := await taken_back(gateway, person, undone, whole):
            return recalled
        raise NotThere("there is no such decision of the last 30 days about e-mails of yours")
    await _restore_folder(request, gateway, caller, undone)
    if len(ids) > EMAILS_AT_ONCE:
        total = await decisions.count_emails(gateway.pool, undone, person_id=person.id)
        new = NewJob(
            id=whole.hex, user_id=person.id, kind=UNDO, order={"undone": undone}, total=total
        )
        return job_answer(await gateway.jobs.add(new))
    return await _undone(gateway, caller, whole, undone, ids)


@router.post("/emails/{email_id}:undo", responses=answers(AN_UNDO, 200, 409, shape=UndoneShown))
async def undo_on_email(
    email_id: PathId, request: Request, gateway: GatewayDep, caller: CallerDep
) -> Response:
    """Undo my last decision on this e-mail, on this e-mail only; giving it up included."""
    person = caller.person
    last = await decisions.last_on(gateway.pool, email_id, person_id=person.id, actor=person.actor)
    if last is None:
        raise NothingToUndo("you decided nothing on this e-mail that could be undone")
    return await _undone(gateway, caller, command_id(request, caller), last, [email_id])


def undoing(gateway: Gateway) -> Work:
    """Return what does the job of undoing a large decision, in orders of 200 e-mails."""

    async def work(running: RunningJob) -> Mapping[str, Any]:
        person = await person_of(gateway, running)
        job = running.job
        doing = await _undoing(gateway, person, str(job.order["undone"]), UUID(job.id))

        async def steps(after: str | None) -> AsyncGenerator[Step, None]:
            while ids := await decisions.emails_of_decision(
                gateway.pool,
                doing.undone,
                person_id=person.id,
                limit=EMAILS_AT_ONCE,
                after=after or "",
            ):
                after = ids[-1]
                yield Step([doing.of(ids)], len(ids), after)

        return _counted(doing.whole, await carry_out(gateway, running, steps))

    return work


async def _restore_folder(request: Request, gateway: Gateway, caller: Caller, undone: str) -> None:
    """Bring back the folder to which mail is about to return, where its remover asks for it."""
    person = caller.person
    folder_id = await decisions.removed_folder_of(gateway.pool, undone, person_id=person.id)
    own = await decisions.is_own(gateway.pool, undone, person_id=person.id, actor=person.actor)
    if folder_id and own:
        cause = cause_of(request, caller)
        step = replace(cause, command_id=derived_id(str(cause.command_id), folder_id))
        await restore_folder(gateway.store, folder_id, person.id, step)


async def _undone(
    gateway: Gateway, caller: Caller, whole: UUID, undone: str, ids: list[str]
) -> Response:
    doing = await _undoing(gateway, caller.person, undone, whole)
    done: Done = await order(gateway, doing.of(ids))
    await shown(gateway, done)
    return answer(_counted(whole, done.counts), 200, Facts(done.position))


@dataclass(frozen=True, slots=True)
class _Undoing:
    """Undoing ``undone``, as the decision ``whole``; ``common``: what is everybody's too."""

    person: Person
    undone: str
    whole: UUID
    common: bool

    def of(self, ids: Sequence[str]) -> UndoDecision:
        """Return the order to undo it on these e-mails."""
        return UndoDecision(
            command_id=derived_id(str(self.whole), ids[0]),
            decision_id=self.whole,
            undone=self.undone,
            email_ids=tuple(ids),
            person_id=self.person.id,
            common=self.common,
            actor=self.person.actor,
        )


async def _undoing(gateway: Gateway, person: Person, undone: str, whole: UUID) -> _Undoing:
    """Return how it is undone: what is everybody's by the one who decided it."""
    own = await decisions.is_own(gateway.pool, undone, person_id=person.id, actor=person.actor)
    return _Undoing(person, undone, whole, own)


def _counted(whole: UUID, counts: Mapping[str, int]) -> dict[str, Any]:
    words = ("undone", "changed-since", "unchanged")
    numbers = {word.replace("-", "_"): counts.get(word, 0) for word in words}
    return {"decision_id": whole.hex, **numbers}


def _shown(row: DecisionRow) -> dict[str, Any]:
    kind, _, name = row.actor.partition(":")
    return {
        "id": row.id,
        "what": row.what,
        "rule": row.reason,
        "actor": {"type": kind, "id": name, "name": None},
        "at": row.at,
        "emails": row.emails,
        "email_id": row.email_id,
        "undone": row.undone,
        "undo_until": row.at + UNDONE_WITHIN,
    }
