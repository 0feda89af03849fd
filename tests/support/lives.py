"""A made-up but realistic log: what a few people, their accounts and their customers leave there.

Everything that the projections tell apart happens: every event type, threads, several holders,
reading and unreading, records renamed, addresses that change owners, accounts paused and removed,
deliveries with each end. ``seed`` decides all of it.
"""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

from courrier.events import subjects
from courrier.events.base import Event, derived_id
from courrier.events.envelope import NewEvent, Recorded
from courrier.events.families import crm, email, mailbox, outbound, settings
from courrier.events.store import History

from .builders import NOON, context, example, recorded, subject_of

PEOPLE = tuple(f"{n:032x}" for n in range(1, 5))
ACCOUNTS = tuple(f"{n:032x}" for n in range(0xA1, 0xA5))
CONTACTS = tuple(f"{n:032x}" for n in range(0xC1, 0xC9))
FOLDERS = ("inbox", "archive", "sent")
REASON = {"rule": "address", "field": "from", "value": "ada@example.test"}

Streams = Mapping[str, History]


@dataclass
class Life:
    """The streams as they grow; ``dice`` decides."""

    dice: random.Random
    streams: dict[str, list[Event]] = field(default_factory=dict)
    mails: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    numbers: "count[int]" = field(default_factory=count)

    def add(self, *events: Event) -> None:
        """Let these happen, in this order."""
        for event in events:
            stream = subjects.stream_of(subject_of(event))
            self.streams.setdefault(stream, []).append(event)

    def one_of(self, choices: Sequence[str]) -> str:
        """Choose."""
        return self.dice.choice(choices)


def streams_of(seed: int, mails: int = 40) -> Streams:
    """Return a log as a store would hold it, by stream, sequences from 1."""
    return {name: _recorded(name, events) for name, events in lived(seed, mails).items()}


def lived(seed: int, mails: int) -> Mapping[str, Sequence[Event]]:
    """Return what happened, by stream, in order."""
    life = Life(random.Random(seed))
    _set_up(life)
    for _ in range(mails):
        _mail(life)
        for chance, happens in (
            (0.5, _read),
            (0.3, _crm),
            (0.3, _send),
            (0.2, _trouble),
            (0.15, _erase),
        ):
            if life.dice.random() < chance:
                happens(life)
    return life.streams


def recorded_id(stream: str, number: int) -> str:
    """Return the id of the event that happened as ``number``th (from 1) on a stream."""
    return str(derived_id("life", stream, str(number)))


def appended(events: Iterable[Event], stream: str) -> list[NewEvent]:
    """Return events to append, in this order, to a stream that is empty before the first.

    Each expects the sequence of the last one on its subject, as it will be then.
    """
    versions: dict[str, int] = {}
    last: dict[str, int] = {}
    new = []
    for number, event in enumerate(events, start=1):
        subject = subject_of(event)
        versions[subject] = versions.get(subject, 0) + 1
        id_ = UUID(recorded_id(stream, number))
        at = context(time=NOON + timedelta(seconds=number))
        expected = last.get(subject, 0)
        new.append(NewEvent(subject, event, id_, versions[subject], at, expected))
        last[subject] = number
    return new


def batches(new: Sequence[NewEvent], size: int) -> Iterator[list[NewEvent]]:
    """Cut what is to be appended; in a batch, the first event of a subject guards the rest."""
    for start in range(0, len(new), size):
        seen: set[str] = set()
        batch = []
        for each in new[start : start + size]:
            batch.append(replace(each, expected=None) if each.subject in seen else each)
            seen.add(each.subject)
        yield batch


def cuts(history: History, dice: random.Random, most: int) -> list[History]:
    """Cut a stream into batches of chance sizes."""
    batches, rest = [], history
    while rest:
        size = dice.randint(1, most)
        batches.append(rest[:size])
        rest = rest[size:]
    return batches


def interleaved(streams: Streams, dice: random.Random, most: int = 9) -> Iterator[History]:
    """Yield the streams' batches in one of the orders in which they may be projected."""
    waiting = [cuts(history, dice, most) for history in streams.values()]
    while waiting := [batches for batches in waiting if batches]:
        yield dice.choice(waiting).pop(0)


def _recorded(stream: str, events: Sequence[Event]) -> History:
    found: list[Recorded[Event]] = []
    for sequence, new in enumerate(appended(events, stream), start=1):
        found.append(
            recorded(
                new.event,
                new.subject,
                sequence=sequence,
                id=str(new.id),
                version=new.version,
                time=new.context.time,
            )
        )
    return found


def _set_up(life: Life) -> None:
    for n, (person, account) in enumerate(zip(PEOPLE, ACCOUNTS, strict=True)):
        address = f"person{n}@example.test"
        life.add(
            example(
                settings.UserAdded,
                user_id=person,
                login=f"person{n}",
                email_addresses=[address, "shared@example.test"],
            ),
            example(settings.PasswordSet, user_id=person),
            example(settings.TokenIssued, token_id=f"{n:032x}", user_id=person, digest=f"{n:064x}"),
            example(
                settings.EmailAccountAdded, account_id=account, owner_id=person, address=address
            ),
        )
    for n, contact in enumerate(CONTACTS):
        owner = {"type": "contact", "id": contact}
        life.add(
            example(crm.RecordCreated, record=owner, fields={"name": f"Contact {n}"}),
            example(crm.AddressAssigned, address=f"c{n}@customer.test", owner=owner),
        )


