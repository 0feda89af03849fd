"""A record made from an e-mail: prefilled, and once for an order."""

from itertools import count
from uuid import UUID

import pytest

from courrier.events.base import Mailbox, RecordRef
from courrier.events.families.crm import FileOfEmail, RecordCreated, RecordFields
from courrier.events.identity import Identity
from courrier.events.memory import MemoryEventStore
from courrier.gateway.domain.conversion import Original, converted
from courrier.gateway.domain.refusals import Unfit
from courrier.gateway.handlers.converting import convert, converted_ref
from courrier.gateway.handlers.facts import Cause
from courrier.gateway.handlers.records import RecordLog
from support.builders import COMPANY, CONTACT, EMAIL, NOON, example, new_event
from support.crashing import live, stepping

FILES = (FileOfEmail(email_id=EMAIL, number=1, content_type="image/png", size=3),)
ACME = RecordRef(type="account", id=COMPANY)
ADA = RecordRef(type="contact", id=CONTACT)
ORIGINAL = Original(
    email_id=EMAIL,
    subject="  A  lamp ",
    sent_from=Mailbox(name="Ada King Lovelace", address="ada@x.test"),
    links=(ACME, ADA),
    files=FILES,
)
CAUSE = Cause(UUID(int=7), "user:1", NOON)


def test_a_person_is_whoever_would_be_answered() -> None:
    """With the name's last word as last name, of the e-mail's account; what is given wins."""
    lead = converted("lead", ORIGINAL, {"last_name": "L."})
    contact = converted("contact", ORIGINAL, {})

    assert lead == RecordFields(
        first_name="Ada King", last_name="L.", email_addresses=("ada@x.test",), email_id=EMAIL
    )
    assert (contact.last_name, contact.account_id) == ("Lovelace", COMPANY)


@pytest.mark.parametrize(
    ("sent_from", "reply_to", "expected"),
    [
        (Mailbox(name="Ada", address="a@x.test"), (), (None, "Ada", ("a@x.test",))),
        (Mailbox(address="a@x.test"), (), (None, "a", ("a@x.test",))),
        (
            Mailbox(name="Ada L", address="a@x.test"),
            (Mailbox(address="b@x.test"), Mailbox(address="c@x.test")),
            ("Ada", "L", ("b@x.test",)),
        ),
        (None, (), (None, None, ())),
    ],
)
def test_any_sender_is_a_person(
    sent_from: Mailbox | None,
    reply_to: tuple[Mailbox, ...],
    expected: tuple[str | None, str | None, tuple[str, ...]],
) -> None:
    """The first Reply-To before From; an address is better than no name."""
    original = Original(email_id=EMAIL, subject=None, sent_from=sent_from, reply_to=reply_to)

    lead = converted("lead", original, {})

    assert expected == (lead.first_name, lead.last_name, lead.email_addresses)


def test_an_affair_takes_subject_relations_and_files() -> None:
    """A case of the account and the contact, a task about the parent."""
    case = converted("case", ORIGINAL, {})
    task = converted("task", ORIGINAL, {"name": "Call"})

    assert case == RecordFields(
        name="A lamp", account_id=COMPANY, contact_ids=(CONTACT,), files=FILES, email_id=EMAIL
    )
    assert task == RecordFields(name="Call", parent=ACME, files=FILES, email_id=EMAIL)


async def a_log() -> MemoryEventStore:
    """A log with the account and the contact."""
    store = MemoryEventStore()
    for ref in (ACME, ADA):
        await store.append([new_event(example(RecordCreated, record=ref))])
    return store


@pytest.mark.parametrize("kind", ["lead", "contact", "case", "task"])
async def test_an_order_makes_one_record_wherever_the_process_dies(kind: str) -> None:
    """Whoever repeats it means the same one."""
    for step in count(1):
        store = await a_log()

        async def order(port: MemoryEventStore) -> None:
            await convert(RecordLog(port, Identity(b"k" * 32)), kind, ORIGINAL, {}, CAUSE)

        survived = await live(lambda s=store: order(stepping(s)), dies_at=step)  # type: ignore[misc]
        await order(store)
        await order(store)
        refs = []
        async for batch in store.follow("CRM"):
            refs = [r.event.record for r in batch if isinstance(r.event, RecordCreated)]
            break
        assert [ACME, ADA, converted_ref(kind, CAUSE.command_id)] == refs, step
        if survived:
            break

    assert step > 5


async def test_an_email_becomes_only_what_it_can() -> None:
    """The pointer says that the kind is wrong."""
    log = RecordLog(await a_log(), Identity(b"k" * 32))

    with pytest.raises(Unfit) as caught:
        await convert(log, "account", ORIGINAL, {}, CAUSE)

    assert caught.value.pointer == "/to"
