"""Times are short where they are near, and never ambiguous."""

from datetime import UTC, datetime

import pytest

from courrier.gateway.api.words import words_in
from courrier.gateway.web.moments import full, iso, short

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-03-02T09:05:00+00:00", "09:05"),
        ("2026-03-02T00:30:00+02:00", "1 Mar"),
        ("2025-12-31T23:00:00Z", "31 Dec 2025"),
    ],
)
def test_near_times_are_short(moment: str, expected: str) -> None:
    """Today by the hour, this year without the year; all in UTC until the browser knows better."""
    assert expected == short(moment, NOW, words_in("en"))


def test_months_have_names_in_french() -> None:
    """Twelve of them, in their order."""
    names = [full(NOW.replace(month=month), words_in("fr")).split()[1] for month in range(1, 13)]

    assert ["janv.", "févr.", "mars", "avr.", "mai", "juin"] == names[:6]
    assert ["juil.", "août", "sept.", "oct.", "nov.", "déc."] == names[6:]


def test_the_browser_gets_the_exact_moment() -> None:
    """RFC 3339 in UTC."""
    assert "2026-03-02T12:00:00Z" == iso(NOW)
