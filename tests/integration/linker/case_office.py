"""A support team's mailbox, the linker's case desk and the gateway's half, over real servers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from courrier.events.base import Event
from courrier.events.envelope import NewEvent, Recorded
from courrier.events.families.crm import AddressAssigned, CaseOpened, RecordCreated
from courrier.events.families.email import CaseRequested
from courrier.events.families.mailbox import MessageReceived
from courrier.events.families.settings import EmailAccountAdded, UserAdded
from courrier.events.identity import Identity
from courrier.events.postgres.pool import Pool
from courrier.events.store import Appended, EventStore, History
from courrier.gateway.handlers.opening_cases import CaseOpening
from courrier.gateway.handlers.records import RecordLog
from courrier.linker.adapters.case_desk import PostgresCaseDesk
from courrier.linker.handlers.case_desk import CaseDesk
from integration.linker.instances import OTHER_ACCOUNT, Instance, put, read
from support.builders import COMPANY, CONTACT, TEAM, USER, example

ANN = "1" * 32
TEMPLATE = "7" * 32
SUPPORT = {
    "team_ids": [TEAM],
    "opens_cases": True,
    "distribution": "round_robin",
    "reply_template_id": TEMPLATE,
}


class Crash(BaseException):
    """The process is gone, here and now."""


class DyingStore:
    """Dies at the n-th append from now on: right before it, or right after."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self.left: int | None = None
        self.is_after = False

    def __getattr__(self, name: str) -> Any:
        """Everything else is as in the real one."""
        return getattr(self._store, name)

    async def append(self, events: Sequence[NewEvent]) -> Appended:
        """Append, unless the time has come."""
        if self.left is not None:
            self.left -= 1
        if self.left == 0 and not self.is_after:
            raise Crash
        appended = await self._store.append(events)
        if self.left == 0:
            raise Crash
        return appended


class Roster:
    """``Duties`` of a team of one."""

    async def members(self, _: str, position: str | None = None) -> tuple[str, ...]:
        """Ann alone."""
        del position
        return (ANN,)

    async def is_active(self, user_id: str) -> bool:
        """She is there."""
        return user_id == ANN

    async def open_cases(self, user_ids: Sequence[str], *, after: int) -> dict[str, int]:
        """Nobody has any."""
        del after
        return dict.fromkeys(user_ids, 0)


@dataclass(frozen=True, slots=True)
class Office:
    """Linker and gateway, stepped by hand; ``dying`` is what they write to."""

    linker: Instance
    store: EventStore
    dying: DyingStore
    pool: Pool
    identity: Identity

    async def take(self) -> None:
        """Make e-mails of what the mailbox has."""
        await self.linker.take()

    async def tick(self) -> None:
        """Let the case desk work once, knowing all there is."""
        await self.linker.index.catch_up()
        agenda = PostgresCaseDesk(self.pool)
        await CaseDesk(self.dying, agenda, lambda: datetime.now(UTC)).tick()

    async def open(self) -> None:
        """Let the gateway meet every request there ever was."""
        log = RecordLog(self.dying, self.identity)
        opening = CaseOpening(log, Roster())
        for recorded in await read(self.store, "EMAIL"):
            if isinstance(recorded.event, CaseRequested):
                await opening.open(cast("Recorded[CaseRequested]", recorded))

    async def work(self) -> None:
        """Do all of it until nothing is left to do."""
        for _ in range(5):
            await self.tick()
            await self.open()

    async def facts(self, kind: type[Event]) -> list[Any]:
        """Return the facts of a kind on the log."""
        stream = "CRM" if kind is CaseOpened else "EMAIL"
        return [r.event for r in await read(self.store, stream) if isinstance(r.event, kind)]

    async def events(self, stream: str = "EMAIL") -> History:
        """Return a stream."""
        return await read(self.store, stream)


async def settle(store: EventStore) -> None:
    """Put a group account, one of a person's, a colleague and a customer on the log."""
    await put(
        store,
        example(UserAdded),
        example(EmailAccountAdded, address="support@example.test", group=SUPPORT),
        example(
            EmailAccountAdded, account_id=OTHER_ACCOUNT, owner_id=USER, address="grace@example.test"
        ),
    )
    records = [{"type": "contact", "id": CONTACT}, {"type": "account", "id": COMPANY}]
    await put(store, *(example(RecordCreated, record=each) for each in records))
    await put(store, example(AddressAssigned))


def mail(number: int, subject: str = "The lamp", **changes: Any) -> MessageReceived:
    """Return a message of Ada's to the group, alone in its conversation."""
    usual = {"message_id": f"{number}@office.test", "subject": subject, "uid": number}
    return example(MessageReceived, **(usual | changes))


def answer(
    number: int, original: int, subject: str = "The lamp", **changes: Any
) -> MessageReceived:
    """Return an answer to another message."""
    named = {"references": [f"{original}@office.test"], "in_reply_to": f"{original}@office.test"}
    return mail(number, f"Re: {subject}", **(named | changes))
