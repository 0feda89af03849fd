"""How an account fails, recovers, and is left alone until a person acts."""

from datetime import timedelta

import pytest

from courrier.events.families.mailbox import (
    FetchingFailed,
    FetchingRecovered,
    FetchingResumed,
    FetchingSuspended,
)
from courrier.events.testing import Scenario
from courrier.fetcher.domain import backoff
from courrier.fetcher.domain.condition import (
    NoteConfiguration,
    NoteFailure,
    NoteSuccess,
    Resume,
    condition,
)
from support.builders import ACCOUNT, NOON, example

LATER = NOON + timedelta(minutes=5)
RECOVERED = example(FetchingRecovered)
SUSPENDED = example(FetchingSuspended)
scenario = Scenario(condition)


def failed(reason: str, tries: int = 0, version: int = 1) -> FetchingFailed:
    """A failure on the log, told at noon."""
    return FetchingFailed(
        account_id=ACCOUNT,
        reason=reason,
        text="no",
        retry_at=LATER,
        since=NOON,
        tries=tries,
        account_version=version,
    )


def failure(
    reason: str, after: timedelta = timedelta(), *, version: int = 1, is_whole: bool = True
) -> NoteFailure:
    """A failure so long after noon."""
    at = NOON + after
    return NoteFailure(ACCOUNT, reason, "no", at, LATER, version, is_whole)


def suspended(reason: str, tries: int = 0) -> FetchingSuspended:
    """What is told when it is given up."""
    return FetchingSuspended(
        account_id=ACCOUNT, reason=reason, text="no", since=NOON, tries=tries, account_version=1
    )


def test_a_failure_is_recorded_once() -> None:
    """A few days without a server are one event."""
    scenario.when(failure("refused")).then(failed("refused"))
    scenario.given(failed("refused")).when(failure("refused", timedelta(days=2))).then()
    scenario.given(RECOVERED).when(failure("refused")).then(failed("refused"))


def test_another_reason_is_another_fact_of_the_same_trouble() -> None:
    """People see what is wrong now, and since when nothing works."""
    scenario.given(failed("refused")).when(failure("tls", timedelta(hours=1))).then(failed("tls"))


def test_a_recovery_is_recorded_once_and_the_first_time() -> None:
    """Readable for the first time is news, too."""
    scenario.when(NoteSuccess(ACCOUNT)).then(RECOVERED)
    scenario.given(failed("tls")).when(NoteSuccess(ACCOUNT)).then(RECOVERED)
    scenario.given(failed("tls"), RECOVERED).when(NoteSuccess(ACCOUNT)).then()


def test_a_wrong_password_is_tried_three_times() -> None:
    """Each refusal is told, so that they are counted across restarts and other failures."""
    refused = failure("log-in-refused")
    once, twice = failed("log-in-refused", 1), failed("log-in-refused", 2)

    scenario.when(refused).then(once)
    scenario.given(once).when(refused).then(twice)
    scenario.given(once).when(failure("disconnected")).then(failed("disconnected", 1))
    scenario.given(once, failed("disconnected", 1)).when(refused).then(twice)
    scenario.given(once, twice).when(refused).then(suspended("log-in-refused", 3))
    scenario.given(SUSPENDED).when(refused).then()


def test_refused_log_ins_before_a_success_do_not_count() -> None:
    """Nor do those before a folder could be looked for: somebody was let in."""
    twice = failed("log-in-refused", 2)

    scenario.given(twice, RECOVERED).when(failure("log-in-refused")).then(
        failed("log-in-refused", 1)
    )
    scenario.given(twice).when(failure("folder-missing")).then(failed("folder-missing"))


def test_what_was_set_up_otherwise_begins_anew() -> None:
    """Another password has its own three tries."""
    again = failure("log-in-refused", version=2)

    scenario.given(failed("log-in-refused", 2)).when(again).then(
        failed("log-in-refused", 1, version=2)
    )


@pytest.mark.parametrize(
    ("reason", "days"), [("tls", 1), ("name-not-found", 1), ("refused", 7), ("throttled", 7)]
)
def test_an_account_that_fails_for_long_is_suspended(reason: str, days: int) -> None:
    """A day where a person is needed, a week where the server may come back."""
    just_before = failure(reason, timedelta(days=days) - timedelta(seconds=1))

    scenario.given(failed(reason)).when(just_before).then()
    scenario.given(failed(reason)).when(failure(reason, timedelta(days=days))).then(
        suspended(reason)
    )


def test_one_folder_that_fails_suspends_nothing() -> None:
    """The others are read on, however long it takes somebody to see it."""
    partly = failure("folder-missing", timedelta(days=30), is_whole=False)

    scenario.given(failed("folder-missing")).when(partly).then()


def test_a_suspended_account_is_resumed_by_a_person() -> None:
    """By asking for it, or by setting it up otherwise; not by a restart."""
    changed = FetchingResumed(account_id=ACCOUNT, cause="changed")

    scenario.given(SUSPENDED).when(Resume(ACCOUNT)).then(FetchingResumed(account_id=ACCOUNT))
    scenario.given(SUSPENDED).when(NoteConfiguration(ACCOUNT, 2)).then(changed)
    scenario.given(SUSPENDED).when(NoteConfiguration(ACCOUNT, 1)).then()
    scenario.given(SUSPENDED, changed).when(Resume(ACCOUNT)).then()
    scenario.when(Resume(ACCOUNT)).then()


@pytest.mark.parametrize(
    ("reason", "attempt", "expected"),
    [
        ("refused", 1, backoff.FIRST_WAIT_S),
        ("refused", 3, 4 * backoff.FIRST_WAIT_S),
        ("refused", 99, backoff.LONGEST_WAIT_S),
        ("log-in-refused", 1, backoff.LOG_IN_FIRST_WAIT_S),
        ("log-in-refused", 99, backoff.LOG_IN_WAIT_S),
        ("throttled", 1, backoff.THROTTLED_FIRST_WAIT_S),
        ("tls", 99, backoff.PERSON_WAIT_S),
    ],
)
def test_waits_grow_up_to_a_limit(reason: str, attempt: int, expected: float) -> None:
    """A wrong password is tried rarely: providers lock accounts."""
    assert expected == backoff.wait_s(reason, attempt, 1.0)
    assert expected / 2 == backoff.wait_s(reason, attempt, 0.0)


def test_our_own_log_is_tried_again_soon() -> None:
    """A broker that elects a leader is back in seconds: nobody's mail waits minutes for it."""
    assert backoff.LOG_FIRST_WAIT_S == backoff.log_wait_s(1, 1.0)
    assert backoff.LOG_WAIT_S == backoff.log_wait_s(99, 1.0)
