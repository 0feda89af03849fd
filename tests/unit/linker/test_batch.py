"""A batch of messages, each seeing what was decided before it."""

from datetime import timedelta

import pytest

from courrier.events.families.email import EmailImported
from courrier.linker.domain.known import KnownEmail, Owner
from support.builders import NOON, USER
from unit.linker.arriving import (
    ADA,
    COMPANY,
    CONTACT,
    IDENTITY,
    LEAD,
    OTHER_ACCOUNT,
    OTHER_USER,
    facts,
    holders,
    imported,
    mailbox,
    received,
    sent,
    shared,
    signed,
    world,
)


def test_a_message_becomes_an_e_mail() -> None:
    """What people see of it stands in one fact, with its reasons."""
    source = received(text="  Hello\n\tGrace,  how are you?", auto_reply=True, attachment_count=2)

    (fact,) = imported(source)

    assert (fact.status, fact.source_id) == ("archived", source.id)
    assert (fact.snippet, fact.subject) == ("Hello Grace, how are you?", "Question")
    assert (fact.auto_reply, fact.attachment_count, fact.date) == (True, 2, NOON)
    assert [link.record for link in fact.links if link.parent] == [COMPANY]
    assert [(h.holder_id, h.folder) for h in fact.holdings] == [(USER, "inbox")]


def test_a_snippet_shows_what_is_new() -> None:
    """A list of answers is no list of quotations; a message of quotations alone shows them."""
    quoted = "On Tue, 17 Nov 2026 09:15:00 +0000, Ada wrote:\n> Is it ready?\n"
    (answer,) = imported(received(text=f"It is.\n\n{quoted}"))
    (bare,) = imported(received(text=quoted))

    assert "It is." == answer.snippet
    assert bare.snippet.startswith("On Tue")


def test_a_snippet_is_short_however_long_the_text() -> None:
    """Lists show a line."""
    (fact,) = imported(received(text="word " * 5000))

    assert len(fact.snippet) <= 200


def test_a_message_without_date_is_dated_by_its_arrival() -> None:
    """At the server, else here."""
    at_server = NOON - timedelta(hours=1)

    with_server, without = imported(
        received(message_id="a@x", date=None, received_at=at_server),
        received(message_id="b@x", date=None, received_at=None),
    )

    assert (with_server.date, without.date) == (at_server, NOON)


def test_a_sent_message_is_filed_in_the_thread_and_at_the_record_of_its_original() -> None:
    """Status sent, from the draft's id on."""
    original = received(message_id="q@x", subject="Question")
    reply = sent(replies_to=IDENTITY.email_of("q@x"), subject="Re: Question")

    question, answer = imported(original, reply)

    assert (answer.status, answer.email_id) == ("sent", "5" * 32)
    assert (answer.thread_id, answer.replies_to) == (question.thread_id, question.email_id)
    assert [link.reason.rule for link in answer.links] == ["parent-of-answered", "contact-address"]


def test_an_earlier_message_of_the_batch_is_known_to_a_later_one() -> None:
    """Thread and record are found without any look-up."""
    first = received(message_id="1@x", subject="Offer")
    answer = received(
        message_id="2@x",
        subject="Re: Offer",
        in_reply_to="1@x",
        date=NOON + timedelta(minutes=5),
        **{"from": mailbox("unknown@example.test")},
    )

    one, two = imported(first, answer)

    assert two.thread_id == one.thread_id
    assert two.replies_to == one.email_id
    assert [(link.record, link.reason.rule) for link in two.links] == [(COMPANY, "parent-of-named")]


def test_one_message_in_two_mailboxes_is_one_e_mail_with_two_holders() -> None:
    """De-duplication is by Message-ID."""
    copies = (received(), received(account_id=OTHER_ACCOUNT))

    assert holders(facts(*copies)) == {
        IDENTITY.email_of("1@example.test"): {f"user:{USER}", f"user:{OTHER_USER}"}
    }
    assert len(imported(*copies)) == len(shared(*copies)) == 1


