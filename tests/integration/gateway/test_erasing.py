"""Erasure in the gateway: rows go with the tombstone, as if the log had never held the rest."""

import random
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from nats.aio.client import Client

from courrier.events import subjects
from courrier.events.base import Event, RecordRef
from courrier.events.commands.answers import Done
from courrier.events.commands.erasing import EraseAddress, EraseRecord, NoteErasure
from courrier.events.families.crm import (
    AddressErased,
    RecordCreated,
    RecordErased,
    RecordFields,
)
from courrier.events.families.email import EmailErased, EmailImported
from courrier.events.families.mailbox import MessageErased
from courrier.events.families.outbound import OutboundErased
from courrier.events.families.settings import ErasureFinished, ErasureStarted
from courrier.events.identity import Identity
from courrier.events.jetstream.erase import JetStreamEraser
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.postgres.migrations import migrate
from courrier.events.postgres.pool import open_pool
from courrier.events.store import History
from courrier.gateway.adapters.jobs import PostgresJobs
from courrier.gateway.domain.record import CreateRecord
from courrier.gateway.handlers.erasing import Erasing
from courrier.gateway.handlers.facts import Cause
from courrier.gateway.handlers.records import RecordLog, load_record, write_record
from courrier.gateway.ports import NewJob
from support.builders import ADA, CONTACT, OWNER, example, recorded, subject_of

from .read_models import ReadModels, a_life, interleaved

pytestmark = pytest.mark.integration

ADDRESS = ADA["address"]
ERASED_EMAILS = 20
KEPT = (
    "INSERT INTO kept_answers (user_id, key, request, status, body) VALUES ('u', $1, '', 200, $2)"
)
KEPT_KEYS = "SELECT key FROM kept_answers ORDER BY key"


@pytest.fixture
async def models(database_url: str) -> AsyncIterator[ReadModels]:
    """Empty read models."""
    await migrate(database_url, package="courrier.gateway", schema="gateway")
    pool = await open_pool(database_url, name="test", service="gateway", size=3)
    yield ReadModels(pool)
    await pool.close()


@pytest.fixture
def log(store: JetStreamEventStore, identity: Identity) -> RecordLog:
    """Where records are written."""
    return RecordLog(store, identity)


@pytest.fixture
def erasing(log: RecordLog, client: Client) -> Erasing:
    """The handler under test."""
    return Erasing(log, JetStreamEraser(client), lambda: datetime.now(UTC))


def with_tombstones(life: Mapping[str, History]) -> Mapping[str, History]:
    """Return the streams after an erasure began: the tombstones stand, the rest is there still."""
    tombstones: dict[str, list[Event]] = {
        "EMAIL": [example(EmailErased, email_id=f"{n:032x}") for n in range(ERASED_EMAILS)],
        "MAILBOX": [example(MessageErased, source_ids=[str(n) for n in range(1, ERASED_EMAILS)])],
        "OUTBOUND": [example(OutboundErased)],
        "CRM": [example(RecordErased), example(AddressErased, address_key=_key_of(life))],
    }
    return {name: _longer(history, tombstones.get(name, [])) for name, history in life.items()}


def erased(life: Mapping[str, History]) -> Mapping[str, History]:
    """Return the streams once it is done: of what the tombstones speak of, nothing is left."""
    return {name: _without_erased(history) for name, history in life.items()}


def _key_of(life: Mapping[str, History]) -> str:
    return next(r.subject for r in life["CRM"] if ".address." in r.subject).rpartition(".")[2]


def _longer(history: History, events: list[Event]) -> History:
    start = len(history) + 1
    new = [recorded(e, sequence=n, id=f"{n}") for n, e in enumerate(events, start=start)]
    return [*history, *new]


def _without_erased(history: History) -> History:
    sources = {s for r in history if isinstance(r.event, MessageErased) for s in r.event.source_ids}
    last = {r.subject: r for r in history}
    tombstones = (EmailErased, OutboundErased, RecordErased, AddressErased)
    gone = {subject for subject, r in last.items() if isinstance(r.event, tombstones)}
    return [
        r
        for r in history
        if isinstance(r.event, tombstones) or (r.subject not in gone and r.id not in sources)
    ]


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_rebuild_of_the_erased_log_gives_the_rows_that_are_live(
    models: ReadModels, seed: int
) -> None:
    """Whatever the interleaving; counters included, and gaps in the sequences are no trouble."""
    life = with_tombstones(a_life(seed))
    await models.feed_all(interleaved(life, random.Random(seed)))
    live = await models.digest()
    assert await models.recount() == await models.counters()

    await models.empty()
    await models.feed_all(interleaved(erased(life), random.Random(seed + 1)))

    assert live == await models.digest()


async def test_a_folder_left_empty_is_as_one_never_used(models: ReadModels) -> None:
    """A rebuild would not know of it either."""
    await models.feed([recorded(example(EmailImported))])
    assert await models.counters()

    await models.feed([recorded(example(EmailErased), sequence=2)])

    assert [] == await models.counters() == await models.recount()


