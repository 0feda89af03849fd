"""One outgoing message: from the request to its last answer."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courrier.events.base import Event
from courrier.events.families.outbound import (
    DeliveryBecameUncertain,
    DeliveryDeferred,
    DeliveryFailed,
    DeliveryStarted,
    MessageSent,
    RecipientsSettled,
)
from courrier.sender.domain.answers import Answer, Answered, Unanswered, Unreached
from courrier.sender.domain.delivery import delivery
from courrier.sender.domain.orders import (
    AnotherMessage,
    Doubt,
    GiveUp,
    Record,
    Request,
    Start,
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


def test_a_request_is_taken_once() -> None:
    """The same message asked for again is the same message."""
    scenario.when(Request(REQUESTED)).then(REQUESTED)
    scenario.given(REQUESTED).when(Request(REQUESTED)).then()
    scenario.given(REQUESTED, started(), sent(1, *SENT_TO_BOTH)).when(Request(REQUESTED)).then()


def test_an_id_belongs_to_one_message() -> None:
    """Other words under the same id are refused, and never replace the first."""
    other = REQUESTED.model_copy(update={"subject": "Something else"})

    scenario.given(REQUESTED).when(Request(other)).refused(AnotherMessage)


def test_a_new_message_is_due_at_once() -> None:
    """The intent names the attempt, the server and everybody who still waits."""
    scenario.given(REQUESTED).when(Start(HOST, NOON)).then(started())


def test_nothing_starts_twice() -> None:
    """While an attempt is under way, uncertain or settled, no other one begins."""
    much_later = NOON + timedelta(days=3)

    for after in ((started(),), (started(), UNCERTAIN), (started(), sent(1, *SENT_TO_BOTH))):
        scenario.given(REQUESTED, *after).when(Start(HOST, much_later)).then()


def test_nothing_starts_that_was_not_asked_for() -> None:
    """An unknown message is not begun, and nothing is said of it."""
    for command in (Start(HOST, NOON), Doubt(), GiveUp("?"), Record(1, Unanswered("?"), NOON)):
        scenario.when(command).then()


def test_accepted_by_all_is_sent() -> None:
    """Everybody's outcome stands in the fact."""
    record = Record(1, Answered(SENT_TO_BOTH), NOON)

    scenario.given(REQUESTED, started()).when(record).then(sent(1, *SENT_TO_BOTH))


def test_refused_by_all_fails_with_the_servers_words() -> None:
    """A 5yz for everybody is final (RFC 5321 section 4.2.1)."""
    outcomes = (said(ADA, "failed", 550, "no such user"), said(BOB, "failed", 554, "spam"))
    failed = DeliveryFailed(
        email_id=EMAIL, attempt=1, outcomes=outcomes, text="550 no such user; 554 spam"
    )

    record = Record(1, Answered(outcomes), NOON)

    scenario.given(REQUESTED, started()).when(record).then(failed)


def test_a_4yz_defers_by_half_an_hour() -> None:
    """The first refusal waits the RFC's floor."""
    record = Record(1, Answered(later()), NOON)

    scenario.given(REQUESTED, started()).when(record).then(deferred(1, retry(1)))
    assert timedelta(minutes=30) <= retry(1) - NOON <= timedelta(minutes=33)


def test_nobody_is_tried_again_while_the_server_wants_its_rest() -> None:
    """An account that is held back comes back when its time is over, not by the schedule."""
    rest = NOON + timedelta(minutes=2)
    record = Record(1, Answered(later()), NOON, not_before=rest)

    scenario.given(REQUESTED, started()).when(record).then(deferred(1, rest))


def test_a_server_out_of_reach_is_tried_again_after_a_minute() -> None:
    """Most connection trouble is short; the words say what it was."""
    record = Record(1, Unreached("nobody answers"), NOON)

    scenario.given(REQUESTED, started()).when(record).then(
        deferred(
            1,
            retry_at(NOON, 1, key=EMAIL, unreached=True),
            said(ADA, "deferred", None, "nobody answers"),
            said(BOB, "deferred", None, "nobody answers"),
        )
    )


def test_a_retry_waits_for_its_time() -> None:
    """Before it nothing happens; a late tick starts it once."""
    retry_at = NOON + timedelta(minutes=30)
    waiting = scenario.given(REQUESTED, started(), deferred(1, retry_at))

    waiting.when(Start(HOST, retry_at - timedelta(seconds=1))).then()
    waiting.when(Start(HOST, retry_at + timedelta(days=9))).then(started(2))


def test_who_refused_for_good_is_not_tried_again() -> None:
    """Only those who were put off are in the next attempt; the refusal stays in the outcome."""
    refused = said(ADA, "failed", 550, "no such user")
    mixed = deferred(1, NOON, refused, said(BOB, "deferred", 451, "later"))
    sent_to_bob = Answered((said(BOB, "sent", 250, "OK"),))
    waiting = scenario.given(REQUESTED, started(), mixed)

    waiting.when(Start(HOST, NOON)).then(started(2, BOB))
    waiting.given(started(2, BOB)).when(Record(2, sent_to_bob, NOON)).then(
        sent(2, refused, said(BOB, "sent", 250, "OK"))
    )


