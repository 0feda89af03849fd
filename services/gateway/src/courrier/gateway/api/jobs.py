"""``/jobs``: how far work is that goes on after its request was answered."""

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from courrier.gateway.domain.cursors import PAGE, Cursor, parse_cursor
from courrier.gateway.domain.refusals import NotThere
from courrier.gateway.ports import Gateway, Job
from courrier.gateway.projections import view_changes

from .answers import Facts, answer, answers, listed, page_answer
from .caller import Caller, CallerDep, GatewayDep
from .freshness import Fresh
from .routing import CourrierRoute
from .shapes import JobShown
from .values import CursorText, FieldNames, Limit, PathId

router = APIRouter(route_class=CourrierRoute, tags=["jobs"])

JOB: dict[str, Any] = {
    "id": "0b1c2d3e4f5061728394a5b6c7d8e9f0",
    "kind": "import-message",
    "state": "running",
    "done": 0,
    "total": 1,
    "errors": [],
    "error_count": 0,
    "result": None,
    "created_at": "2026-03-02T12:00:00Z",
    "changed_at": "2026-03-02T12:00:01Z",
}


@router.get("/jobs", dependencies=[Fresh], responses=listed(JOB, JobShown, 400, choose=True))
async def list_jobs(  # noqa: PLR0913, PLR0917  query parameters
    request: Request,
    gateway: GatewayDep,
    caller: CallerDep,
    limit: Limit = PAGE,
    cursor: CursorText = None,
    fields: FieldNames = None,
) -> Response:
    """My jobs of the last week, newest first."""
    after = parse_cursor(cursor)
    found = await gateway.jobs.page(caller.person.id, after, limit + 1)
    last = found[limit - 1] if len(found) > limit else None
    following = Cursor(last.created_at, last.id).text() if last else None
    return page_answer(request, [job_json(job) for job in found[:limit]], following, fields)


@router.get(
    "/jobs/{job_id}", dependencies=[Fresh], responses=answers(JOB, 200, 404, shape=JobShown)
)
async def read_job(job_id: PathId, gateway: GatewayDep, caller: CallerDep) -> Response:
    """How far a job of mine is."""
    return answer(job_json(await _job(gateway, caller, job_id)))


@router.post(
    "/jobs/{job_id}:cancel",
    status_code=202,
    responses=answers(JOB | {"state": "cancelled"}, 202, 404, shape=JobShown),
)
async def cancel_job(job_id: PathId, gateway: GatewayDep, caller: CallerDep) -> Response:
    """End a job of mine; what it has done stays done. One that has ended stays as it is."""
    await _job(gateway, caller, job_id)
    await gateway.jobs.cancel(caller.person.id, job_id)
    return answer(job_json(await _job(gateway, caller, job_id)), 202)


def job_json(job: Job) -> dict[str, Any]:
    """Return a job as answers show it."""
    return {
        "id": job.id,
        "kind": job.kind,
        "state": job.state,
        "done": job.done,
        "total": job.total,
        "errors": job.errors,
        "error_count": job.error_count,
        "result": job.result,
        "created_at": job.created_at,
        "changed_at": job.changed_at,
    }


def job_answer(job: Job, position: str | None = None) -> Response:
    """Return 202 with the job that a request began."""
    return answer(job_json(job), 202, Facts(position, location=f"/api/v1/jobs/{job.id}"))


def telling(gateway: Gateway) -> Callable[[Job], Awaitable[None]]:
    """Return what tells a job's owner, on every screen of theirs, that the job has changed."""

    async def tell(job: Job) -> None:
        async with gateway.pool.acquire() as db, db.transaction():
            await view_changes.add(db, job.user_id, kind="job", ref=job.id, at=("", 0))
        await gateway.changes.ring()

    return tell


async def _job(gateway: Gateway, caller: Caller, job_id: str) -> Job:
    job = await gateway.jobs.find(caller.person.id, job_id)
    if job is None:
        raise NotThere("there is no such job")
    return job
