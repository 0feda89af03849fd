"""One outgoing message: partly sent, taken back, held, proven, and decided on by people."""

from datetime import timedelta

import pytest

from courrier.events.families.outbound import (
    DeliveryBecameUncertain,
    DeliveryFailed,
    DeliveryReleased,
    OutboundCancelled,
    RecipientsSettled,
)
from courrier.sender.domain.answers import Answered
from courrier.sender.domain.delivery import MARKED_FAILED, MARKED_SENT, RESTORED, delivery
from courrier.sender.domain.orders import (
    Cancel,
    Hold,
    NotCancellable,
    NotUncertain,
    Prove,
    Record,
    Request,
    Settle,
    Start,
    digest_of,
)
from courrier.sender.domain.retrying import retry_at
from support.builders import EMAIL
from unit.sender.attempts import (
    ADA,
    BOB,
    HOST,
    NOON,
    REQUESTED,
    SENT_TO_BOTH,
    UNCERTAIN,
    deferred,
    later,
    retry,
    said,
    scenario,
    sent,
    started,
)

PROOF = Prove(digest_of(REQUESTED.message_id), "It was met in a Sent folder.")


PUT_OFF = (said(ADA, "sent", 250, "OK"), said(BOB, "deferred", 450, "greylisted"))


def test_who_was_put_off_beside_an_acceptance_is_tried_again_alone() -> None:
    """One recipient, one outcome: it is sent, and the rest of it is due later."""
    record = Record(1, Answered(PUT_OFF), NOON)
    at = retry(1)
    partly = scenario.given(REQUESTED, started(), sent(1, *PUT_OFF), deferred(1, at, *PUT_OFF))

    scenario.given(REQUESTED, started()).when(record).then(
        sent(1, *PUT_OFF), deferred(1, at, *PUT_OFF)
    )
    partly.when(Start(HOST, at)).then(started(2, BOB))
    partly.when(Cancel()).refused(NotCancellable)


def test_the_last_word_of_those_who_were_put_off_closes_the_message() -> None:
    """Whatever it is: nobody is told twice that the message is sent."""
    at_last = (PUT_OFF[0], said(BOB, "sent", 250, "OK"))
    never = (PUT_OFF[0], said(BOB, "failed", 550, "no such user"))
    again = scenario.given(
        REQUESTED,
        started(),
        sent(1, *PUT_OFF),
        deferred(1, NOON, *PUT_OFF),
        started(2, BOB),
    )

    for outcomes in (at_last, never):
        settled = RecipientsSettled(email_id=EMAIL, attempt=2, outcomes=outcomes)
        again.when(Record(2, Answered(outcomes[1:]), NOON)).then(settled)
        again.given(settled).when(Start(HOST, NOON + timedelta(days=3))).then()


def test_a_copy_says_nothing_of_those_who_were_put_off() -> None:
    """The others got theirs before: that one is in a Sent folder proves nothing for the rest."""
    doubt = UNCERTAIN.model_copy(update={"attempt": 2})
    again = scenario.given(
        REQUESTED,
        started(),
        sent(1, *PUT_OFF),
        deferred(1, NOON, *PUT_OFF),
        started(2, BOB),
        doubt,
    )

    again.when(PROOF).then()
    again.when(Settle("sent", NOON)).then(
        RecipientsSettled(
            email_id=EMAIL,
            attempt=2,
            outcomes=(PUT_OFF[0], said(BOB, "sent", None, MARKED_SENT)),
        )
    )


def test_a_message_waits_for_the_time_that_was_asked_for() -> None:
    """To the second; a late tick starts it once."""
    at = NOON + timedelta(hours=3)
    waiting = scenario.given(REQUESTED.model_copy(update={"not_before": at}))

    waiting.when(Start(HOST, at - timedelta(seconds=1))).then()
    waiting.when(Start(HOST, at)).then(started())
    waiting.given(started()).when(Start(HOST, at + timedelta(days=1))).then()


