"""What a search finds, from the events alone."""

import json
from typing import Any

from courrier.events.base import Event, RecordRef
from courrier.events.envelope import encode
from courrier.events.erasure.matching import comparable
from courrier.events.erasure.plan import Plan, Search, Seen, Target
from courrier.events.families.crm import AddressAssigned, RecordChanged, RecordCreated
from courrier.events.families.drafts import DraftSaved
from courrier.events.families.email import (
    AutoReplyPermitted,
    EmailErased,
    EmailImported,
    EmailShared,
)
from courrier.events.families.mailbox import MessageErased, MessageReceived, MessageReread
from courrier.events.families.outbound import SendRequested
from courrier.events.families.settings import UserAdded
from support.builders import ADA, COMPANY, CONTACT, EMAIL, KEY, ME, example, new_event

ADDRESS = "ada@example.test"
BLOB = "1" * 64
OTHER_BLOB = "2" * 64
OTHER = {"name": "Hal", "address": "hal@example.test"}


def seen(event: Event, sequence: int, **changes: Any) -> Seen:
    """Return an event as the scan shows it."""
    new = new_event(event, **changes)
    _, body = encode(new)
    stream = new.subject.partition(".")[0].upper()
    return Seen(stream, sequence, new.subject, event.TYPE, str(new.id), json.loads(body), body)


def plan_of(text: str, *events: Seen, with_records: bool = True) -> Plan:
    """Search these events until nothing new is found, stream by stream."""
    search = Search(Target(text), with_records=with_records)
    size = -1
    while search.size != size:
        size = search.size
        search.begin_pass()
        for stream in Search.STREAMS:
            for each in (event for event in events if event.stream == stream):
                search.show(each)
    return search.plan()


def received(sequence: int, **changes: Any) -> Seen:
    """Return a received message."""
    return seen(example(MessageReceived, uid=sequence, **changes), sequence)


def test_whoever_is_named_in_any_field_is_a_party() -> None:
    """From, To, Cc, Reply-To and Sender, in any case of letters."""
    to_her = {"from": OTHER, "to": [{"address": "ADA@Example.TEST"}]}
    plan = plan_of(
        ADDRESS,
        received(1),
        received(2, message_id="2@x", **to_her),
        received(3, message_id="3@x", **{"from": OTHER}, to=[ME], cc=[ADA]),
        received(4, message_id="4@x", **{"from": OTHER}, to=[ME], reply_to=[ADA]),
        received(5, message_id="5@x", **{"from": OTHER}, to=[ME]),
    )

    assert plan.received == (1, 2, 3, 4)


def test_newer_readings_go_with_their_message_and_it_with_them() -> None:
    """Somebody whom only the better parser found is a party to the message, too."""
    first = received(1, **{"from": OTHER}, to=[ME])
    better = seen(
        example(MessageReread, source_id=first.id, **{"from": OTHER}, to=[ME], cc=[ADA]), 2
    )
    of_another = seen(
        example(MessageReread, source_id="another", message_id="9@x", **{"from": OTHER}, to=[ME]), 3
    )

    plan = plan_of(ADDRESS, first, better, of_another)

    assert plan.received == (1, 2)


def test_an_email_is_found_by_its_messages_and_these_by_their_copies() -> None:
    """By the e-mail's id: its sources, and copies of which the log made no more of."""
    source = received(1)
    copy = received(7, folder="Archive")
    email = seen(example(EmailImported, source_id=source.id), 1)
    other = received(8, message_id="8@x")

    plan = plan_of(EMAIL, source, copy, other, email)

    assert (plan.emails, plan.received) == ((EMAIL,), (1, 7))
    assert plan.sequences == {"EMAIL": (1,), "MAILBOX": (1, 7)}


def test_whom_a_machine_may_answer_is_a_party_to_the_email() -> None:
    """The permission stands on a part of the e-mail's subject and leads to the e-mail."""
    permitted = seen(example(AutoReplyPermitted, recipient=ADA), 9)

    plan = plan_of(ADDRESS, permitted)

    assert (plan.emails, plan.sequences) == ((EMAIL,), {"EMAIL": (9,)})


def test_a_blind_copy_is_found_where_it_was_sent_from() -> None:
    """Bcc stands in OUTBOUND only, and leads to the whole e-mail."""
    sent = seen(example(SendRequested, to=[OTHER], bcc=[ADA]), 1)
    email = seen(example(EmailImported, **{"from": ME}, to=[OTHER]), 1)

    plan = plan_of(ADDRESS, sent, email)

    assert (plan.outbound, plan.emails) == ((EMAIL,), (EMAIL,))


