"""Which answers ask a whole account to wait, and for how long it does."""

from datetime import UTC, datetime, timedelta

from courrier.events.families.outbound import RecipientOutcome
from courrier.sender.domain.throttling import hold_until, throttled

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

BUSY = (
    (421, "4.3.2 Service shutting down, try later"),
    (450, "4.7.28 Unusual rate of unsolicited mail from your address"),
    (451, "4.7.500 Server busy"),
    (452, "4.5.3 Too many recipients received this hour"),
    (454, "4.7.0 Too many login attempts"),
    (451, "Rate limit reached for this sender"),
    (450, "You have exceeded your hourly sending limit"),
    (450, "429 slow down please"),
)
NOT_BUSY = (
    (450, "4.2.1 Mailbox busy"),
    (451, "4.7.1 Greylisted, come back in five minutes"),
    (450, "4.7.1 Gray listing in action"),
    (452, "4.2.2 Mailbox full"),
    (451, "4.3.0 Local error"),
    (None, "nobody answers on this port: too many open files"),
)


def _said(code: int | None, text: str, outcome: str = "deferred") -> RecipientOutcome:
    return RecipientOutcome(address="ada@example.test", outcome=outcome, code=code, text=text)


def test_answers_that_mean_the_account() -> None:
    """By code, by enhanced code, or by what the words say."""
    assert [] == [said for said in BUSY if throttled([_said(*said)]) is None]


def test_answers_that_mean_this_message_only() -> None:
    """Greylisting has the codes of throttling; a full mailbox and a lost line are no such thing."""
    assert [] == [said for said in NOT_BUSY if throttled([_said(*said)])]


def test_a_final_refusal_holds_nothing_back() -> None:
    """What is refused for good is not asked again: nothing has to wait."""
    assert throttled([_said(550, "5.7.1 too many spam reports", "failed")]) is None


def test_the_rest_doubles_to_an_hour() -> None:
    """Each time in a row the server is left alone for longer."""
    waits = [hold_until(NOON, times) - NOON for times in (1, 2, 3, 7, 100)]

    assert waits == [timedelta(minutes=m) for m in (1, 2, 4, 60, 60)]
