"""Hold a folder against the server, message by message, and fetch what the log has not.

What was received is taken from the ids on the log, and from nothing that was added up: a message
that is missing for whatever reason is found, and one that is there is never fetched twice. It is
how wider scope bring in what narrower ones left out, too.
"""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace

import structlog

from courrier.events.families.mailbox import FolderComparison, SkippedUid
from courrier.fetcher.domain.advance import Step
from courrier.fetcher.domain.batches import VANISHED, Arrival, Rules, windows
from courrier.fetcher.domain.received import Origin, message_event_id
from courrier.fetcher.domain.uids import HIGHEST_UID, UidSet
from courrier.fetcher.handlers.arriving import Plan, arriving
from courrier.fetcher.handlers.line import Job, Line
from courrier.fetcher.handlers.stopping import stop_if_asked
from courrier.fetcher.handlers.storing import Recorder
from courrier.fetcher.ports import MailReading

SLICE = 1000
"""Ids reckoned before others get a turn: some milliseconds."""

log = structlog.get_logger(__name__)


async def compare(
    connection: MailReading, recorder: Recorder, job: Job, line: Line, rules: Rules
) -> None:
    """Fetch what is absent from the log, then record what the comparison came to.

    Raises:
        Conflict: another fetcher has recorded something meanwhile.
        CannotFetch, StoreUnavailable: it is repeated next time; what was recovered stays.
    """
    before = line.cursor
    received = await recorder.received(job.origin)
    existing = UidSet().missing_of(await connection.search([(1, HIGHEST_UID)]))
    absent = await _absent(job.origin, existing, received)
    young = None
    if job.scope.since and absent:
        young = set(await connection.search([(1, HIGHEST_UID)], job.scope.since))
    top = max(existing, default=0)
    plan = Plan(job.origin.folder, windows(absent), rules, top, young, len(existing))
    came, skipped = await _recover(connection, line, plan)
    server = plan.server or 0
    skipped = [one for one in (*skipped, *line.skipped) if one.reason != VANISHED]
    held = len(existing) - len(absent) + line.received
    owed = {one.uid for one in before.ledger.owed}
    gap = set(came) - set(before.settled.missing_of(came)) - owed
    widened = before.ledger.scope is None or job.scope.reach_beyond(before.ledger.scope)
    comparison = FolderComparison(
        server=server,
        held=held,
        left_out=len(skipped),
        missing=max(0, server - held - len(skipped)),
        recovered=0 if widened else len(gap),
        gone=len(received) - (len(existing) - len(absent)),
    )
    step = Step((), tuple(skipped), (1, plan.top), job.scope, server=server, missing=0)
    step = replace(step, comparison=comparison)
    line.cursor = await recorder.write(job.origin, line.cursor, step)
    log.info("folder.compared", account=job.origin.account_id, **comparison.model_dump())


async def _recover(
    connection: MailReading, line: Line, plan: Plan
) -> tuple[list[int], list[SkippedUid]]:
    """Fetch a plan; return the UIDs that came, and those that were not even asked for."""
    line.received, line.skipped = 0, []
    came: list[int] = []
    skipped: list[SkippedUid] = []
    async with aclosing(arriving(connection, plan)) as arrivals:
        async for arrival in arrivals:
            stop_if_asked()
            skipped += arrival.batch.skipped
            if arrival.batch.messages:
                came += [message.uid for message in arrival.messages]
                await line.put(_without_skipped(arrival))
        await line.drain()
    return came, skipped


def _without_skipped(arrival: Arrival) -> Arrival:
    """They are counted once, when the comparison ends."""
    return replace(arrival, batch=replace(arrival.batch, skipped=()))


async def _absent(origin: Origin, existing: Sequence[int], received: set[str]) -> list[int]:
    absent: list[int] = []
    for start in range(0, len(existing), SLICE):
        some = existing[start : start + SLICE]
        absent += [uid for uid in some if str(message_event_id(origin, uid)) not in received]
        await asyncio.sleep(0)
    return absent
