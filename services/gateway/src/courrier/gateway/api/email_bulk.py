"""``/emails:bulk``: one change to many e-mails of mine, by their ids or by a query, as a job.

The job is one decision: undone at once by its ``decision_id``. It works in orders of 200 e-mails,
and goes on where it was after a crash: an order that was carried out finds its own facts.
"""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from courrier.events.base import derived_id
from courrier.events.commands.linker import EMAILS_AT_ONCE, ChangeEmails, StateChange
from courrier.gateway.adapters.job_runner import RunningJob, Work
from courrier.gateway.domain.access import Person, may_use_mail, reach
from courrier.gateway.domain.cursors import Place, parse_cursor
from courrier.gateway.domain.mail_query import OPERATORS, MailQuery, parse_query
from courrier.gateway.domain.refusals import NotAllowed, Unfit
from courrier.gateway.ports import Gateway, NewJob
from courrier.gateway.projections import email_pages

from .answers import answers
from .caller import CallerDep, GatewayDep, command_id
from .email_changes import FolderId, state_change
from .jobs import JOB, job_answer
from .mail_jobs import Step, carry_out, person_of
from .routing import CourrierRoute
from .shapes import JobShown, example
from .values import Body, IdText

router = APIRouter(route_class=CourrierRoute, tags=["e-mails"])

BULK = "change-emails"
MOST_IDS = 10_000
WORDS = ("changed", "unchanged", "not-a-holder", "not-in-trash", "unreadable")

Page = tuple[list[str], str]
"""Ids, and where the job goes on behind them."""


class BulkAction(Body):
    """What becomes of each copy; ``give_up`` deletes for good what is in my Trash."""

    is_read: bool | None = None
    is_important: bool | None = None
    folder: FolderId | None = None
    give_up: bool = False


class BulkBody(Body):
    """Which e-mails, and what becomes of my copies of them."""

    model_config = example({"q": "in:inbox is:unread", "action": {"is_read": True}})

    ids: Annotated[tuple[IdText, ...], Field(max_length=MOST_IDS)] = ()
    q: str | None = Field(
        default=None, max_length=200, description=f"Words, all of which hold: {OPERATORS}."
    )
    action: BulkAction


@router.post("/emails:bulk", status_code=202, responses=answers(JOB, 202, 403, shape=JobShown))
async def change_many(
    body: BulkBody, request: Request, gateway: GatewayDep, caller: CallerDep
) -> Response:
    """Change my copies of these e-mails; the job's result has the `decision_id` that undoes it."""
    if not may_use_mail(caller.person):
        raise NotAllowed("you have no right to e-mails")
    if bool(body.ids) == (body.q is not None):
        raise Unfit("name the e-mails by ids or by q, one of them", pointer="/ids")
    query = parse_query(body.q) if body.q is not None else None
    change = await _change(gateway, caller.person, body.action)
    new = NewJob(
        id=command_id(request, caller).hex,
        user_id=caller.person.id,
        kind=BULK,
        order={
            "change": change.model_dump(),
            "ids": list(dict.fromkeys(body.ids)),
            "query": query and asdict(query),
        },
        total=len(set(body.ids)) or None,
    )
    return job_answer(await gateway.jobs.add(new))


def changing(gateway: Gateway) -> Work:
    """Return what does the job of a bulk change."""

    async def work(running: RunningJob) -> Mapping[str, Any]:
        job = running.job
        person = await person_of(gateway, running)

        async def steps(after: str | None) -> AsyncGenerator[Step, None]:
            async with aclosing(_pages(gateway, person, job.order, after)) as pages:
                async for ids, place in pages:
                    yield Step([_command(person, UUID(job.id), job.order, ids)], len(ids), place)

        counts = await carry_out(gateway, running, steps)
        return {"decision_id": UUID(job.id).hex} | {word: counts[word] for word in WORDS}

    return work


async def _change(gateway: Gateway, person: Person, action: BulkAction) -> StateChange:
    if action.give_up:
        return StateChange(give_up=True)
    return await state_change(gateway, person, action.model_dump(exclude={"give_up"}))


def _command(person: Person, whole: UUID, asked: Mapping[str, Any], ids: list[str]) -> ChangeEmails:
    return ChangeEmails(
        command_id=derived_id(str(whole), ids[0]),
        decision_id=whole,
        email_ids=tuple(ids),
        person_id=person.id,
        team_ids=person.team_ids,
        change=StateChange.model_validate(asked["change"]),
        actor=person.actor,
    )


async def _pages(
    gateway: Gateway, person: Person, asked: Mapping[str, Any], after: str | None
) -> AsyncGenerator[Page, None]:
    """Yield the e-mails to change from where the job was, newest first.

    A query goes by the lists' own cursors: what is moved out of a folder moves no later page, and
    what comes in meanwhile is newer than the first one.
    """
    if asked["query"] is None:
        ids = asked["ids"]
        for start in range(int(after or 0), len(ids), EMAILS_AT_ONCE):
            yield ids[start : start + EMAILS_AT_ONCE], str(start + EMAILS_AT_ONCE)
        return
    query, cursor = MailQuery(**asked["query"]), after
    while True:
        place = Place(parse_cursor(cursor), EMAILS_AT_ONCE)
        found = await email_pages.matching(gateway.pool, reach(person), query, place)
        if not found:
            return
        cursor = found[-1].text()
        yield [each.id for each in found], cursor
