"""A read model under test: every stream's projections over one database, fed batch by batch."""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from courrier.events.base import Event
from courrier.events.families.crm import (
    AddressAssigned,
    AddressReleased,
    CaseOpened,
    RecordChanged,
    RecordCreated,
    RecordRemoved,
    RecordReplaced,
    RecordsMerged,
)
from courrier.events.families.email import (
    EmailImported,
    EmailLinked,
    EmailMarkedRead,
    EmailMarkedUnread,
    EmailShared,
    ThreadsJoined,
)
from courrier.events.families.email_state import (
    EmailArchived,
    EmailFiled,
    EmailGivenUp,
    EmailMarkedImportant,
    EmailMarkedUnimportant,
    EmailRestored,
    EmailSnoozed,
    EmailTrashed,
    EmailWoken,
)
from courrier.events.families.mailbox import (
    FetchingFailed,
    FetchingRecovered,
    FolderAdvanced,
    MessageReceived,
)
from courrier.events.families.outbound import (
    DeliveryDeferred,
    DeliveryStarted,
    MessageSent,
    SendRequested,
)
from courrier.events.families.settings import (
    EmailAccountAdded,
    TokenIssued,
    TokenRevoked,
    UserAdded,
)
from courrier.events.postgres.pool import Pool
from courrier.events.postgres.projector import Projector
from courrier.events.store import History
from courrier.gateway.domain.access import Reach
from courrier.gateway.domain.cursors import FIRST_PAGE, Place
from courrier.gateway.projections import email_pages, positions
from courrier.gateway.projections.every import TABLES, projections_of
from support.builders import CONTACT, REASON, USER, example, recorded

PEOPLE = (USER, "1" * 32, "2" * 32)
TEAMS = ("8" * 32, "9" * 32)
FOLDERS = ("inbox", "archive", "sent")
STATES: tuple[type[Event], ...] = (
    EmailMarkedRead,
    EmailMarkedUnread,
    EmailMarkedImportant,
    EmailMarkedUnimportant,
    EmailFiled,
    EmailArchived,
    EmailTrashed,
    EmailRestored,
    EmailGivenUp,
    EmailSnoozed,
    EmailWoken,
)
TWIN = {"type": "contact", "id": "3" * 32}
A_CASE = {"type": "case", "id": CONTACT}
RECOUNT = """
    SELECT holder_id, place, count(*) AS total, count(*) FILTER (WHERE NOT is_read) AS unread
      FROM (SELECT holder_id, folder AS place, is_read FROM gateway.email_holders
            UNION ALL
            SELECT holder_id, 'important', is_read FROM gateway.email_holders
             WHERE is_important AND folder NOT IN ('trash', 'junk')) AS placed
     GROUP BY 1, 2 ORDER BY 1, 2
"""
DIGEST = "SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM gateway.{table} t"
COUNTERS = """
    SELECT holder_id, folder, total, unread FROM gateway.folder_counters ORDER BY 1, 2
"""


@dataclass
class ReadModels:
    """The projections of all streams, each at its own checkpoint."""

    pool: Pool

    async def feed(self, batch: History) -> None:
        """Project one batch of one stream, as the service does."""
        checkpoint = positions.checkpoint_of(batch[0].stream)
        async with self.pool.acquire() as db:
            seen = await checkpoint.read(db)
        projector = Projector(self.pool, checkpoint, projections_of(batch[0].stream))
        await projector.apply(batch, seen)

    async def feed_all(self, batches: Iterable[History]) -> None:
        """Project these batches one after the other."""
        for batch in batches:
            await self.feed(batch)

    async def forget_positions(self) -> None:
        """Make every stream start anew over the rows there are."""
        await self.pool.execute("DELETE FROM gateway.checkpoints")

    async def empty(self) -> None:
        """Throw all rows away, and the positions."""
        for table in (table for tables in TABLES.values() for table in tables):
            await self.pool.execute(f"TRUNCATE gateway.{table}")
        await self.forget_positions()

    async def digest(self) -> dict[str, str]:
        """Return a digest of each table's rows, whatever their order."""
        found = {}
        for table in (table for tables in TABLES.values() for table in tables):
            found[table] = str(await self.pool.fetchval(DIGEST.format(table=table)))
        return found

    async def counters(self) -> list[tuple[Any, ...]]:
        """Return the counters as kept."""
        return [tuple(row) for row in await self.pool.fetch(COUNTERS)]

    async def listed(self, reach: Reach) -> dict[str, tuple[int, int]]:
        """Return total and unread of a person's folders as their lists show them."""
        found = {}
        for folder in (*FOLDERS, "important", "trash", "snoozed"):
            place = Place(FIRST_PAGE, 1000)
            every = await email_pages.in_folder(self.pool, reach, folder, place)
            unread = await email_pages.in_folder(self.pool, reach, folder, place, unread=True)
            assert len(every) == len({each.id for each in every})
            if every:
                found[folder] = (len(every), len(unread))
        return found

    async def recount(self) -> list[tuple[Any, ...]]:
        """Return the counters as counted anew."""
        return [tuple(row) for row in await self.pool.fetch(RECOUNT)]


