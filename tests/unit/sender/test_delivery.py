"""One outgoing message: from the request to its last answer."""

from datetime import UTC, datetime, timedelta
from typing import Any

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
    RecipientOutcome,
    SendRequested,
)
from courrier.events.testing import Scenario
from courrier.sender.domain.answers import Answer, Answered, Unanswered, Unreached
from courrier.sender.domain.delivery import (
    UNANSWERED_START,
    AnotherMessage,
    Doubt,
    GiveUp,
    Record,
    Request,
    Start,
    delivery,
)
from support.builders import EMAIL, example

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ADA, BOB = "ada@example.test", "bob@example.test"
REQUESTED = example(SendRequested, envelope_to=[ADA, BOB], date=NOON)
HOST = "smtp.example.test"
scenario = Scenario(delivery)


def _said(address: str, outcome: str, code: int | None = None, text: str = "") -> RecipientOutcome:
    return RecipientOutcome(address=address, outcome=outcome, code=code, text=text)


def _started(attempt: int = 1, *recipients: str) -> DeliveryStarted:
    return DeliveryStarted(
        email_id=EMAIL, attempt=attempt, host=HOST, recipients=recipients or (ADA, BOB)
    )


def _deferred(attempt: int, retry_at: datetime, *outcomes: RecipientOutcome) -> DeliveryDeferred:
    return DeliveryDeferred(
        email_id=EMAIL, attempt=attempt, outcomes=outcomes or _later(), retry_at=retry_at
    )


def _later() -> tuple[RecipientOutcome, RecipientOutcome]:
    return _said(ADA, "deferred", 451, "later"), _said(BOB, "deferred", 451, "later")


def _sent(attempt: int, *outcomes: RecipientOutcome) -> MessageSent:
    said: dict[str, Any] = {
        name: value
        for name, value in REQUESTED.model_dump(by_alias=True).items()
        if name in {info.alias or key for key, info in MessageSent.model_fields.items()}
    }
    return MessageSent.model_validate(said | {"attempt": attempt, "outcomes": outcomes})


SENT_TO_BOTH = (_said(ADA, "sent", 250, "OK"), _said(BOB, "sent", 250, "OK"))
UNCERTAIN = DeliveryBecameUncertain(email_id=EMAIL, attempt=1, text=UNANSWERED_START)


def test_a_request_is_taken_once() -> None:
    """The same message asked for again is the same message."""
    scenario.when(Request(REQUESTED)).then(REQUESTED)
    scenario.given(REQUESTED).when(Request(REQUESTED)).then()
    scenario.given(REQUESTED, _started(), _sent(1, *SENT_TO_BOTH)).when(Request(REQUESTED)).then()


def test_an_id_belongs_to_one_message() -> None:
    """Other words under the same id are refused, and never replace the first."""
    other = REQUESTED.model_copy(update={"subject": "Something else"})

    scenario.given(REQUESTED).when(Request(other)).refused(AnotherMessage)


def test_a_new_message_is_due_at_once() -> None:
    """The intent names the attempt, the server and everybody who still waits."""
    scenario.given(REQUESTED).when(Start(HOST, NOON)).then(_started())


def test_nothing_starts_twice() -> None:
    """While an attempt is under way, uncertain or settled, no other one begins."""
    much_later = NOON + timedelta(days=3)

    for after in ((_started(),), (_started(), UNCERTAIN), (_started(), _sent(1, *SENT_TO_BOTH))):
        scenario.given(REQUESTED, *after).when(Start(HOST, much_later)).then()


def test_nothing_starts_that_was_not_asked_for() -> None:
    """An unknown message is not begun, and nothing is said of it."""
    for command in (Start(HOST, NOON), Doubt(), GiveUp("?"), Record(1, Unanswered("?"), NOON)):
        scenario.when(command).then()


def test_accepted_by_all_is_sent() -> None:
    """Everybody's outcome stands in the fact."""
    record = Record(1, Answered(SENT_TO_BOTH), NOON)

    scenario.given(REQUESTED, _started()).when(record).then(_sent(1, *SENT_TO_BOTH))


def test_accepted_by_one_is_sent_and_the_refusal_is_listed() -> None:
    """One recipient, one outcome; who was put off beside an acceptance is not tried again."""
    outcomes = (_said(ADA, "sent", 250, "OK"), _said(BOB, "deferred", 450, "greylisted"))
    expected = _sent(1, outcomes[0], _said(BOB, "failed", 450, "greylisted"))

    record = Record(1, Answered(outcomes), NOON)

    scenario.given(REQUESTED, _started()).when(record).then(expected)


def test_refused_by_all_fails_with_the_servers_words() -> None:
    """A 5yz for everybody is final (RFC 5321 section 4.2.1)."""
    outcomes = (_said(ADA, "failed", 550, "no such user"), _said(BOB, "failed", 554, "spam"))
    failed = DeliveryFailed(
        email_id=EMAIL, attempt=1, outcomes=outcomes, text="550 no such user; 554 spam"
    )

    record = Record(1, Answered(outcomes), NOON)

    scenario.given(REQUESTED, _started()).when(record).then(failed)


def test_a_4yz_defers_by_half_an_hour() -> None:
    """The first refusal waits the RFC's floor."""
    record = Record(1, Answered(_later()), NOON)

    scenario.given(REQUESTED, _started()).when(record).then(
        _deferred(1, NOON + timedelta(minutes=30))
    )


