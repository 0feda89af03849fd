"""Fetch what a plan asks for, newest first, and new mail that comes meanwhile before the rest."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from courrier.fetcher.domain.batches import (
    Arrival,
    Batch,
    Listed,
    Rules,
    Window,
    batches,
    known_old,
    windows,
)
from courrier.fetcher.domain.failures import CannotFetch, FetchRefused
from courrier.fetcher.domain.received import Fetched
from courrier.fetcher.domain.uids import HIGHEST_UID
from courrier.fetcher.ports import MailReading

LOOK_S = 2.0
"""Seconds between two looks for new mail while old mail is fetched."""


@dataclass(slots=True)
class Plan:
    """What to fetch from ``folder``, which is open and has ``server`` messages.

    ``young`` holds the UIDs that SINCE found, or is None. ``top`` is the highest UID known.
    """

    folder: str
    windows: Sequence[Window]
    rules: Rules
    top: int
    young: set[int] | None = None
    server: int | None = None
    missing: int = field(init=False)

    def __post_init__(self) -> None:
        """Count what is still to come."""
        self.missing = sum(self._to_come(window.uids) for window in self.windows)

    def settle(self, batch: Batch) -> None:
        """Note that a batch is done with."""
        self.missing -= self._to_come([message.uid for message in batch.messages])
        self.missing -= self._to_come([one.uid for one in batch.skipped])

    def welcome(self, uids: Sequence[int]) -> list[Window]:
        """Take in new mail; return its windows."""
        found = windows(uids, floor=self.top + 1)
        if found:
            self.top = max(uids)
            self.missing += len(uids)
        if self.young is not None:
            self.young.update(uids)
        if self.server is not None:
            self.server += len(uids)
        return found

    def _to_come(self, uids: Sequence[int]) -> int:
        return len(uids) if self.young is None else sum(uid in self.young for uid in uids)


async def arriving(connection: MailReading, plan: Plan) -> AsyncGenerator[Arrival, None]:
    """Yield what comes, a batch at a time; raises ``CannotFetch``."""
    loop = asyncio.get_running_loop()
    next_look = loop.time() + LOOK_S
    todo = list(reversed(plan.windows))
    while todo:
        async with aclosing(_window(connection, plan, todo.pop())) as arrivals:
            async for arrival in arrivals:
                yield arrival
                if loop.time() < next_look:
                    continue
                for window in await _new_mail(connection, plan):
                    async with aclosing(_window(connection, plan, window)) as news:
                        async for new in news:
                            yield new
                next_look = loop.time() + LOOK_S


async def _window(
    connection: MailReading, plan: Plan, window: Window
) -> AsyncGenerator[Arrival, None]:
    listed = await _describe(connection, window, plan.young)
    for batch in batches(window, listed, plan.rules):
        arrival = await _arrival(connection, batch, plan.rules)
        plan.settle(batch)
        yield replace(arrival, server=plan.server, missing=plan.missing)


async def _new_mail(connection: MailReading, plan: Plan) -> list[Window]:
    await connection.open(plan.folder)  # some servers tell of new messages only now
    found = await connection.search([(plan.top + 1, HIGHEST_UID)])
    return plan.welcome(sorted({uid for uid in found if plan.top < uid <= HIGHEST_UID}))


async def _describe(
    connection: MailReading, window: Window, young: set[int] | None
) -> dict[int, Listed]:
    wanted = [uid for uid in window.uids if young is None or uid in young]
    listed = await connection.describe(wanted) if wanted else {}
    left_out = (uid for uid in window.uids if young is not None and uid not in young)
    return listed | {uid: known_old(uid) for uid in left_out}


async def _arrival(connection: MailReading, batch: Batch, rules: Rules) -> Arrival:
    """Fetch a batch; what does not come and is still there is asked for once more, alone.

    What ends the connection, or is refused as a whole, is put under suspicion (see ``Doubts``).
    """
    asked = [message.uid for message in batch.messages]
    still_there: dict[int, Listed] = {}
    try:
        came, refused = await _halving(connection, batch.messages)
        if refused and not came:
            raise refused
        missed = [uid for uid in asked if uid not in came]
        still_there = await connection.describe(missed) if missed else {}
        for uid, listed in still_there.items():
            asked = [uid]
            came |= (await _halving(connection, [listed]))[0]
    except CannotFetch:
        rules.doubts.failed(asked)
        raise
    rules.doubts.cleared(message.uid for message in batch.messages)
    return Arrival(batch, tuple(came.values()), frozenset(still_there))


async def _halving(
    connection: MailReading, messages: Sequence[Listed]
) -> tuple[dict[int, Fetched], FetchRefused | None]:
    """Fetch; where the server says NO, in halves: one bad message is to spoil no others.

    Return what came, and the last refusal if there was any.
    """
    try:
        return await _fetch(connection, messages), None
    except FetchRefused as error:
        if len(messages) == 1:
            return {}, error
    middle = len(messages) // 2
    first, one = await _halving(connection, messages[:middle])
    second, other = await _halving(connection, messages[middle:])
    return first | second, other or one


async def _fetch(connection: MailReading, messages: Sequence[Listed]) -> dict[int, Fetched]:
    """Return these messages, each once and no others, whatever the server sends."""
    if not messages:
        return {}
    wanted = {message.uid for message in messages}
    came: dict[int, Fetched] = {}
    async with aclosing(connection.fetch(messages)) as arriving_now:
        async for some in arriving_now:
            came |= {message.uid: message for message in some if message.uid in wanted}
    return came