async def test_answers_kept_for_repeats_are_forgotten_with_what_they_told(
    models: ReadModels,
) -> None:
    """The others are kept: they are somebody's safety against doing things twice."""
    gone, kept = "1" * 32, "2" * 32
    await models.pool.execute(KEPT, "gone", f'{{"id": "{gone}"}}'.encode())
    await models.pool.execute(KEPT, "kept", f'{{"id": "{kept}"}}'.encode())

    await models.feed([recorded(example(EmailErased, email_id=gone))])

    assert ["kept"] == [row["key"] for row in await models.pool.fetch(KEPT_KEYS)]


async def test_lines_that_a_job_has_still_to_take_are_forgotten(models: ReadModels) -> None:
    """They may name whoever was erased; the job's owner is told, and nobody takes it up again."""
    jobs = PostgresJobs(models.pool)
    lines = b'{"external_id": "1", "email_addresses": ["ada@example.test"]}'
    order = {"type": "contact"}
    upsert = NewJob(id="u", user_id="a", kind="upsert-records", order=order, body=lines)
    await jobs.add(upsert)
    await jobs.add(NewJob(id="other", user_id="a", kind="import-message", order={}))

    await models.feed([recorded(example(EmailErased))])

    ended, other = await jobs.find("a", "u"), await jobs.find("a", "other")
    assert ended is not None
    assert other is not None
    assert ("failed", 1, "queued") == (ended.state, ended.error_count, other.state)
    assert await models.pool.fetchval("SELECT body FROM jobs WHERE job_id = 'u'") is None
    assert await jobs.claim(("upsert-records",)) is None


async def test_an_erased_record_leaves_its_tombstone_and_its_own_addresses_go(
    log: RecordLog, erasing: Erasing
) -> None:
    """An address that another record has too is released only; all of it may be repeated."""
    person = RecordRef(type="contact", id=CONTACT)
    other = RecordRef(type="lead", id="9" * 32)
    await _create(log, person, email_addresses=(ADDRESS, "shared@x.test"))
    await _create(log, other, email_addresses=("shared@x.test",))
    order = EraseRecord(command_id=uuid4(), record=person, actor="user:a")

    for _ in range(2):
        assert isinstance(await erasing.erase_record(order), Done)

    assert ["RecordErased"] == await _types(log, subject_of(example(RecordErased)))
    own, shared = (subjects.address(log.identity.address(a)) for a in (ADDRESS, "shared@x.test"))
    assert ["AddressErased"] == await _types(log, own)
    assert ["AddressAssigned", "AddressAssigned", "AddressReleased"] == await _types(log, shared)
    await _create(log, person, name="Anew")
    assert (await load_record(log.store, person)).fields == RecordFields(name="Anew")


async def test_a_company_keeps_all_but_the_address(log: RecordLog, erasing: Erasing) -> None:
    """It stands as if it had been created without it, at the time it was."""
    company = RecordRef(type="account", id="d" * 32)
    await _create(log, company, name="Acme", email_addresses=(ADDRESS, "acme@x.test"))
    before = await log.store.load(subjects.record("account", company.id))
    order = EraseRecord(command_id=uuid4(), record=company, address=ADDRESS, actor="user:a")

    for _ in range(2):
        await erasing.erase_record(order)

    (after,) = await log.store.load(subjects.record("account", company.id))
    assert isinstance(after.event, RecordCreated)
    assert after.event.fields == RecordFields(name="Acme", email_addresses=("acme@x.test",))
    assert (after.time, after.version) == (before[0].time, 1)


async def test_an_address_may_be_assigned_again(log: RecordLog, erasing: Erasing) -> None:
    """Erasing forgets; it does not forbid. Nothing known is nothing to erase."""
    key = log.identity.address(ADDRESS)
    order = EraseAddress(command_id=uuid4(), address_key=key, actor="user:a")
    assert await erasing.erase_address(order) == Done()
    await _create(log, RecordRef.model_validate(OWNER), email_addresses=(ADDRESS,))

    await erasing.erase_address(order)
    await _create(log, RecordRef(type="lead", id="9" * 32), email_addresses=(ADDRESS,))

    assert ["AddressErased", "AddressAssigned"] == await _types(log, subjects.address(key))


async def test_an_erasure_is_on_record_once(log: RecordLog, erasing: Erasing) -> None:
    """Begun and finished, however often it is resumed; the next one has its own pair."""
    for finished in (False, False, True, True, False):
        await erasing.note(
            NoteErasure(
                command_id=uuid4(),
                erasure_id="h" * 32,
                kind="address",
                counts={"emails": 1},
                finished=finished,
                actor="admin:root",
            )
        )

    history = await log.store.load(subjects.erasure("h" * 32))
    assert [ErasureStarted, ErasureFinished, ErasureStarted] == [type(r.event) for r in history]
    assert {"admin:root"} == {r.actor for r in history}


async def _create(log: RecordLog, ref: RecordRef, **fields: object) -> None:
    cause = Cause(uuid4(), "user:a", datetime.now(UTC))
    order = CreateRecord(ref, RecordFields.model_validate(fields))
    await write_record(log, ref, order, cause)


async def _types(log: RecordLog, subject: str) -> list[str]:
    return [type(r.event).__name__ for r in await log.store.load(subject)]