def test_two_copies_in_one_mailbox_are_one() -> None:
    """Inbox and another folder of the same person."""
    assert len(facts(received(), received(folder="Other", uid=9))) == 1


def test_a_reused_message_id_does_not_open_the_first_one_s_e_mail() -> None:
    """A different message under a known id is an e-mail of its own: a header lets nobody in."""
    secret = received(subject="Secret")
    forged = received(
        account_id=OTHER_ACCOUNT, subject="Hello", **{"from": mailbox("eve@example.test")}
    )

    first, second = imported(secret, forged)

    assert first.email_id != second.email_id
    assert first.thread_id != second.thread_id
    assert [h.holder_id for h in first.holdings] == [USER]
    assert [h.holder_id for h in second.holdings] == [OTHER_USER]


def test_a_reused_message_id_with_the_same_subject_does_not_join_the_thread() -> None:
    """Nor does it get the thread's record."""
    forged = received(account_id=OTHER_ACCOUNT, **{"from": mailbox("eve@example.test")})

    first, second = imported(received(), forged)

    assert first.thread_id != second.thread_id
    assert second.links == ()


def test_references_to_another_customer_s_thread_move_no_record() -> None:
    """Who is known as another customer is linked to who they are; nothing of the others' moves."""
    owners = {ADA: (Owner(CONTACT, COMPANY.id),), "eve@example.test": (Owner(LEAD),)}
    theirs = received(message_id="1@x", subject="Offer")
    forged = received(
        message_id="2@x",
        subject="Re: Offer",
        references=("1@x",),
        date=NOON + timedelta(hours=1),
        **{"from": mailbox("eve@example.test")},
    )
    answer = received(
        message_id="3@x", subject="Re: Offer", references=("1@x",), date=NOON + timedelta(hours=2)
    )

    found = imported(theirs, forged, answer, known=world(owners=owners))

    assert [COMPANY, LEAD, COMPANY] == [
        link.record for fact in found for link in fact.links if link.parent
    ]


def test_the_imposter_s_copies_are_one_too() -> None:
    """Its id follows from its fingerprint."""
    eve = {"from": mailbox("eve@example.test")}

    found = facts(received(), received(**eve), received(account_id=OTHER_ACCOUNT, **eve))

    assert len(holders(found)) == 2


def test_a_copy_from_the_sent_folder_is_the_e_mail_that_was_sent() -> None:
    """Whichever comes first; its author has it already."""
    copy = received(
        message_id=signed("5" * 32),
        special_use="\\Sent",
        subject="Offer",
        **{"from": mailbox("grace@example.test"), "to": [mailbox(ADA)]},
    )

    for both in ((sent(), copy), (copy, sent())):
        (fact,) = facts(*both)
        assert isinstance(fact, EmailImported)
        assert (fact.email_id, fact.status) == ("5" * 32, "sent")
        assert [h.folder for h in fact.holdings] == ["sent"]


def test_a_colleague_who_receives_what_was_sent_here_holds_the_same_e_mail() -> None:
    """One e-mail: in the author's sent folder and in the colleague's inbox."""
    theirs = received(
        message_id=signed("5" * 32),
        account_id=OTHER_ACCOUNT,
        subject="Offer",
        **{"from": mailbox("grace@example.test")},
    )

    for both in ((sent(), theirs), (theirs, sent())):
        assert holders(facts(*both)) == {"5" * 32: {f"user:{USER}", f"user:{OTHER_USER}"}}


def test_an_event_of_before_fingerprints_counts_as_the_same_message() -> None:
    """An index row without one compares by Message-ID alone."""
    email_id = IDENTITY.email_of("1@example.test")
    known = world(emails={email_id: KnownEmail("t", "", "", frozenset({f"user:{USER}"}))})

    assert facts(received(), known=known) == []


@pytest.mark.parametrize("count", [0, 1])
def test_no_message_no_fact(count: int) -> None:
    """An empty batch decides nothing."""
    assert len(facts(*[received()] * count)) == count
