"""How a mailbox fares is said in plain words, in the reader's language."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from courrier.events.commands.figures import SIGN_IN_ENDS_SOON
from courrier.fetcher.domain.failures import Reason
from courrier.gateway.domain.account_words import told, warning

NEVER_FAIL_AN_ACCOUNT = {"not-possible"}


@pytest.mark.parametrize("reason", sorted({*get_args(Reason)} - NEVER_FAIL_AN_ACCOUNT))
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_reason_has_words_and_something_to_do(reason: str, language: str) -> None:
    """Whatever the fetcher can fail with."""
    words = told("needs_person", reason, language)

    assert all([words.state, words.why, words.to_do])


def test_a_mailbox_that_works_needs_no_explanation() -> None:
    """Nor does one that a person has paused."""
    assert ("", "") == (told("working", None, "en").why, told("paused", "tls", "fr").to_do)


def test_a_reason_from_another_version_is_told_without_words() -> None:
    """The state still says what matters."""
    assert told("failing", "struck-by-lightning", "en").why == ""


def test_a_sign_in_that_ends_soon_is_a_warning() -> None:
    """Two weeks before, with the day, in the reader's language; none where it lasts."""
    now = datetime(2026, 3, 2, tzinfo=UTC)

    assert (None, None) == (
        warning(None, now, "en"),
        warning(now + 2 * SIGN_IN_ENDS_SOON, now, "fr"),
    )
    assert "2026-03-03" in str(warning(now + timedelta(days=1), now, "en"))
    assert "prend fin" in str(warning(now + timedelta(days=1), now, "fr"))
