"""Who holds a message, in which folder, read or not."""

from typing import Any

import pytest

from courrier.linker.domain.filing import holdings_of
from courrier.linker.domain.known import GroupAccount, Known
from support.builders import ACCOUNT, USER
from unit.linker.arriving import (
    ADA,
    GRACE,
    OTHER_ACCOUNT,
    OTHER_USER,
    arrival,
    imported,
    mailbox,
    received,
    world,
)
from unit.linker.arriving import sent as sent_message

Row = tuple[str, str, bool, str]
OURS = {"server": "mail.example.test", "is_own": True, "verdict": "pass"}
THEIRS = OURS | {"is_own": False}
DENIED = OURS | {"verdict": "fail"}


def rows(source: Any, known: Known | None = None) -> list[Row]:
    """Holder, folder, read and rule of each holding."""
    holdings = holdings_of(arrival(source), known or world())
    return [(each.holder_id, each.folder, each.is_read, each.reason.rule) for each in holdings]


@pytest.mark.parametrize(
    ("changes", "holding"),
    [
        ({}, (USER, "inbox", False, "account-owner")),
        ({"flags": ("\\Seen",)}, (USER, "inbox", True, "account-owner")),
        ({"flags": ("\\SEEN", "$x")}, (USER, "inbox", True, "account-owner")),
        ({"flags": ("\\Flagged", "Seen")}, (USER, "inbox", False, "account-owner")),
        ({"folder": "Sent"}, (USER, "inbox", False, "account-owner")),
        ({"special_use": "\\Sent"}, (USER, "sent", True, "sent-folder")),
        ({"special_use": "sent"}, (USER, "sent", True, "sent-folder")),
        ({"special_use": "\\Archive"}, (USER, "inbox", False, "account-owner")),
        ({"special_use": "\\Junk"}, (USER, "junk", False, "junk-folder")),
        ({"flags": ("$Junk", "\\Seen")}, (USER, "junk", True, "junk-mark")),
        ({"flags": ("$JUNK", "$NotJunk")}, (USER, "inbox", False, "account-owner")),
        ({"from": mailbox(GRACE)}, (USER, "sent", True, "own-address")),
        ({"from": mailbox("Grace@Example.test")}, (USER, "sent", True, "own-address")),
        (
            {"from": mailbox(ADA), "reply_to": [mailbox(GRACE)]},
            (USER, "inbox", False, "account-owner"),
        ),
        ({"from": None, "to": [mailbox(GRACE)]}, (USER, "inbox", False, "account-owner")),
        # under my address from outside: mine only if the receiving server says so
        (
            {"from": mailbox(GRACE), "is_from_outside": True},
            (USER, "inbox", False, "own-address-unproven"),
        ),
        (
            {"from": mailbox(GRACE), "is_from_outside": True, "authentication": [OURS]},
            (USER, "sent", True, "own-address"),
        ),
        (
            {"from": mailbox(GRACE), "is_from_outside": True, "authentication": [THEIRS]},
            (USER, "inbox", False, "own-address-unproven"),
        ),
        (
            {"from": mailbox(GRACE), "is_from_outside": True, "authentication": [OURS, DENIED]},
            (USER, "inbox", False, "own-address-unproven"),
        ),
        (
            {"from": mailbox(GRACE), "is_from_outside": True, "special_use": "\\Sent"},
            (USER, "sent", True, "sent-folder"),
        ),
        # a colleague's mail is not mine
        (
            {"account_id": OTHER_ACCOUNT, "from": mailbox(GRACE)},
            (OTHER_USER, "inbox", False, "account-owner"),
        ),
        # handed in by a person, whoever wrote it
        ({"holder_id": "p1", "target_folder": "inbox"}, ("p1", "inbox", False, "handed-in")),
        ({"holder_id": "p1", "target_folder": "archive"}, ("p1", "archive", True, "handed-in")),
        ({"holder_id": "p1", "from": mailbox(GRACE)}, ("p1", "archive", True, "handed-in")),
    ],
)
def test_a_received_message_is_filed_for_whom_it_came(
    changes: dict[str, Any], holding: Row
) -> None:
    """The account's owner has it, in the inbox unless it is their own mail."""
    assert rows(received(**changes)) == [holding]


def test_what_a_machine_answered_is_the_groups() -> None:
    """Of its teams, else of whoever takes its mail; read, among what was sent."""
    message = sent_message(author_id="system", account_id=ACCOUNT)
    owners = {ACCOUNT: "root"}

    def held(group: GroupAccount) -> list[tuple[str, str, str, bool]]:
        known = Known(groups={ACCOUNT: group}, account_owners=owners)
        holdings = holdings_of(arrival(message), known)
        return [(h.holder_type, h.holder_id, h.folder, h.is_read) for h in holdings]

    assert [("group", "t", "sent", True)] == held(GroupAccount("help@x.test", ("t",)))
    assert [("user", "u", "sent", True)] == held(GroupAccount("help@x.test", user_id="u"))
    assert [("user", "root", "sent", True)] == held(GroupAccount("help@x.test"))


def test_a_sent_message_is_in_its_author_s_sent_folder() -> None:
    """Read, of course."""
    assert rows(sent_message(author_id="p1")) == [("p1", "sent", True, "author")]


def test_nobody_holds_the_mail_of_an_unknown_account() -> None:
    """It is an e-mail all the same: nothing is lost."""
    assert rows(received(account_id="unknown")) == []


def test_the_holding_names_its_account_and_its_reason() -> None:
    """Which of my mailboxes it came by, and why I have it."""
    (holding,) = holdings_of(arrival(received()), world())

    assert (holding.account_id, holding.holder_type) == (ACCOUNT, "user")
    assert (holding.reason.field, holding.reason.value) == ("account_id", ACCOUNT)


def test_a_server_that_an_administrator_names_is_believed() -> None:
    """Wherever its word stands: it removes what pretends to be its own."""
    said = {"from": mailbox(GRACE), "is_from_outside": True, "authentication": [THEIRS]}
    trusting = world(trusted_servers=frozenset({"mail.example.test"}))

    assert rows(received(**said), trusting) == [(USER, "sent", True, "own-address")]


def test_what_the_receiving_server_says_is_told() -> None:
    """With its name; what others say is not."""
    (known,) = imported(received(authentication=[OURS, DENIED]))
    (unknown,) = imported(received(authentication=[THEIRS]))

    assert (known.authentication, known.authenticated_by) == ("fail", "mail.example.test")
    assert (unknown.authentication, unknown.authenticated_by) == ("none", None)


def test_junk_is_quiet_and_linked_to_nothing() -> None:
    """Even where its address is known; and a filter does not bring it back."""
    (event,) = imported(received(special_use="\\Junk"))
    (usual,) = imported(received())

    assert ((), True) == (event.links, event.holdings[0].is_quiet)
    assert not usual.holdings[0].is_quiet
    assert usual.links