def test_a_server_out_of_reach_is_tried_again_after_a_minute() -> None:
    """Most connection trouble is short; the words say what it was."""
    record = Record(1, Unreached("nobody answers"), NOON)

    scenario.given(REQUESTED, _started()).when(record).then(
        _deferred(
            1,
            NOON + timedelta(minutes=1),
            _said(ADA, "deferred", None, "nobody answers"),
            _said(BOB, "deferred", None, "nobody answers"),
        )
    )


def test_a_retry_waits_for_its_time() -> None:
    """Before it nothing happens; a late tick starts it once."""
    retry_at = NOON + timedelta(minutes=30)
    waiting = scenario.given(REQUESTED, _started(), _deferred(1, retry_at))

    waiting.when(Start(HOST, retry_at - timedelta(seconds=1))).then()
    waiting.when(Start(HOST, retry_at + timedelta(days=9))).then(_started(2))


def test_who_refused_for_good_is_not_tried_again() -> None:
    """Only those who were put off are in the next attempt; the refusal stays in the outcome."""
    refused = _said(ADA, "failed", 550, "no such user")
    mixed = _deferred(1, NOON, refused, _said(BOB, "deferred", 451, "later"))
    sent_to_bob = Answered((_said(BOB, "sent", 250, "OK"),))
    waiting = scenario.given(REQUESTED, _started(), mixed)

    waiting.when(Start(HOST, NOON)).then(_started(2, BOB))
    waiting.given(_started(2, BOB)).when(Record(2, sent_to_bob, NOON)).then(
        _sent(2, refused, _said(BOB, "sent", 250, "OK"))
    )


def test_after_four_days_a_message_is_given_up() -> None:
    """Then the last answer is final, and its words are kept."""
    late = NOON + timedelta(days=4)
    outcomes = tuple(o.model_copy(update={"outcome": "failed"}) for o in _later())
    failed = DeliveryFailed(
        email_id=EMAIL, attempt=9, outcomes=outcomes, text="Given up after four days. 451 later"
    )

    record = Record(9, Answered(_later()), late)

    scenario.given(REQUESTED, _started(9)).when(record).then(failed)


def test_no_answer_to_the_final_dot_is_uncertain() -> None:
    """The server may have the message: nobody sends it again."""
    uncertain = DeliveryBecameUncertain(email_id=EMAIL, attempt=1, text="the line was cut")
    record = Record(1, Unanswered("the line was cut"), NOON)

    scenario.given(REQUESTED, _started()).when(record).then(uncertain)


def test_a_start_that_nobody_finished_is_uncertain() -> None:
    """What a killed sender leaves behind is said once."""
    scenario.given(REQUESTED, _started()).when(Doubt()).then(UNCERTAIN)
    scenario.given(REQUESTED, _started(), UNCERTAIN).when(Doubt()).then()
    scenario.given(REQUESTED).when(Doubt()).then()


def test_a_late_answer_settles_what_was_uncertain() -> None:
    """A sender that lost its lease in the dialogue knows what the others only doubt."""
    doubted = scenario.given(REQUESTED, _started(), UNCERTAIN)

    doubted.when(Record(1, Answered(SENT_TO_BOTH), NOON)).then(_sent(1, *SENT_TO_BOTH))
    doubted.when(Record(1, Unanswered("?"), NOON)).then()


def test_an_answer_is_recorded_once_and_for_its_own_attempt() -> None:
    """Repeats and answers of other attempts change nothing."""
    record = Record(1, Answered(SENT_TO_BOTH), NOON)

    scenario.given(REQUESTED, _started(), _sent(1, *SENT_TO_BOTH)).when(record).then()
    scenario.given(REQUESTED, _started(), _deferred(1, NOON), _started(2)).when(record).then()
    scenario.given(REQUESTED, _started(), _deferred(1, NOON)).when(record).then()


def test_a_message_that_cannot_be_tried_fails_with_the_reason() -> None:
    """No attempt is counted; everybody's outcome is the reason."""
    text = "The account is gone."
    outcomes = (_said(ADA, "failed", None, text), _said(BOB, "failed", None, text))
    failed = DeliveryFailed(email_id=EMAIL, attempt=0, outcomes=outcomes, text=text)

    scenario.given(REQUESTED).when(GiveUp(text)).then(failed)
    scenario.given(REQUESTED, _started()).when(GiveUp(text)).then()


ANSWERS = st.one_of(
    st.sampled_from([Unreached("lost"), Unanswered("lost")]),
    st.lists(st.sampled_from(["sent", "deferred", "failed"]), min_size=2, max_size=2).map(
        lambda two: Answered((_said(ADA, two[0], 1, "a"), _said(BOB, two[1], 1, "b")))
    ),
)


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

    closing = [f for f in facts if isinstance(f, MessageSent | DeliveryBecameUncertain)]
    assert closing in ([], facts[-1:])


@pytest.mark.parametrize("outcome", ["sent", "failed"])
def test_a_settled_message_stays_settled(outcome: str) -> None:
    """No command leads out of a final answer."""
    answered = Answered((_said(ADA, outcome, 1, "a"), _said(BOB, outcome, 1, "b")))
    facts: list[Event] = [REQUESTED, _started()]
    facts += delivery.decide(delivery.fold(facts), Record(1, answered, NOON))
    settled = scenario.given(*facts)

    for command in (Start(HOST, NOON), Doubt(), GiveUp("?"), Record(1, Unreached("?"), NOON)):
        settled.when(command).then()
