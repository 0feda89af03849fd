"""Jobs: done beside requests, seen by their owner, ended when asked, resumed after a crash."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from courrier.gateway.adapters.job_runner import JobFailed, JobRunner, NotYet, RunningJob, Work
from courrier.gateway.adapters.jobs import PostgresJobs
from courrier.gateway.ports import Job, NewJob
from support.waiting import eventually

from .conftest import Running
from .test_live import listening

pytestmark = pytest.mark.integration

DIE = "UPDATE jobs SET due_at = now() - interval '1 second' WHERE job_id = $1"


AGE = "UPDATE jobs SET created_at = now() - interval '2 days'"


class OutsideDown(ConnectionError):
    """A failure that passes."""


@asynccontextmanager
async def doing(gateway: Running, work: Work) -> AsyncIterator[PostgresJobs]:
    """Do jobs of the kind ``test`` by this function; yield where to add some."""
    jobs = PostgresJobs(gateway.pool)

    async def tell(_: Job) -> None:
        return

    runner = JobRunner(jobs, {"test": work}, jobs.wait, tell, (OutsideDown,))
    task = asyncio.create_task(runner.run())
    try:
        yield jobs
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def new_job(gateway: Running, job_id: str = "job1", body: bytes | None = None) -> NewJob:
    """Return a job of the administrator's."""
    order = {"to": "do"}
    return NewJob(id=job_id, user_id=gateway.admin_id, kind="test", order=order, body=body)


async def seen(gateway: Running, state: str, job_id: str = "job1") -> dict[str, Any]:
    """Return the job as its owner sees it, once it is in this state."""
    found: dict[str, Any] = {}

    async def is_there() -> bool:
        found.update((await gateway.admin.get(f"/jobs/{job_id}")).json())
        return bool(found["state"] == state)

    await eventually(is_there)
    return found


async def test_a_job_says_how_far_it_is_and_what_came_of_it(gateway: Running) -> None:
    """To its owner alone; what it was given is forgotten when it ends."""
    half, on = asyncio.Event(), asyncio.Event()

    async def work(running: RunningJob) -> Mapping[str, Any]:
        body = await running.body()
        await running.say(1, total=2, errors=[{"line": 1, "detail": "no address"}])
        half.set()
        await on.wait()
        await running.say(2)
        return {"bytes": len(body)}

    async with doing(gateway, work) as jobs:
        await jobs.add(new_job(gateway, body=b"four"))
        await half.wait()
        running = await seen(gateway, "running")
        on.set()
        done = await seen(gateway, "done")
    listed = (await gateway.admin.get("/jobs")).json()["items"]
    grace, _ = await gateway.add_user("grace")

    assert (1, 2, [{"line": 1, "detail": "no address"}]) == (
        running["done"],
        running["total"],
        running["errors"],
    )
    assert (2, {"bytes": 4}, 1) == (done["done"], done["result"], done["error_count"])
    assert [done] == listed
    assert await gateway.pool.fetchval("SELECT body FROM jobs") is None
    assert (await grace.get("/jobs/job1")).status_code == 404
    await grace.aclose()


async def test_a_job_ends_when_its_owner_asks(gateway: Running) -> None:
    """One that runs is ended where it is, one that waits is never begun."""
    begun = asyncio.Event()

    async def work(running: RunningJob) -> None:
        begun.set()
        while True:
            await running.say(1)
            await asyncio.sleep(0)

    async with doing(gateway, work) as jobs:
        await jobs.add(new_job(gateway))
        await begun.wait()
        await jobs.add(new_job(gateway, "job2"))
        waiting = await gateway.admin.post("/jobs/job2:cancel")
        running = await gateway.admin.post("/jobs/job1:cancel")
        await seen(gateway, "cancelled")

    assert (202, "cancelled") == (waiting.status_code, waiting.json()["state"])
    assert 202 == running.status_code


async def test_a_job_whose_runner_died_goes_on_where_it_was(gateway: Running) -> None:
    """Another takes it and reads the note; whoever comes back late is not listened to."""
    first, late = asyncio.Event(), asyncio.Event()

    async def dying(running: RunningJob) -> None:
        await running.say(5, note={"line": 5})
        first.set()
        await late.wait()
        await running.say(1, note={"line": 0})

    async def living(running: RunningJob) -> Mapping[str, Any]:
        return {"went on at": (running.job.note or {})["line"]}

    async with doing(gateway, dying) as jobs:
        await jobs.add(new_job(gateway))
        await first.wait()
        await gateway.pool.execute(DIE, "job1")
        async with doing(gateway, living):
            done = await seen(gateway, "done")
        late.set()

    assert ({"went on at": 5}, 5) == (done["result"], done["done"])
    assert done == await seen(gateway, "done")


async def test_a_job_that_cannot_be_done_says_why(gateway: Running) -> None:
    """A refusal in its words, a mistake of ours without its stack; what passes is waited out."""
    tries: list[str] = []

    async def work(running: RunningJob) -> None:
        tries.append(running.job.id)
        if running.job.id == "refused":
            raise JobFailed("the file has no column called email")
        if running.job.id == "broken":
            raise ZeroDivisionError
        if tries.count("waiting") < 3:
            raise NotYet(0.01)

    async with doing(gateway, work) as jobs:
        for job_id in ("refused", "broken", "waiting"):
            await jobs.add(new_job(gateway, job_id))
        refused = await seen(gateway, "failed", "refused")
        broken = await seen(gateway, "failed", "broken")
        await seen(gateway, "done", "waiting")

    assert ["the file has no column called email"] == [e["detail"] for e in refused["errors"]]
    assert "Zero" not in str(broken["errors"])


async def test_screens_hear_of_jobs(gateway: Running) -> None:
    """The owner's, with state and progress, from the service's own runner."""
    order = {"holder_id": gateway.admin_id, "email_id": "0" * 32, "source_id": None}
    jobs = PostgresJobs(gateway.pool)
    new = NewJob(id="job1", user_id=gateway.admin_id, kind="import-message", order=order, total=1)
    async with listening(gateway.admin) as line:
        await jobs.add(new)
        await gateway.pool.execute(AGE)
        event = await line.next()

    told = {"id": "job1", "position": None, "state": "failed", "done": 0, "total": 1}
    assert ("job", told) == (event["event"], event["data"])
