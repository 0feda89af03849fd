"""Times in words, in a person's time zone."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courrier.gateway.domain.moments import moment_of
from courrier.gateway.domain.refusals import Unfit

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 3, 27, 9, 30, tzinfo=UTC)
"""A Friday, 10:30 in Paris; clocks go forward on the Sunday."""


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("tomorrow 9:00", "2026-03-28T08:00"),
        ("Demain 9 h", "2026-03-28T08:00"),
        ("demain à 14h30", "2026-03-28T13:30"),
        ("tomorrow", "2026-03-28T07:00"),
        ("tomorrow at 5pm", "2026-03-28T16:00"),
        ("tomorrow noon", "2026-03-28T11:00"),
        ("tonight", "2026-03-27T17:00"),
        ("ce soir 20 h", "2026-03-27T19:00"),
        ("in 2 hours", "2026-03-27T11:30"),
        ("dans une semaine", "2026-04-03T08:30"),
        ("dans 3 jours", "2026-03-30T08:30"),
        ("monday 9:00", "2026-03-30T07:00"),
        ("lundi 9h", "2026-03-30T07:00"),
        ("vendredi", "2026-04-03T06:00"),
        ("next week", "2026-03-30T06:00"),
        ("la semaine prochaine", "2026-03-30T06:00"),
        ("11:00", "2026-03-27T10:00"),
        ("9:00", "2026-03-28T08:00"),
        ("2026-05-01T08:00", "2026-05-01T06:00"),
        ("2026-05-01T08:00:00Z", "2026-05-01T08:00"),
    ],
)
def test_words_mean_a_time(words: str, meant: str) -> None:
    """English and French, with accents and without; summer time counts from its day on."""
    assert datetime.fromisoformat(meant).replace(tzinfo=UTC) == moment_of(words, NOW, PARIS)


@pytest.mark.parametrize(
    "words",
    ["", "soon", "yesterday", "2020-01-01", "tomorrow 25:00", "in 9999 weeks", "13pm", "in 2 xs"],
)
def test_what_is_no_time_to_come_is_refused(words: str) -> None:
    """With the field at fault."""
    with pytest.raises(Unfit) as refused:
        moment_of(words, NOW, PARIS)

    assert refused.value.pointer == "/until"


@given(st.text(max_size=30))
def test_any_text_is_a_time_to_come_or_refused(words: str) -> None:
    """Nothing else happens."""
    try:
        moment = moment_of(words, NOW, PARIS)
    except Unfit:
        return

    assert moment > NOW