def test_what_no_server_has_can_be_taken_back() -> None:
    """Before the first attempt and between two; then nothing is begun any more."""
    for before in ((), (started(), deferred(1, NOON))):
        taken = OutboundCancelled(email_id=EMAIL, attempts=1 if before else 0)
        waiting = scenario.given(REQUESTED, *before)
        waiting.when(Cancel()).then(taken)
        waiting.given(taken).when(Cancel()).then()
        waiting.given(taken).when(Start(HOST, NOON + timedelta(days=1))).then()


def test_what_has_left_or_may_have_cannot_be_taken_back() -> None:
    """The reason says which."""
    is_sent = sent(1, *SENT_TO_BOTH)

    for before, reason in (
        ((), "unknown"),
        ((REQUESTED, started()), "being-sent"),
        ((REQUESTED, started(), UNCERTAIN), "uncertain"),
        ((REQUESTED, started(), is_sent), "already-left"),
    ):
        with pytest.raises(NotCancellable) as refusal:
            delivery.decide(delivery.fold(before), Cancel())
        assert refusal.value.reason == reason


def test_what_was_taken_back_can_be_asked_for_again_with_other_words() -> None:
    """It is a draft meanwhile; the new request is a new beginning."""
    other = REQUESTED.model_copy(update={"subject": "Something else"})
    taken = scenario.given(REQUESTED, OutboundCancelled(email_id=EMAIL))

    taken.when(Request(other)).then(other)
    taken.given(other).when(Start(HOST, NOON)).then(started())


def test_after_a_restore_what_waits_is_held() -> None:
    """Whether it had an attempt or none; what is settled stays so."""
    held = DeliveryBecameUncertain(email_id=EMAIL, attempt=0, text=RESTORED)

    scenario.given(REQUESTED).when(Hold()).then(held)
    scenario.given(REQUESTED, held).when(Start(HOST, NOON)).then()
    scenario.given(REQUESTED, held).when(Hold()).then()
    scenario.given(REQUESTED, started(), sent(1, *SENT_TO_BOTH)).when(Hold()).then()


def test_a_copy_that_is_met_settles_what_was_uncertain() -> None:
    """Only one with the very Message-ID, and only while nobody knows."""
    doubted = scenario.given(REQUESTED, started(), UNCERTAIN)
    seen = tuple(said(a, "sent", None, PROOF.text) for a in (ADA, BOB))

    doubted.when(PROOF).then(sent(1, *seen))
    doubted.when(Prove(digest_of("forged@example.test"), "?")).then()
    scenario.given(REQUESTED).when(PROOF).then()
    scenario.given(REQUESTED, started()).when(PROOF).then()


def test_a_person_decides_what_nobody_can_know() -> None:
    """Sent, not sent, or once more: from then on the days of its life count anew."""
    doubted = scenario.given(REQUESTED, started(), UNCERTAIN)
    late = NOON + timedelta(days=30)
    released = DeliveryReleased(email_id=EMAIL, attempt=1, at=late)
    not_sent = tuple(said(a, "failed", None, MARKED_FAILED) for a in (ADA, BOB))

    doubted.when(Settle("sent", late)).then(
        sent(1, *(said(a, "sent", None, MARKED_SENT) for a in (ADA, BOB)))
    )
    doubted.when(Settle("failed", late)).then(
        DeliveryFailed(email_id=EMAIL, attempt=1, outcomes=not_sent, text=MARKED_FAILED)
    )
    doubted.when(Settle("resend", late)).then(released)
    doubted.given(released).when(Start(HOST, late)).then(started(2))
    doubted.given(released, started(2)).when(Record(2, Answered(later()), late)).then(
        deferred(2, retry_at(late, 2, key=EMAIL, unreached=False))
    )


def test_nobody_decides_what_is_known() -> None:
    """Sent is sent, and what waits is sent by itself."""
    for before in ((REQUESTED,), (REQUESTED, started(), sent(1, *SENT_TO_BOTH))):
        scenario.given(*before).when(Settle("resend", NOON)).refused(NotUncertain)