def a_life(seed: int, emails: int = 60) -> Mapping[str, History]:
    """Return made-up streams: mail comes, is shared, read and unread; and what goes with it."""
    dice = random.Random(seed)
    streams = {
        "EMAIL": _emails(dice, emails),
        "MAILBOX": _mailbox(emails),
        "CRM": _crm(),
        "SETTINGS": _settings(),
        "OUTBOUND": _outbound(),
    }
    return {name: _numbered(events) for name, events in streams.items()}


def batches_of(history: History, dice: random.Random) -> list[History]:
    """Cut a stream into batches of chance sizes."""
    batches = []
    rest = history
    while rest:
        size = dice.randint(1, 9)
        batches.append(rest[:size])
        rest = rest[size:]
    return batches


def interleaved(streams: Mapping[str, History], dice: random.Random) -> list[History]:
    """Return the streams' batches in one of the orders in which they may be projected."""
    waiting = [batches_of(history, dice) for history in streams.values()]
    order = []
    while waiting := [batches for batches in waiting if batches]:
        order.append(dice.choice(waiting).pop(0))
    return order


def _numbered(events: Sequence[Event]) -> History:
    return [recorded(event, sequence=n, id=f"{n}") for n, event in enumerate(events, start=1)]


def _emails(dice: random.Random, count: int) -> list[Event]:
    events: list[Event] = []
    known: list[str] = []
    for number in range(count):
        email_id = f"{number:032x}"
        known.append(email_id)
        holders = dice.sample((*PEOPLE, *TEAMS), dice.randint(1, 4))
        holdings = [_holding(holder, dice) for holder in holders]
        thread_id = f"t{dice.randrange(8)}"
        said = {"source_id": str(number), "thread_id": thread_id, "holdings": holdings}
        events.append(example(EmailImported, email_id=email_id, **said))
        events += [_later(dice, dice.choice(known)) for _ in range(dice.randint(0, 3))]
    return events


def _later(dice: random.Random, email_id: str) -> Event:
    person = dice.choice(PEOPLE)
    if dice.random() < 0.1:
        joined = dice.randrange(1, 8)
        thread_id = f"t{dice.randrange(joined)}"
        return example(ThreadsJoined, joined=f"t{joined}", thread_id=thread_id)
    if dice.random() < 0.2:
        link = {"record": A_CASE, "parent": dice.random() < 0.5, "reason": REASON}
        return example(EmailLinked, email_id=email_id, links=dice.choice(([], [link])))
    if dice.random() < 0.3:
        holder = dice.choice((*PEOPLE, *TEAMS))
        return example(EmailShared, email_id=email_id, holdings=[_holding(holder, dice)])
    kind = dice.choice(STATES)
    fields = {"folder": dice.choice(FOLDERS)} if "folder" in kind.model_fields else {}
    return example(kind, email_id=email_id, person_id=person, **fields)


def _holding(holder: str, dice: random.Random) -> dict[str, Any]:
    folder, is_read = dice.choice(FOLDERS), dice.random() < 0.3
    marks = {"is_read": is_read, "is_important": dice.random() < 0.2}
    kind = "group" if holder in TEAMS else "user"
    return {"holder_type": kind, "holder_id": holder, "folder": folder, "reason": REASON} | marks


def _mailbox(count: int) -> list[Event]:
    received = [example(MessageReceived, uid=uid + 1) for uid in range(count)]
    advanced = [example(FolderAdvanced, received=uid) for uid in range(5)]
    return [*received, *advanced, example(FetchingFailed), example(FetchingRecovered)]


def _crm() -> list[Event]:
    return [
        example(RecordCreated),
        example(AddressAssigned),
        example(RecordChanged),
        example(AddressReleased),
        example(AddressAssigned, address="ada@other.test"),
        example(RecordCreated, record=TWIN),
        example(RecordReplaced, record=TWIN, by={"type": "contact", "id": CONTACT}),
        example(RecordsMerged, merged=[TWIN["id"]]),
        example(CaseOpened),
        example(RecordCreated, record=A_CASE, fields={"name": "Lamp", "number": 1}),
        example(RecordRemoved, record=A_CASE),
        example(RecordCreated, record=A_CASE, fields={"name": "Lamp", "contact_ids": [CONTACT]}),
    ]


def _settings() -> list[Event]:
    return [
        example(UserAdded),
        example(TokenIssued),
        example(EmailAccountAdded),
        example(TokenRevoked),
    ]


def _outbound() -> list[Event]:
    return [
        example(SendRequested),
        example(DeliveryStarted),
        example(DeliveryDeferred),
        example(DeliveryStarted, attempt=2),
        example(MessageSent, attempt=2),
    ]
