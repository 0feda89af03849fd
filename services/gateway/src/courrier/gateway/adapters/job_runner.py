"""Runs jobs: takes one, does it, says how it goes, and lets another instance go on if it dies.

A kind of job is a function of ``RunningJob``. It may be begun again after a crash, so whatever it
writes has ids that follow from the job's, and ``job.note`` says where it had got to.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog

from courrier.gateway.ports import Job

from .jobs import Claim, JobTaken, PostgresJobs

BEAT_S = 5.0
LOOK_S = 1.0
TELL_S = 0.5
ATTEMPTS = 5
POSTPONED_S = 5.0

log = structlog.get_logger(__name__)


class JobFailed(Exception):
    """The job cannot be done; the text says why, for its owner."""


class NotYet(Exception):
    """The job has to wait for something; it is looked at again in a moment."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


@dataclass(slots=True)
class RunningJob:
    """A job under way, as the function sees it that does it."""

    claim: Claim
    tell: Callable[[Job], Awaitable[None]]
    _told: float = 0.0

    @property
    def job(self) -> Job:
        """The job as it was when this attempt began."""
        return self.claim.job

    async def body(self) -> bytes:
        """Return the bytes that the job was given; empty if none."""
        return await self.claim.body()

    async def say(
        self,
        done: int,
        *,
        total: int | None = None,
        errors: Sequence[Mapping[str, Any]] = (),
        note: Mapping[str, Any] | None = None,
    ) -> None:
        """Say how far the job is, and what went wrong since the last time.

        Raises:
            asyncio.CancelledError: the job is to end.
            JobTaken: another instance has it.
        """
        if await self.claim.say(done, total=total, errors=errors, note=note):
            raise asyncio.CancelledError
        now = asyncio.get_running_loop().time()
        if now - self._told >= TELL_S:
            self._told = now
            await self.tell(self.job)


Work = Callable[[RunningJob], Awaitable[Mapping[str, Any] | None]]


@dataclass(frozen=True, slots=True)
class JobRunner:
    """Does jobs of these kinds, one at a time; ``transient`` errors are waited out.

    ``wait`` returns when there may be a job to do, after so many seconds at the latest. ``tell`` is
    called whenever a job has changed, for its owner's screen.
    """

    jobs: PostgresJobs
    works: Mapping[str, Work]
    wait: Callable[[float], Awaitable[None]]
    tell: Callable[[Job], Awaitable[None]]
    transient: tuple[type[Exception], ...]

    async def run(self) -> None:
        """Do jobs until cancelled."""
        while True:
            claim = await self.jobs.claim(tuple(self.works))
            if claim is None:
                await self.wait(LOOK_S)
            else:
                await self._do(claim)

    async def _do(self, claim: Claim) -> None:
        try:
            await self._attempt(claim)
            await self.tell(claim.job)
        except NotYet as wait:
            await claim.postpone(wait.seconds)
        except JobTaken:
            log.info("job.taken", job=claim.job.id, kind=claim.job.kind)
        except asyncio.CancelledError:
            with suppress(Exception):  # we are being stopped; silence says the same, only later
                async with asyncio.timeout(1):
                    await claim.postpone(0)
            raise

    async def _attempt(self, claim: Claim) -> None:
        if claim.attempts > ATTEMPTS:
            await claim.finish("failed", error=f"it was begun {ATTEMPTS} times and never ended")
            return
        try:
            result = await self._watched(claim)
        except JobFailed as error:
            await claim.finish("failed", error=str(error))
        except self.transient as error:
            log.warning("job.postponed", job=claim.job.id, kind=claim.job.kind, error=repr(error))
            await claim.postpone(POSTPONED_S)
        except (JobTaken, NotYet):
            raise
        except Exception:
            log.exception("job.broken", job=claim.job.id, kind=claim.job.kind)
            await claim.finish("failed", error="we made a mistake; it is logged under the job's id")
        else:
            if result is _CANCELLED:
                await claim.finish("cancelled")
            else:
                await claim.finish("done", result)

    async def _watched(self, claim: Claim) -> Mapping[str, Any] | None:
        """Do the job; end it when its owner asks, or another has taken it."""
        if await claim.beat():
            return _CANCELLED
        running = RunningJob(claim, self.tell)
        work = asyncio.ensure_future(self.works[claim.job.kind](running))
        try:
            while not work.done():
                await asyncio.wait([work], timeout=BEAT_S)
                if not work.done() and await claim.beat():
                    return _CANCELLED
            return _CANCELLED if work.cancelled() else work.result()
        finally:
            work.cancel()
            await asyncio.wait([work])


_CANCELLED: Mapping[str, Any] = {}
