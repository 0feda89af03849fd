"""Opaque texts that clients hand back: cursors, positions, tokens."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courrier.gateway.domain.cursors import FIRST_PAGE, BadCursor, Cursor, parse_cursor
from courrier.gateway.domain.positions import BadPosition, OtherLog, parse_positions, position_text
from courrier.gateway.domain.tokens import digest_of_text, token_digest, token_text

MOMENTS = st.datetimes(
    min_value=datetime(1, 1, 2),  # noqa: DTZ001  hypothesis adds the zone
    max_value=datetime(9999, 12, 30),  # noqa: DTZ001  hypothesis adds the zone
    timezones=st.just(UTC),
)


@given(moment=MOMENTS, email_id=st.text("0123456789abcdef", min_size=1, max_size=32))
def test_a_cursor_comes_back_as_it_went(moment: datetime, email_id: str) -> None:
    """To the microsecond: else a page would begin with a row seen before."""
    cursor = Cursor(moment, email_id)

    assert cursor == parse_cursor(cursor.text())


def test_no_cursor_is_the_first_page() -> None:
    """It stands before every row."""
    assert FIRST_PAGE == parse_cursor(None)


@given(text=st.text(max_size=300))
def test_any_other_text_is_refused(text: str) -> None:
    """No text makes it fail otherwise."""
    try:
        parse_cursor(text)
    except BadCursor:
        return


def test_positions_of_several_streams_are_waited_for() -> None:
    """The furthest of each stream counts."""
    assert {"EMAIL": 42, "CRM": 7} == parse_positions("1.EMAIL:41, 1.CRM:7,1.EMAIL:42", 1)


def test_a_position_of_an_older_log_is_refused() -> None:
    """A log restored from the archive raised the epoch: what stood there may be lost."""
    with pytest.raises(OtherLog):
        parse_positions("1.EMAIL:41", 2)


@pytest.mark.parametrize("text", ["", "EMAIL:1", "1.EMAIL:-1", "1.NOPE:1", "1.EMAIL:" + "9" * 30])
def test_what_we_never_gave_is_refused(text: str) -> None:
    """It is the client's mistake, told as such."""
    with pytest.raises(BadPosition):
        parse_positions(text, 1)


def test_no_position_stays_none() -> None:
    """A write that wrote nothing has none."""
    assert position_text(None, 1) is None
    assert position_text("EMAIL:3", 2) == "2.EMAIL:3"


def test_a_token_is_known_by_its_digest() -> None:
    """The text itself is kept nowhere."""
    secret = bytes(range(32))

    assert token_digest(secret) == digest_of_text(token_text(secret))
    assert digest_of_text("courrier_" + "0F" * 32) is None
    assert digest_of_text("Bearer nonsense") is None