def _mail(life: Life) -> None:
    number = next(life.numbers)
    email_id = f"{0xE0000 + number:032x}"
    account = life.one_of(ACCOUNTS)
    life.mails.append(email_id)
    sender = {"name": "Ada", "address": f"c{life.dice.randrange(8)}@customer.test"}
    life.add(
        example(
            mailbox.MessageReceived,
            account_id=account,
            uid=number + 1,
            message_id=f"{number}@customer.test",
            text=f"text {number}",
            **{"from": sender},
        ),
        example(mailbox.FolderAdvanced, account_id=account, received=1),
    )
    holders = life.dice.sample(PEOPLE, life.dice.randint(0, 3))
    links = life.dice.sample(CONTACTS, life.dice.randint(0, 2))
    life.add(
        example(
            email.EmailImported,
            email_id=email_id,
            source_id=recorded_id("MAILBOX", len(life.streams["MAILBOX"]) - 1),
            account_id=account,
            thread_id=f"{0x70000 + life.dice.randrange(1 + number // 2):032x}",
            message_id=f"{number}@customer.test",
            subject=f"Question {number}",
            date=NOON + timedelta(minutes=life.dice.randrange(10_000)),
            holdings=[_holding(life, holder) for holder in holders],
            links=[_link(contact, parent=n == 0) for n, contact in enumerate(links)],
        )
    )
    if life.dice.random() < 0.3:
        holding = _holding(life, life.one_of(PEOPLE))
        shared = life.one_of(life.mails)
        life.add(example(email.EmailShared, email_id=shared, holdings=[holding]))


def _read(life: Life) -> None:
    for _ in range(life.dice.randint(1, 3)):
        kind = life.dice.choice((email.EmailMarkedRead, email.EmailMarkedUnread))
        email_id, person = life.one_of(life.mails), life.one_of(PEOPLE)
        life.add(example(kind, email_id=email_id, person_id=person))


def _crm(life: Life) -> None:
    owner = {"type": "contact", "id": life.one_of(CONTACTS)}
    address = f"c{life.dice.randrange(8)}@customer.test"
    happens: list[Event] = [
        example(
            crm.RecordChanged,
            record=owner,
            fields={"name": f"Name {life.dice.random()}", "assigned_user_id": life.one_of(PEOPLE)},
        ),
        example(
            crm.AddressAssigned, address=address, owner=owner, account_id=life.one_of(CONTACTS)
        ),
        example(crm.AddressReleased, address=address, owner=owner),
        example(crm.RecordRemoved, record=owner),
        example(crm.RecordsMerged, record=owner, merged=[life.one_of(CONTACTS)]),
        example(crm.RecordReplaced, record=owner),
        example(crm.CaseOpened, record=owner),
    ]
    life.add(life.dice.choice(happens))


def _send(life: Life) -> None:
    email_id = f"{0x50000 + next(life.numbers):032x}"
    life.sent.append(email_id)
    written = {
        "email_id": email_id,
        "author_id": life.one_of(PEOPLE),
        "account_id": life.one_of(ACCOUNTS),
        "message_id": f"{email_id}.sig@example.test",
    }
    attempt = {"email_id": email_id, "attempt": 1}
    life.add(
        example(outbound.SendRequested, **written), example(outbound.DeliveryStarted, **attempt)
    )
    ends: list[list[Event]] = [
        [example(outbound.MessageSent, attempt=1, **written)],
        [example(outbound.DeliveryFailed, **attempt)],
        [example(outbound.DeliveryBecameUncertain, **attempt)],
        [
            example(outbound.DeliveryDeferred, **attempt),
            example(outbound.DeliveryStarted, **(attempt | {"attempt": 2})),
            example(outbound.MessageSent, attempt=2, **written),
        ],
        [],
    ]
    life.add(*life.dice.choice(ends))


def _trouble(life: Life) -> None:
    account = life.one_of(ACCOUNTS)
    happens: list[list[Event]] = [
        [example(mailbox.FetchingFailed, account_id=account)],
        [example(mailbox.FetchingRecovered, account_id=account)],
        [example(mailbox.FetchingSuspended, account_id=account)],
        [example(mailbox.FetchingResumed, account_id=account)],
        [example(settings.EmailAccountPaused, account_id=account)],
        [example(settings.EmailAccountResumed, account_id=account)],
        [example(settings.EmailAccountRemoved, account_id=account)],
        [
            example(
                settings.TokenRevoked,
                token_id=f"{life.dice.randrange(4):032x}",
                user_id=life.one_of(PEOPLE),
            )
        ],
    ]
    life.add(*life.dice.choice(happens))


def _erase(life: Life) -> None:
    """Erase what may come up again: later events about it find nothing, and make nothing of it."""
    happens: list[Event] = [
        example(email.EmailErased, email_id=life.one_of(life.mails)),
        example(
            mailbox.MessageErased,
            source_ids=[recorded_id("MAILBOX", 1 + 2 * life.dice.randrange(len(life.mails)))],
        ),
        example(crm.RecordErased, record={"type": "contact", "id": life.one_of(CONTACTS)}),
        example(
            crm.AddressErased,
            address_key=derived_id(f"c{life.dice.randrange(8)}@customer.test").hex,
        ),
    ]
    if life.sent:
        happens.append(example(outbound.OutboundErased, email_id=life.one_of(life.sent)))
    life.add(life.dice.choice(happens))


def _holding(life: Life, holder: str) -> dict[str, Any]:
    return {
        "holder_id": holder,
        "folder": life.one_of(FOLDERS),
        "is_read": life.dice.random() < 0.3,
        "reason": REASON,
    }


def _link(contact: str, *, parent: bool) -> dict[str, Any]:
    return {"record": {"type": "contact", "id": contact}, "parent": parent, "reason": REASON}
