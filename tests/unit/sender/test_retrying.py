"""When an attempt is repeated: quick once, then ever more slowly, then not at all."""

from datetime import UTC, datetime, timedelta

from courrier.sender.domain.retrying import SPREAD, Schedule, is_given_up, retry_at, spread

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
USUAL = Schedule()


def _minutes(count: int, *, unreached: bool, schedule: Schedule = USUAL) -> list[int]:
    """Return the waits without what the spread adds."""
    waits = []
    for n in range(1, count + 1):
        retry = retry_at(NOON, n, key="a", unreached=unreached, schedule=schedule)
        wait = (retry - NOON) / (1 + SPREAD * spread("a", n))
        waits.append(round(wait.total_seconds() / 60))
    return waits


def test_waits_double_from_half_an_hour_to_four_hours() -> None:
    """RFC 5321 section 4.5.4.1: 30 minutes at least, less often later."""
    assert _minutes(6, unreached=False) == [30, 60, 120, 240, 240, 240]


def test_the_first_connection_trouble_waits_a_minute_only() -> None:
    """After it the same waits as for a refusal."""
    assert _minutes(6, unreached=True) == [1, 30, 60, 120, 240, 240]


def test_the_waits_are_what_is_set() -> None:
    """A house that wants it quicker has it quicker."""
    quick = Schedule(timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))

    assert _minutes(4, unreached=False, schedule=quick) == [5, 10, 15, 15]
    assert is_given_up(NOON, NOON + timedelta(minutes=61), quick)


def test_what_failed_together_does_not_come_back_together() -> None:
    """A tenth of the wait is spread over the messages, and is the same each time it is asked."""
    waits = {retry_at(NOON, 1, key=f"{n:032x}", unreached=False) - NOON for n in range(100)}

    assert len(waits) > 90
    assert min(waits) >= timedelta(minutes=30)
    assert max(waits) <= timedelta(minutes=33)
    assert retry_at(NOON, 1, key="a", unreached=False) == retry_at(
        NOON, 1, key="a", unreached=False
    )


def test_a_thousandth_attempt_still_has_a_time() -> None:
    """No number of attempts overflows."""
    assert retry_at(NOON, 1000, key="a", unreached=False) <= NOON + timedelta(hours=4.4)


def test_a_message_lives_four_days() -> None:
    """A retry at the very end is still made."""
    assert not is_given_up(NOON, NOON + USUAL.lifetime)
    assert is_given_up(NOON, NOON + USUAL.lifetime + timedelta(seconds=1))
