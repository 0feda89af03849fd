"""E-mail to case: once, with a number and a person, wherever the process dies."""

from collections.abc import Sequence
from itertools import count
from typing import Any

import pytest

from courrier.events.base import Event, RecordRef
from courrier.events.envelope import Recorded
from courrier.events.families.crm import CaseOpened, RecordCreated, RecordRemoved
from courrier.events.families.email import CaseRequested, EmailErased, EmailImported
from courrier.events.families.settings import EmailAccountAdded
from courrier.events.identity import Identity
from courrier.events.memory import MemoryEventStore
from courrier.events.store import History
from courrier.gateway.domain.record_fields import is_closed
from courrier.gateway.handlers.opening_cases import CaseOpening
from courrier.gateway.handlers.records import RecordLog
from support.builders import COMPANY, CONTACT, REASON, THREAD, USER, example, new_event
from support.crashing import live, stepping

TEAM = ("1" * 32, "2" * 32, "3" * 32)
EMAILS = tuple(f"{n:032x}" for n in range(1, 5))
LINKS = [
    {"record": {"type": "account", "id": COMPANY}, "parent": True, "reason": REASON},
    {"record": {"type": "contact", "id": CONTACT}, "reason": REASON},
]


class Roster:
    """``Duties`` of one team, which counts cases on the log."""

    def __init__(self, store: MemoryEventStore) -> None:
        self._store = store

    async def members(self, _: str, position: str | None = None) -> tuple[str, ...]:
        """All of it is there; the last one alone is an expert."""
        return TEAM[-1:] if position == "Expert" else TEAM

    async def is_active(self, user_id: str) -> bool:
        """Only our user may use Courrier."""
        return user_id == USER

    async def open_cases(self, user_ids: Sequence[str], *, after: int) -> dict[str, int]:
        """Count what the log has."""
        assert after <= await self._store.end("CRM")
        cases = [r.event.fields for r in await log_of(self._store) if _is_case(r.event)]
        mine = [f.assigned_user_id for f in cases if not is_closed("case", f.status)]
        return {user_id: mine.count(user_id) for user_id in user_ids}


def _is_case(event: Event) -> bool:
    return isinstance(event, RecordCreated) and event.record.type == "case"


async def log_of(store: MemoryEventStore, stream: str = "CRM") -> list[Recorded[Any]]:
    """All of a stream."""
    async for batch in store.follow(stream):
        return batch
    raise AssertionError("it goes on for ever")


async def asked_for(distribution: str, **group: Any) -> MemoryEventStore:
    """A log with a group account, four e-mails to it, and a request for a case each."""
    store = MemoryEventStore()
    options = {"distribution": distribution, "case_team_id": THREAD} | group
    await store.append([new_event(example(EmailAccountAdded, group=options))])
    for kind, record_id in (("account", COMPANY), ("contact", CONTACT)):
        ref = {"type": kind, "id": record_id}
        await store.append([new_event(example(RecordCreated, record=ref))])
    for email_id in EMAILS:
        imported = example(EmailImported, email_id=email_id, links=LINKS, subject=" A  lamp ")
        await store.append([new_event(imported)])
        await store.append([new_event(example(CaseRequested, email_id=email_id))])
    return store


async def open_all(store: MemoryEventStore) -> None:
    """What a process does that knows nothing of what was done before."""
    opening = CaseOpening(RecordLog(store, Identity(b"k" * 32)), Roster(store))
    for recorded in await log_of(store, "EMAIL"):
        if isinstance(recorded.event, CaseRequested):
            await opening.open(recorded)


def opened(history: History) -> list[CaseOpened]:
    """The cases that were opened."""
    return [each.event for each in history if isinstance(each.event, CaseOpened)]


@pytest.mark.parametrize(
    ("distribution", "expected"),
    [
        ("none", [None] * 4),
        ("direct", [USER] * 4),
        ("round_robin", [*TEAM, TEAM[0]]),
        ("least_busy", [*TEAM, TEAM[0]]),
    ],
)
async def test_each_request_opens_one_case(distribution: str, expected: list[str | None]) -> None:
    """With the next number, the person whose turn it is, and what the e-mail is linked to."""
    store = await asked_for(distribution, assigned_user_id=USER)

    await open_all(store)
    history = await log_of(store)

    assert expected == [each.assigned_user_id for each in opened(history)]
    assert [1, 2, 3, 4] == [each.number for each in opened(history)]
    created = [each.event.fields for each in history if _is_case(each.event)]
    assert ["A lamp"] * 4 == [fields.name for fields in created]
    assert EMAILS == tuple(fields.email_id for fields in created)
    assert {(COMPANY, (CONTACT,))} == {(f.account_id, f.contact_ids) for f in created}


@pytest.mark.parametrize("distribution", ["round_robin", "least_busy"])
async def test_a_case_is_opened_once_wherever_the_process_dies(distribution: str) -> None:
    """At each await there is: the same facts in the end, and whoever begins anew adds none."""
    whole = await asked_for(distribution)
    await open_all(whole)
    expected = [(each.id, each.event) for each in await log_of(whole)]
    for step in count(1):
        store = await asked_for(distribution)
        survived = await live(lambda s=store: open_all(stepping(s)), dies_at=step)  # type: ignore[misc]
        await open_all(store)
        await open_all(store)
        assert expected == [(each.id, each.event) for each in await log_of(store)], step
        if survived:
            break

    assert step > 50


async def test_cases_are_given_out_within_a_position() -> None:
    """Where the account says so."""
    store = await asked_for("round_robin", target_position="Expert")

    await open_all(store)

    assert [TEAM[-1]] * 4 == [each.assigned_user_id for each in opened(await log_of(store))]


async def test_an_erased_email_opens_nothing() -> None:
    """Nobody is to work on what nobody may know."""
    store = await asked_for("none")
    await store.append([new_event(example(EmailErased, email_id=EMAILS[0]))])

    await open_all(store)

    assert EMAILS[1:] == tuple(each.email_id for each in opened(await log_of(store)))


async def test_a_case_names_nobody_who_is_gone() -> None:
    """The contact was removed since the e-mail was linked to it."""
    store = await asked_for("none")
    ref = RecordRef(type="contact", id=CONTACT)
    await store.append([new_event(RecordRemoved(record=ref), version=2)])

    await open_all(store)
    created = [each.event.fields for each in await log_of(store) if _is_case(each.event)]

    assert {(COMPANY, ())} == {(fields.account_id, fields.contact_ids) for fields in created}
