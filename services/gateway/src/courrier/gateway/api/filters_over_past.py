"""Filters on mail that is there already: ``/filters:dry-run`` tells, ``/filters/{id}:apply`` does.

Applying is a job and one decision: each holder undoes it for their own mail by its id. It goes on
where it was after a crash; what it has changed already no longer matches.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from courrier.events.base import Evidence, derived_id
from courrier.events.commands.linker import EMAILS_AT_ONCE, ChangeEmails
from courrier.gateway.adapters.job_runner import JobFailed, RunningJob, Work
from courrier.gateway.domain.access import Person
from courrier.gateway.domain.configured import FILTER
from courrier.gateway.domain.past_mail import Wanted, wanted
from courrier.gateway.domain.refusals import NotAllowed
from courrier.gateway.domain.settings_access import may_touch
from courrier.gateway.ports import Gateway, NewJob
from courrier.gateway.projections import configured, past_mail, readable_emails
from courrier.gateway.projections.past_mail import Copy

from .answers import answer, answers
from .caller import CallerDep, GatewayDep, command_id
from .email_forms import EmailShown
from .email_shapes import EMAIL, emails_json
from .filters import FILTERS, NEW_FILTER, FilterBody, new_filter
from .freshness import Fresh
from .jobs import JOB, job_answer
from .mail_jobs import Step, carry_out, person_of
from .resource import Wish, found
from .routing import CourrierRoute
from .shapes import JobShown, Shown, example
from .values import IdText, PathId

router = APIRouter(route_class=CourrierRoute, tags=["filters"])

APPLY = "apply-filter"
EXAMPLES = 10
WORDS = ("changed", "unchanged")
TOLD = {"count": 132, "examples": [EMAIL]}


class DryRunBody(FilterBody):
    """A filter as it would be saved; with ``email_id`` it is tried on that e-mail alone."""

    model_config = example(NEW_FILTER)

    name: str = "dry run"
    email_id: IdText | None = None


class DryRunShown(Shown):
    """How many copies the filter would change now, and the newest of mine among them."""

    count: int
    examples: list[EmailShown] = Field(description=f"At most {EXAMPLES}, newest first.")


@router.post(
    "/filters:dry-run",
    dependencies=[Fresh],
    responses=answers(TOLD, 200, 403, shape=DryRunShown),
)
async def try_filter(body: DryRunBody, gateway: GatewayDep, caller: CallerDep) -> Response:
    """What this filter would do to mail in use; changes nothing.

    Sent, Junk and Trash are left alone.
    """
    person = caller.person
    named = body.model_dump(exclude={"email_id"}, by_alias=True)
    fields = await new_filter(Wish(gateway, person, ""), FilterBody.model_validate(named))
    if not may_touch(person, "edit", fields):
        raise NotAllowed("you may not set up such filters")
    asked = wanted(fields, body.email_id)
    if asked is None:
        return answer({"count": 0, "examples": []})
    count, ids = await past_mail.tell(gateway.pool, asked, person.id, EXAMPLES)
    views = await readable_emails.readable_emails(gateway.pool, ids, person, with_text=False)
    return answer({"count": count, "examples": await emails_json(gateway, person, views)})


@router.post(
    "/filters/{item_id}:apply",
    status_code=202,
    dependencies=[Fresh],
    responses=answers(JOB | {"kind": APPLY}, 202, 403, 404, shape=JobShown),
)
async def apply_filter(
    item_id: PathId, request: Request, gateway: GatewayDep, caller: CallerDep
) -> Response:
    """Apply a filter to mail in use; the job's result has the `decision_id` that undoes it."""
    row = await found(gateway, caller, FILTERS, item_id, to_change=True)
    asked = wanted(row.fields)
    new = NewJob(
        id=command_id(request, caller).hex,
        user_id=caller.person.id,
        kind=APPLY,
        order={"filter_id": item_id},
        total=await past_mail.count(gateway.pool, asked) if asked else 0,
    )
    return job_answer(await gateway.jobs.add(new))


def applying(gateway: Gateway) -> Work:
    """Return what does the job of applying a filter, in orders of 200 e-mails of one holder."""

    async def work(running: RunningJob) -> Mapping[str, Any]:
        whole, filter_id = UUID(running.job.id), str(running.job.order["filter_id"])
        person = await person_of(gateway, running)
        asked = await _asked(gateway, person, filter_id)

        async def steps(at: list[str] | None) -> AsyncGenerator[Step, None]:
            after = Copy(*(at or ("", "")))
            while asked and (
                page := await past_mail.page(gateway.pool, asked, after, EMAILS_AT_ONCE)
            ):
                after = page[-1]
                commands = _commands(person, whole, filter_id, asked, page)
                yield Step(commands, len(page), [after.holder_id, after.email_id])

        counts = await carry_out(gateway, running, steps)
        return {"decision_id": whole.hex} | {word: counts[word] for word in WORDS}

    return work


async def _asked(gateway: Gateway, person: Person, filter_id: str) -> Wanted | None:
    row = await configured.item_by_id(gateway.pool, FILTER, filter_id)
    if row is None or not may_touch(person, "edit", row.fields):
        raise JobFailed("the filter is there no longer, or not yours to apply")
    return wanted(row.fields)


def _commands(
    person: Person, whole: UUID, filter_id: str, asked: Wanted, page: Sequence[Copy]
) -> list[ChangeEmails]:
    """Return an order for each holder on the page."""
    return [
        ChangeEmails(
            command_id=derived_id(str(whole), holder_id, copies[0].email_id),
            decision_id=whole,
            email_ids=tuple(each.email_id for each in copies),
            person_id=holder_id,
            team_ids=person.team_ids if holder_id == person.id else (),
            change=asked.change,
            reason=Evidence(rule="filter", rule_id=filter_id),
            actor=person.actor,
        )
        for holder_id, copies in (
            (key, list(some)) for key, some in groupby(page, key=lambda each: each.holder_id)
        )
    ]
