"""When an attempt is repeated: quick once, then ever more slowly, then not at all."""

from datetime import UTC, datetime, timedelta

from courrier.sender.domain.retrying import LIFETIME, is_given_up, retry_at

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def _minutes(count: int, *, unreached: bool) -> list[int]:
    return [
        int((retry_at(NOON, n, unreached=unreached) - NOON).total_seconds()) // 60
        for n in range(1, count + 1)
    ]


def test_waits_double_from_half_an_hour_to_four_hours() -> None:
    """RFC 5321 section 4.5.4.1: 30 minutes at least, less often later."""
    assert _minutes(6, unreached=False) == [30, 60, 120, 240, 240, 240]


def test_the_first_connection_trouble_waits_a_minute_only() -> None:
    """After it the same waits as for a refusal."""
    assert _minutes(6, unreached=True) == [1, 30, 60, 120, 240, 240]


def test_a_thousandth_attempt_still_has_a_time() -> None:
    """No number of attempts overflows."""
    assert retry_at(NOON, 1000, unreached=False) == NOON + timedelta(hours=4)


def test_a_message_lives_four_days() -> None:
    """A retry at the very end is still made."""
    assert not is_given_up(NOON, NOON + LIFETIME)
    assert is_given_up(NOON, NOON + LIFETIME + timedelta(seconds=1))
