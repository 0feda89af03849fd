"""How messages are cut into batches, ordered and repeated makes no difference."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from courrier.events.base import Event
from courrier.events.envelope import Recorded
from courrier.events.families.email import EmailEvent, EmailImported
from courrier.linker.domain.arrivals import words_of
from courrier.linker.domain.batch import decide_batch
from courrier.linker.domain.emails import email
from courrier.linker.domain.known import Known, KnownEmail
from courrier.linker.domain.words import keys_of_words
from support.builders import ACCOUNT
from unit.linker.arriving import (
    ADA,
    OTHER_ACCOUNT,
    arrival,
    facts,
    holders,
    imported,
    mailbox,
    received,
    world,
)


def after(batch: Sequence[EmailEvent], known: Known) -> Known:
    """What the index knows once it has taken these facts in."""
    emails = dict(known.emails)
    threads = dict(known.threads)
    for fact in batch:
        if isinstance(fact, EmailImported):
            words = words_of(fact)
            parent = next((link.record for link in fact.links if link.parent), None)
            emails[fact.email_id] = KnownEmail(
                fact.thread_id,
                words.subject_key,
                fact.fingerprint or "",
                frozenset(),
                fact.date,
                parent,
            )
            for key in keys_of_words(words):
                threads.setdefault(key, fact.thread_id)
    for email_id, who in holders(batch).items():
        found = emails[email_id]
        emails[email_id] = replace(found, holders=found.holders | who)
    return world(emails=emails, threads=threads)


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
        mine = [each.fact for each in decisions if each.email_id == email_id]
        history = [fact for fact in mine if isinstance(fact, EmailEvent)]
        email.fold(history)
        assert [isinstance(fact, EmailImported) for fact in history] == [
            number == 0 for number in range(len(history))
        ]
