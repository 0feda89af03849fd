"""A batch of messages, each seeing what was decided before it."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courrier.events.base import Event
from courrier.events.envelope import Recorded
from courrier.events.families.email import EmailEvent, EmailImported, EmailShared
from courrier.linker.domain.batch import decide_batch
from courrier.linker.domain.emails import email
from courrier.linker.domain.filing import holder_key
from courrier.linker.domain.identity import subject_key_of
from courrier.linker.domain.known import Known, KnownEmail
from support.builders import ACCOUNT, NOON, USER
from unit.linker.arriving import (
    ADA,
    COMPANY,
    IDENTITY,
    LEAD,
    OTHER_ACCOUNT,
    OTHER_USER,
    arrival,
    facts,
    imported,
    mailbox,
    received,
    sent,
    shared,
    signed,
    world,
)


def holders(batch: Sequence[EmailEvent]) -> dict[str, frozenset[str]]:
    """Who holds each e-mail after these facts."""
    found: dict[str, frozenset[str]] = {}
    for fact in batch:
        if isinstance(fact, EmailImported | EmailShared):
            added = frozenset(map(holder_key, fact.holdings))
            found[fact.email_id] = found.get(fact.email_id, frozenset()) | added
    return found


def after(batch: Sequence[EmailEvent], known: Known) -> Known:
    """What the index knows once it has taken these facts in."""
    emails = dict(known.emails)
    parents = dict(known.thread_parents)
    for fact in batch:
        if isinstance(fact, EmailImported):
            key = subject_key_of(fact.subject)
            emails[fact.email_id] = KnownEmail(
                fact.thread_id, key, fact.fingerprint or "", frozenset()
            )
            for link in fact.links:
                if link.parent:
                    parents.setdefault(fact.thread_id, link.record)
    for email_id, who in holders(batch).items():
        found = emails[email_id]
        emails[email_id] = KnownEmail(
            found.thread_id, found.subject_key, found.fingerprint, found.holders | who
        )
    return world(emails=emails, thread_parents=parents)


def test_a_message_becomes_an_e_mail() -> None:
    """What people see of it stands in one fact, with its reasons."""
    source = received(text="  Hello\n\tGrace,  how are you?", auto_reply=True, attachment_count=2)

    (fact,) = imported(source)

    assert (fact.status, fact.source_id) == ("archived", source.id)
    assert (fact.snippet, fact.subject) == ("Hello Grace, how are you?", "Question")
    assert (fact.auto_reply, fact.attachment_count, fact.date) == (True, 2, NOON)
    assert [link.record for link in fact.links if link.parent] == [COMPANY]
    assert [(h.holder_id, h.folder) for h in fact.holdings] == [(USER, "inbox")]


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
    assert [link.reason.rule for link in answer.links] == ["thread-parent", "contact-address"]


def test_an_earlier_message_of_the_batch_is_known_to_a_later_one() -> None:
    """Thread and record are found without any look-up."""
    first = received(message_id="1@x", subject="Offer")
    answer = received(
        message_id="2@x",
        subject="Re: Offer",
        in_reply_to="1@x",
        **{"from": mailbox("unknown@example.test")},
    )

    one, two = imported(first, answer)

    assert two.thread_id == one.thread_id
    assert two.replies_to == one.email_id
    assert [(link.record, link.reason.rule) for link in two.links] == [(COMPANY, "thread-parent")]


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


def test_the_first_record_of_a_thread_stays_its_record() -> None:
    """A later message from another customer does not move the conversation."""
    known = world(thread_parents={IDENTITY.thread_of("r@x", "offer"): LEAD})

    first, second = imported(
        received(message_id="1@x", subject="Re: Offer", references=("r@x",)),
        received(message_id="2@x", subject="Re: Offer", references=("r@x", "1@x")),
        known=known,
    )

    assert {link.record for f in (first, second) for link in f.links if link.parent} == {LEAD}


SUBJECTS = st.sampled_from(["Offer", "Re: Offer", "Other"])
MESSAGES = st.lists(
    st.tuples(
        st.integers(0, 5),  # Message-ID
        st.integers(0, 5),  # ancestor
        st.sampled_from([ACCOUNT, OTHER_ACCOUNT]),
        SUBJECTS,
        st.sampled_from([ADA, "eve@example.test"]),
    ),
    max_size=12,
)


def build(rows: list[tuple[int, int, str, str, str]]) -> list[Recorded[Event]]:
    """Messages, some of them copies, replies to each other and imposters."""
    return [
        received(
            message_id=f"{number}@x",
            references=(f"{ancestor}@x",) if ancestor < number else (),
            account_id=account,
            subject=subject,
            **{"from": mailbox(sender)},
        )
        for number, ancestor, account, subject, sender in rows
    ]


@given(MESSAGES)
def test_a_batch_that_comes_again_adds_nothing(rows: list[tuple[int, int, str, str, str]]) -> None:
    """Redelivery is harmless, whatever the index has taken in."""
    batch = build(rows)
    once = facts(*batch)

    assert facts(*batch, known=after(once, world())) == []


@given(MESSAGES, st.integers(0, 12))
def test_where_a_batch_is_cut_makes_no_difference(
    rows: list[tuple[int, int, str, str, str]], cut: int
) -> None:
    """Deciding in memory is deciding with the index."""
    batch = build(rows)
    head = facts(*batch[:cut])
    tail = facts(*batch[cut:], known=after(head, world()))

    assert head + tail == facts(*batch)


@given(MESSAGES, st.integers())
def test_any_order_within_a_batch_gives_the_same_e_mails_and_holders(
    rows: list[tuple[int, int, str, str, str]], seed: int
) -> None:
    """As long as nobody reuses a Message-ID: then the first to come has it, for ever."""
    genuine = [(n, a, account, f"Offer {n}", ADA) for n, a, account, _, _ in rows]
    batch = build(genuine)
    shuffled = Random(seed).sample(batch, len(batch))

    assert holders(facts(*shuffled)) == holders(facts(*batch))


@given(MESSAGES, st.integers())
def test_replies_that_name_their_root_meet_in_one_thread_in_any_order(
    rows: list[tuple[int, int, str, str, str]], seed: int
) -> None:
    """The thread's id follows from the oldest reference and the base subject."""
    batch = [
        received(
            message_id=f"{number}.{n}@x",
            references=("root@x",) if number else (),
            subject="Re: Offer",
        )
        if number
        else received(message_id="root@x", subject="Offer")
        for n, (number, *_) in enumerate(rows)
    ]
    shuffled = Random(seed).sample(batch, len(batch))

    assert len({fact.thread_id for fact in imported(*shuffled)}) <= 1


@given(MESSAGES)
def test_what_was_decided_can_be_folded(rows: list[tuple[int, int, str, str, str]]) -> None:
    """Each e-mail's facts make a history: imported first, and once."""
    decisions = decide_batch([arrival(each) for each in build(rows)], world())

    for email_id in {each.email_id for each in decisions}:
        history = [each.fact for each in decisions if each.email_id == email_id]
        email.fold(history)
        assert [isinstance(fact, EmailImported) for fact in history] == [
            number == 0 for number in range(len(history))
        ]


@pytest.mark.parametrize("count", [0, 1])
def test_no_message_no_fact(count: int) -> None:
    """An empty batch decides nothing."""
    assert len(facts(*[received()] * count)) == count