def test_after_four_days_a_message_is_given_up() -> None:
    """Then the last answer is final, and its words are kept."""
    late = NOON + timedelta(days=4)
    outcomes = tuple(o.model_copy(update={"outcome": "failed"}) for o in later())
    failed = DeliveryFailed(
        email_id=EMAIL, attempt=9, outcomes=outcomes, text="Given up after 4 days. 451 later"
    )

    record = Record(9, Answered(later()), late)

    scenario.given(REQUESTED, started(9)).when(record).then(failed)


def test_no_answer_to_the_final_dot_is_uncertain() -> None:
    """The server may have the message: nobody sends it again."""
    uncertain = DeliveryBecameUncertain(email_id=EMAIL, attempt=1, text="the line was cut")
    record = Record(1, Unanswered("the line was cut"), NOON)

    scenario.given(REQUESTED, started()).when(record).then(uncertain)


def test_a_start_that_nobody_finished_is_uncertain() -> None:
    """What a killed sender leaves behind is said once."""
    scenario.given(REQUESTED, started()).when(Doubt()).then(UNCERTAIN)
    scenario.given(REQUESTED, started(), UNCERTAIN).when(Doubt()).then()
    scenario.given(REQUESTED).when(Doubt()).then()


def test_a_late_answer_settles_what_was_uncertain() -> None:
    """A sender that lost its lease in the dialogue knows what the others only doubt."""
    doubted = scenario.given(REQUESTED, started(), UNCERTAIN)

    doubted.when(Record(1, Answered(SENT_TO_BOTH), NOON)).then(sent(1, *SENT_TO_BOTH))
    doubted.when(Record(1, Unanswered("?"), NOON)).then()


def test_an_answer_is_recorded_once_and_for_its_own_attempt() -> None:
    """Repeats and answers of other attempts change nothing."""
    record = Record(1, Answered(SENT_TO_BOTH), NOON)

    scenario.given(REQUESTED, started(), sent(1, *SENT_TO_BOTH)).when(record).then()
    scenario.given(REQUESTED, started(), deferred(1, NOON), started(2)).when(record).then()
    scenario.given(REQUESTED, started(), deferred(1, NOON)).when(record).then()


def test_a_message_that_cannot_be_tried_fails_with_the_reason() -> None:
    """No attempt is counted; everybody's outcome is the reason."""
    text = "The account is gone."
    outcomes = (said(ADA, "failed", None, text), said(BOB, "failed", None, text))
    failed = DeliveryFailed(email_id=EMAIL, attempt=0, outcomes=outcomes, text=text)

    scenario.given(REQUESTED).when(GiveUp(text)).then(failed)
    scenario.given(REQUESTED, started()).when(GiveUp(text)).then()


ANSWERS = st.one_of(
    st.sampled_from([Unreached("lost"), Unanswered("lost")]),
    st.lists(st.sampled_from(["sent", "deferred", "failed"]), min_size=2, max_size=2).map(
        lambda two: Answered((said(ADA, two[0], 1, "a"), said(BOB, two[1], 1, "b")))
    ),
)


def _starts(facts: list[Event]) -> list[DeliveryStarted]:
    return [fact for fact in facts if isinstance(fact, DeliveryStarted)]


def _reached_before(facts: list[Event]) -> list[set[str]]:
    """Return who had the message before the second start, before the third."""
    known: set[str] = set()
    before = []
    for fact in facts:
        if isinstance(fact, DeliveryStarted):
            before.append(set(known))
        known |= {o.address for o in getattr(fact, "outcomes", ()) if o.outcome == "sent"}
    return before[1:]


@given(answers=st.lists(ANSWERS, min_size=1, max_size=40))
def test_nothing_is_ever_sent_blindly_twice(answers: list[Answer]) -> None:
    """No start follows a sent or uncertain one whatever servers say; repeats add nothing."""
    facts: list[Event] = [REQUESTED]
    now = NOON
    for attempt, answer in enumerate(answers, start=1):
        start = Start(HOST, now)
        facts += delivery.decide(delivery.fold(facts), start)
        assert [] == delivery.decide(delivery.fold(facts), start)
        record = Record(attempt, answer, now)
        facts += delivery.decide(delivery.fold(facts), record)
        assert [] == delivery.decide(delivery.fold(facts), record)
        now += timedelta(hours=4)

    sent = [f for f in facts if isinstance(f, MessageSent)]
    doubts = [f for f in facts if isinstance(f, DeliveryBecameUncertain)]
    reached = [
        {each.address for each in fact.outcomes if each.outcome == "sent"}
        for fact in facts
        if isinstance(fact, MessageSent | DeliveryDeferred | RecipientsSettled)
    ]
    tried_again = [
        set(start.recipients) & before
        for start, before in zip(_starts(facts), [set(), *_reached_before(facts)], strict=False)
    ]
    assert len(sent) <= 1
    assert doubts in ([], facts[-1:])
    assert reached == sorted(reached, key=len)
    assert not any(tried_again)


@pytest.mark.parametrize("outcome", ["sent", "failed"])
def test_a_settled_message_stays_settled(outcome: str) -> None:
    """No command leads out of a final answer."""
    answered = Answered((said(ADA, outcome, 1, "a"), said(BOB, outcome, 1, "b")))
    facts: list[Event] = [REQUESTED, started()]
    facts += delivery.decide(delivery.fold(facts), Record(1, answered, NOON))
    settled = scenario.given(*facts)

    for command in (Start(HOST, NOON), Doubt(), GiveUp("?"), Record(1, Unreached("?"), NOON)):
        settled.when(command).then()
