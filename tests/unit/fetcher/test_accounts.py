"""Accounts, their folders, their state and their pauses: all that is decided about them."""

from datetime import date

import pytest

from courrier.events.families.mailbox import FetchingFailed, FetchingRecovered
from courrier.events.families.settings import (
    EmailAccountAdded,
    EmailAccountChanged,
    EmailAccountPaused,
    EmailAccountRemoved,
    EmailAccountResumed,
    UserAdded,
)
from courrier.events.testing import Scenario
from courrier.fetcher.domain import backoff
from courrier.fetcher.domain.accounts import active, fold
from courrier.fetcher.domain.condition import NoteFailure, NoteSuccess, condition
from courrier.fetcher.domain.connections import MOST_CONNECTIONS, shares
from courrier.fetcher.domain.folders import Folder, find, special_use
from support.builders import ACCOUNT, NOON, example

ADDED = example(EmailAccountAdded)
PAUSED = example(EmailAccountPaused)
FAILED = example(FetchingFailed, reason="refused", text="closed", retry_at=NOON)
RECOVERED = example(FetchingRecovered)
scenario = Scenario(condition)


def test_an_account_is_fetched_until_it_is_paused_or_removed() -> None:
    """SETTINGS alone says what is fetched."""
    resumed, removed = example(EmailAccountResumed), example(EmailAccountRemoved)

    assert [ACCOUNT] == list(active(fold({}, [example(UserAdded), ADDED])))
    assert {} == active(fold({}, [ADDED, PAUSED]))
    assert [ACCOUNT] == list(active(fold({}, [ADDED, PAUSED, resumed])))
    assert {} == active(fold({}, [ADDED, removed]))


def test_a_changed_account_stays_paused() -> None:
    """Sending the form again changes the account, not the wish to leave it alone."""
    assert {} == active(fold({}, [ADDED, PAUSED, ADDED]))


def test_an_account_that_only_sends_is_not_fetched() -> None:
    """Without an IMAP server there is nothing to do."""
    assert {} == active(fold({}, [ADDED, example(EmailAccountAdded, imap=None)]))


def test_a_changed_date_is_a_changed_account() -> None:
    """The work on it starts anew with what holds now."""
    later = example(EmailAccountChanged, fetch_since=date(2026, 1, 1))

    assert date(2026, 1, 1) == active(fold({}, [ADDED, later]))[ACCOUNT].fetch_since
    assert {} == active(fold({}, [ADDED, PAUSED, later]))


def test_a_failure_is_recorded_once() -> None:
    """A week without a server is one event."""
    failure = NoteFailure(ACCOUNT, "refused", "closed", NOON)

    scenario.when(failure).then(FAILED)
    scenario.given(FAILED).when(failure).then()
    scenario.given(RECOVERED).when(failure).then(FAILED)


def test_another_reason_is_another_fact() -> None:
    """People see what is wrong now."""
    failure = NoteFailure(ACCOUNT, "tls", "expired")

    expected = FetchingFailed(account_id=ACCOUNT, reason="tls", text="expired")
    scenario.given(FAILED).when(failure).then(expected)


def test_a_recovery_is_recorded_once_and_the_first_time() -> None:
    """Readable for the first time is news, too."""
    scenario.when(NoteSuccess(ACCOUNT)).then(RECOVERED)
    scenario.given(FAILED).when(NoteSuccess(ACCOUNT)).then(RECOVERED)
    scenario.given(FAILED, RECOVERED).when(NoteSuccess(ACCOUNT)).then()


@pytest.mark.parametrize(
    ("reason", "attempt", "expected"),
    [
        ("refused", 1, backoff.FIRST_WAIT_S),
        ("refused", 3, 4 * backoff.FIRST_WAIT_S),
        ("refused", 99, backoff.LONGEST_WAIT_S),
        ("log-in-refused", 99, backoff.PERSON_WAIT_S),
    ],
)
def test_waits_double_up_to_a_limit(reason: str, attempt: int, expected: float) -> None:
    """A wrong password is tried rarely: providers lock accounts."""
    assert expected == backoff.wait_s(reason, attempt, 1.0)
    assert expected / 2 == backoff.wait_s(reason, attempt, 0.0)


def test_our_own_log_is_tried_again_soon() -> None:
    """A broker that elects a leader is back in seconds: nobody's mail waits minutes for it."""
    assert backoff.LOG_FIRST_WAIT_S == backoff.log_wait_s(1, 1.0)
    assert backoff.LOG_WAIT_S == backoff.log_wait_s(99, 1.0)


SENT = Folder("Gesendet", ("\\HasNoChildren", "\\sent"), "/")
INBOX = Folder("INBOX", (), "/")


def test_special_use_has_no_case() -> None:
    """Cyrus writes it in lower case; the event has the RFC's spelling."""
    assert "\\Sent" == special_use(SENT, [SENT, INBOX])
    assert SENT == find("\\Sent", [INBOX, SENT])


def test_usual_names_count_where_a_server_has_no_attributes() -> None:
    """An old server's Sent is still what was sent; beside attributes a name proves nothing."""
    old = Folder("INBOX.Sent Items", (), ".")

    assert "\\Sent" == special_use(old, [old, INBOX])
    assert special_use(old, [old, INBOX, SENT]) is None


def test_inbox_has_no_case_and_always_exists() -> None:
    """RFC 9051 section 5.1; other names are taken as they are."""
    assert "INBOX" == getattr(find("inbox", []), "name", None)
    assert find("gesendet", [SENT]) is None


@pytest.mark.parametrize(
    ("folders", "expected"),
    [
        (("INBOX",), [("INBOX",)]),
        (("INBOX", "INBOX"), [("INBOX",)]),
        (("a", "b", "c"), [("a",), ("b",), ("c",)]),
        (("a", "b", "c", "d", "e"), [("a",), ("b",), ("c", "d", "e")]),
    ],
)
def test_folders_share_a_few_connections(
    folders: tuple[str, ...], expected: list[tuple[str, ...]]
) -> None:
    """Servers count connections; the first folders are pushed, the others polled."""
    assert expected == shares(folders)
    assert len(expected) <= MOST_CONNECTIONS
