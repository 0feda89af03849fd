"""Jobs that change many e-mails: in steps of a few orders, going on where they were after a crash.

An order that was carried out finds its own facts, so that a step which comes again changes nothing.
"""

from collections import Counter
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from courrier.events.base import Command
from courrier.gateway.adapters.job_runner import JobFailed, RunningJob
from courrier.gateway.domain.access import Person, may_use_mail
from courrier.gateway.ports import Gateway
from courrier.gateway.projections import users

from .orders import JOB_SHOWN_WITHIN_S, order, shown


@dataclass(frozen=True, slots=True)
class Step:
    """Orders about ``emails`` e-mails; behind them the job goes on from ``after`` (plain JSON)."""

    commands: Sequence[Command]
    emails: int
    after: Any


async def person_of(gateway: Gateway, running: RunningJob) -> Person:
    """Return whose job it is.

    Raises:
        JobFailed: they may not use mail any more.
    """
    person = await users.person_by_id(gateway.pool, running.job.user_id)
    if person is None or not may_use_mail(person):
        raise JobFailed("you have no right to e-mails any more")
    return person


async def carry_out(
    gateway: Gateway, running: RunningJob, steps: Callable[[Any], AsyncGenerator[Step, None]]
) -> Counter[str]:
    """Carry out the steps from where the job was; ``steps`` takes None, or ``Step.after``.

    Returns of how many e-mails what became, in the words of ``Done.counts``.
    """
    note = running.job.note or {"after": None, "done": 0, "counts": {}}
    done, counts = int(note["done"]), Counter[str](note["counts"])
    async with aclosing(steps(note["after"])) as coming:
        async for step in coming:
            for command in step.commands:
                answered = await order(gateway, command)
                counts.update(answered.counts)
                await shown(gateway, answered, JOB_SHOWN_WITHIN_S)
            done += step.emails
            note = {"after": step.after, "done": done, "counts": dict(counts)}
            await running.say(done, note=note)
    return counts
