"""Which addresses a person may write from, by which way out, and where an answer starts from."""

from dataclasses import replace

import pytest

from courrier.gateway.domain.access import Person
from courrier.gateway.domain.from_choice import (
    FromNotAllowed,
    NoWayToSend,
    WayOut,
    chosen_from,
    from_choices,
    usual_from,
)

GRACE = Person(
    id="grace",
    login="grace",
    name="Grace Hopper",
    email_addresses=("grace@x.test", "hopper@x.test"),
    team_ids=("support",),
)
WORK = WayOut(account_id="work", kind="personal", address="Grace@X.test", owner_id="grace")
OTHER = WayOut(account_id="other", kind="personal", address="boss@x.test", owner_id="grace")
LINUS = WayOut(account_id="linus", kind="personal", address="hopper@x.test", owner_id="linus")
MINE = WayOut(account_id="preferences-grace", kind="preferences", owner_id="grace")
HELP = WayOut(
    account_id="help", kind="group", address="help@x.test", name="Help", team_ids=("support",)
)
SALES = WayOut(account_id="sales", kind="group", address="sales@x.test", team_ids=("sales",))
NEWS = WayOut(account_id="news", kind="shared", address="news@x.test", name="News", is_for_all=True)
SYSTEM = WayOut(account_id="system", kind="system", address="crm@x.test", name="CRM")
SHARED_SYSTEM = replace(SYSTEM, is_for_all=True)


@pytest.mark.parametrize(
    ("ways", "expected"),
    [
        ([], []),
        ([WORK], [("grace@x.test", "work")]),
        ([WORK, OTHER, LINUS], [("grace@x.test", "work")]),
        ([MINE], [("grace@x.test", MINE.account_id), ("hopper@x.test", MINE.account_id)]),
        ([WORK, MINE], [("grace@x.test", "work"), ("hopper@x.test", MINE.account_id)]),
        (
            [SHARED_SYSTEM, MINE],
            [
                ("grace@x.test", MINE.account_id),
                ("hopper@x.test", MINE.account_id),
                ("crm@x.test", "system"),
            ],
        ),
        (
            [replace(WORK, has_server=False), SHARED_SYSTEM],
            [("grace@x.test", "system"), ("hopper@x.test", "system"), ("crm@x.test", "system")],
        ),
        ([SYSTEM, replace(WORK, has_server=False)], []),
        ([HELP, SALES], [("help@x.test", "help")]),
        (
            [replace(HELP, has_server=False), replace(NEWS, address="help@x.test")],
            [("help@x.test", "news")],
        ),
        ([replace(HELP, has_server=False)], []),
        ([NEWS], [("news@x.test", "news")]),
        ([replace(NEWS, is_for_all=False)], []),
        ([replace(NEWS, is_for_all=False, team_ids=("support",))], [("news@x.test", "news")]),
    ],
)
def test_addresses_are_exactly_those_that_are_granted_and_can_be_sent(
    ways: list[WayOut], expected: list[tuple[str, str]]
) -> None:
    """Each once, with the first way out that there is for it."""
    choices = from_choices(GRACE, ways)

    assert expected == [(each.address, each.account_id) for each in choices]


def test_an_administrators_accounts_count_as_theirs() -> None:
    """And so do all groups; another person's account does not."""
    admin = replace(GRACE, id="root", is_admin=True, email_addresses=())
    own = replace(OTHER, owner_id="root")

    assert ["boss@x.test", "help@x.test", "sales@x.test"] == [
        each.address for each in from_choices(admin, [WORK, own, HELP, SALES])
    ]


def test_mail_carries_the_name_of_whoever_it_is_from() -> None:
    """The person's on own addresses, whatever way they leave by; else the account's."""
    choices = from_choices(GRACE, [WORK, HELP, SHARED_SYSTEM])

    assert [
        ("grace@x.test", "Grace Hopper"),
        ("hopper@x.test", "Grace Hopper"),
        ("help@x.test", "Help"),
        ("crm@x.test", "CRM"),
    ] == [(each.address, each.name) for each in choices]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"address": "GRACE@x.test"}, "grace@x.test"),
        ({"account_id": "help"}, "help@x.test"),
        ({"address": "hopper@x.test", "account_id": "system"}, "hopper@x.test"),
    ],
)
def test_what_is_asked_for_is_taken(asked: dict[str, str], expected: str) -> None:
    """By address, by account, or by both."""
    assert (
        expected == chosen_from(from_choices(GRACE, [WORK, HELP, SHARED_SYSTEM]), **asked).address
    )


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({"address": "boss@x.test"}, "/from"),
        ({"account_id": "sales"}, "/account_id"),
        ({"address": "grace@x.test", "account_id": "help"}, "/account_id"),
    ],
)
def test_what_is_not_granted_is_refused(asked: dict[str, str], pointer: str) -> None:
    """And the field is named."""
    with pytest.raises(FromNotAllowed) as refused:
        chosen_from(from_choices(GRACE, [WORK, OTHER, HELP, SALES]), **asked)

    assert pointer == refused.value.pointer


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({}, "grace@x.test"),
        ({"received_by": "help"}, "help@x.test"),
        ({"received_by": "sales"}, "grace@x.test"),
        ({"received_at": ["ada@x.test", "HOPPER@x.test"]}, "hopper@x.test"),
        ({"received_by": "help", "received_at": ["hopper@x.test"]}, "help@x.test"),
        ({"usual_account_id": "system"}, "hopper@x.test"),
        ({"received_at": ["help@x.test"], "usual_account_id": "work"}, "help@x.test"),
    ],
)
def test_an_answer_starts_from_where_the_message_came_to(
    told: dict[str, str], expected: str
) -> None:
    """The receiving account, then an address that it was written to, then what is preferred."""
    choices = from_choices(GRACE, [WORK, HELP, SALES, SHARED_SYSTEM])

    assert expected == usual_from(choices, **told).address


def test_a_group_mailbox_without_a_server_is_still_where_an_answer_starts_from() -> None:
    """Its mail leaves by the system's account, from its address."""
    choices = from_choices(GRACE, [WORK, replace(HELP, has_server=False), SHARED_SYSTEM])
    found = usual_from(choices, received_by="help")

    assert ("help@x.test", "system", "help") == (found.address, found.account_id, found.of)


def test_nobody_writes_from_nowhere() -> None:
    """What to do about it is said."""
    with pytest.raises(NoWayToSend, match="ask an administrator"):
        usual_from(from_choices(GRACE, []))