def test_bytes_that_others_refer_to_are_kept() -> None:
    """Only what no event left over refers to is taken away."""
    mine = {"digest": BLOB, "size": 1}
    shared = {"digest": OTHER_BLOB, "size": 1}
    plan = plan_of(
        ADDRESS,
        received(1, raw=mine),
        received(2, raw=shared, message_id="2@x"),
        received(3, raw=shared, message_id="3@x", **{"from": OTHER}),
    )

    assert plan.blobs == (BLOB,)


def test_a_half_done_erasure_is_found_whatever_is_asked_for() -> None:
    """Tombstones lead to what should be gone, and to keys that the mailboxes do not know yet."""
    source = received(1)
    plan = plan_of(
        "nobody@example.test",
        source,
        seen(example(MessageErased, message_key="other", source_ids=[source.id]), 2),
        seen(example(EmailImported), 1),
        seen(example(EmailShared), 2),
        seen(example(EmailErased, message_key=KEY), 3),
    )

    assert plan.received == (1,)
    assert plan.sequences["EMAIL"] == (1, 2)
    assert plan.refusals == (KEY,)


def test_a_finished_erasure_leaves_nothing_to_do() -> None:
    """Tombstones alone are no work."""
    plan = plan_of(
        ADDRESS,
        seen(example(EmailErased, message_key=KEY), 3),
        seen(example(MessageErased, message_key=KEY, source_ids=["gone"]), 2),
    )

    assert plan.is_empty


def test_people_are_erased_and_companies_lose_the_address() -> None:
    """So does a person whose address it is no longer."""
    person = RecordRef(type="contact", id=CONTACT)
    company = RecordRef(type="account", id=COMPANY)
    former = RecordRef(type="lead", id="l" * 32)
    fields = {"name": "Ada", "email_addresses": [ADDRESS]}
    plan = plan_of(
        ADDRESS,
        seen(example(RecordCreated, record=person, fields=fields), 1),
        seen(example(RecordCreated, record=company, fields=fields), 2),
        seen(example(RecordCreated, record=former, fields=fields), 3),
        seen(example(RecordChanged, record=former, fields={"name": "Hal"}), 4),
        seen(example(AddressAssigned), 5),
    )

    assert {ref.id: whole for ref, whole in plan.records} == {
        CONTACT: True,
        COMPANY: False,
        "l" * 32: False,
    }
    assert len(plan.addresses) == 1


def test_records_are_kept_where_that_is_asked() -> None:
    """The mail goes, the customer stays."""
    assigned = seen(example(AddressAssigned), 1)

    plan = plan_of(ADDRESS, assigned, received(1), with_records=False)

    assert (plan.addresses, plan.records, plan.received) == ((), (), (1,))


def test_text_that_names_the_address_is_counted_and_stays() -> None:
    """It is somebody else's mail."""
    plan = plan_of(ADDRESS, received(1, **{"from": OTHER}, text=f"Ask {ADDRESS.upper()}."))

    assert (plan.mentions, plan.received) == (1, ())


def test_an_address_of_ours_is_told() -> None:
    """Nearly all mail of a colleague is other people's, too."""
    search = Search(Target("grace@example.test"))

    search.show(seen(example(UserAdded, email_addresses=["Grace@example.test"]), 1))

    assert len(search.ours) == 1


def test_addresses_are_compared_as_mail_servers_do() -> None:
    """Case, final dots and the two forms of a domain."""
    assert comparable("Ada@EXAMPLE.test.") == comparable("ada@example.test")
    assert comparable("ada@bücher.example") == comparable("ada@xn--bcher-kva.example")


def test_what_was_written_to_somebody_goes_with_its_texts_and_files() -> None:
    """Drafts name people, too; what two drafts share stays for the other one."""
    text, file = {"digest": BLOB, "size": 1}, {"digest": OTHER_BLOB, "size": 1}
    paper = {"id": "f1", "filename": "a", "content_type": "text/plain", "content": file}
    hers = example(DraftSaved, fields={"to": [ADA], "text": text, "files": [paper]})
    other = example(DraftSaved, email_id="9" * 32, fields={"to": [OTHER], "files": [paper]})

    plan = plan_of(ADDRESS, seen(hers, 1), seen(other, 2))

    assert ((EMAIL,), (BLOB,)) == (plan.outbound, plan.blobs)
    assert {"OUTBOUND": (1,)} == plan.sequences
