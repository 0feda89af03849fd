"""Which accounts are fetched, and how their folders are shared and found."""

from datetime import date

import pytest

from courrier.events.base import Event
from courrier.events.commands.figures import Push
from courrier.events.families.configuration import SystemFields, SystemSettingsChanged
from courrier.events.families.identity import UserDeactivated, UserReactivated
from courrier.events.families.settings import (
    EmailAccountAdded,
    EmailAccountChanged,
    EmailAccountPaused,
    EmailAccountRemoved,
    EmailAccountResumed,
    GroupOptions,
    UserAdded,
)
from courrier.fetcher.domain.accounts import Standing, active, fold
from courrier.fetcher.domain.connections import busiest_first, shares
from courrier.fetcher.domain.folders import Folder, find, special_use
from courrier.fetcher.domain.periods import Periods, periods
from support.builders import ACCOUNT, example, recorded

PUSHES: tuple[Push, ...] = ("works", "untried", "silent", "none")

ADDED = example(EmailAccountAdded)
PAUSED = example(EmailAccountPaused)
GONE = example(UserDeactivated, user_id=ADDED.owner_id)


def standing(*events: Event) -> Standing:
    """Fold events as SETTINGS would give them, each the next of one aggregate."""
    return fold(Standing(), [recorded(e, version=n) for n, e in enumerate(events, 1)])


def fetched(*events: Event) -> list[str]:
    """Ids of the accounts that are fetched after these events."""
    return list(active(standing(*events)))


def test_an_account_is_fetched_until_it_is_paused_or_removed() -> None:
    """SETTINGS alone says what is fetched."""
    resumed, removed = example(EmailAccountResumed), example(EmailAccountRemoved)

    assert [ACCOUNT] == fetched(example(UserAdded), ADDED)
    assert [] == fetched(ADDED, PAUSED)
    assert [ACCOUNT] == fetched(ADDED, PAUSED, resumed)
    assert [] == fetched(ADDED, removed)


def test_a_changed_account_stays_paused() -> None:
    """Sending the form again changes the account, not the wish to leave it alone."""
    assert [] == fetched(ADDED, PAUSED, ADDED)


def test_an_account_that_only_sends_is_not_fetched() -> None:
    """Without an IMAP server there is nothing to do."""
    assert [] == fetched(ADDED, example(EmailAccountAdded, imap=None))


def test_a_changed_date_is_a_changed_account() -> None:
    """The work on it starts anew with what holds now."""
    later = example(EmailAccountChanged, fetch_since=date(2026, 1, 1))

    assert date(2026, 1, 1) == active(standing(ADDED, later))[ACCOUNT].fetch_since
    assert [] == fetched(ADDED, PAUSED, later)


def test_an_account_of_somebody_who_is_gone_is_not_fetched() -> None:
    """At once, and again when they are back; a team's account does not depend on who set it up."""
    back = example(UserReactivated, user_id=ADDED.owner_id)
    team = example(EmailAccountAdded, group=GroupOptions())

    assert [] == fetched(ADDED, GONE)
    assert [ACCOUNT] == fetched(GONE, ADDED, back)
    assert [ACCOUNT] == fetched(team, GONE)


def test_the_same_form_sent_again_begins_anew() -> None:
    """Its password may be another: nobody sees it, and whoever waits for it has to try."""
    once, twice = active(standing(ADDED))[ACCOUNT], active(standing(ADDED, ADDED))[ACCOUNT]

    assert once != twice
    assert [1, 2] == [once.version, twice.version]


def test_system_settings_hold_as_they_are_now() -> None:
    """How often servers without push are asked: everybody's period, an own one, never too often."""
    system = SystemFields(fetch_period_s=120, fetch_period_min_s=90)
    holds = standing(example(SystemSettingsChanged, fields=system)).system

    assert 120 == periods(holds, None).poll_s
    assert 600 == periods(holds, 600).poll_s
    assert 90 == periods(holds, 20).poll_s


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
    ("folders", "most", "expected"),
    [
        (("INBOX",), 3, [("INBOX",)]),
        (("INBOX", "INBOX"), 3, [("INBOX",)]),
        (("b", "inbox", "a"), 3, [("inbox",), ("b",), ("a",)]),
        (("a", "b", "c", "d", "INBOX"), 3, [("INBOX",), ("a", "c"), ("b", "d")]),
        (("a", "INBOX"), 1, [("INBOX", "a")]),
    ],
)
def test_folders_share_a_few_connections(
    folders: tuple[str, ...], most: int, expected: list[tuple[str, ...]]
) -> None:
    """Servers count connections: the INBOX has one of its own, the others share the rest."""
    assert expected == shares(folders, most)


def test_the_busiest_folder_is_the_one_that_is_pushed() -> None:
    """The INBOX before all; where there was no news, the order is the person's own."""
    assert ["c", "a", "b"] == busiest_first(["a", "b", "c"], {"c": 3})
    assert ["Inbox", "c", "a"] == busiest_first(["a", "c", "Inbox"], {"c": 3})


def test_a_push_that_works_is_trusted_until_idle_is_renewed() -> None:
    """One that said nothing so far is asked as if there were none; folders beside it often."""
    hourly = Periods(poll_s=3600, status_s=30)
    usual = Periods(poll_s=300, status_s=30)

    assert [540, 300, 300, 300] == [usual.of_push(push) for push in PUSHES]
    assert [540, 540, 540, 540] == [hourly.of_push(push) for push in PUSHES]
    assert [30, 30, 30, 300] == [usual.of_status(push) for push in PUSHES]
