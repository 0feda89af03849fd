"""Which e-mail a message is."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courrier.events.base import Mailbox
from courrier.events.identity import Identity, email_id_of, own_email_id
from courrier.linker.domain.identity import (
    fingerprint_of,
    subject_key_of,
)
from support.builders import DIGEST
from unit.linker.arriving import IDENTITY, arrival, mailbox, received, sent, signed

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
EMAIL_ID = "5" * 32
ADA = Mailbox(name="Ada", address="ada@example.test")


def test_a_received_message_is_named_by_its_message_id() -> None:
    """The same Message-ID in two mailboxes is one e-mail."""
    assert arrival(received(message_id="m@x", folder="INBOX")).email_id == IDENTITY.email_of("m@x")


@pytest.mark.parametrize("message_id", [None, ""])
def test_a_message_without_message_id_is_named_by_its_bytes(message_id: str | None) -> None:
    """The same bytes again are the same e-mail."""
    found = arrival(received(message_id=message_id))

    assert found.email_id == IDENTITY.email_of_bytes(DIGEST)


def test_a_sent_message_keeps_the_id_of_its_draft() -> None:
    """One id for life."""
    found = arrival(sent(email_id=EMAIL_ID))

    assert (found.email_id, found.ours) == (EMAIL_ID, True)


def test_a_copy_of_our_own_message_leads_back_to_it() -> None:
    """The Sent folder shows what we sent, not another e-mail."""
    found = arrival(received(message_id=signed(EMAIL_ID)))

    assert (found.email_id, found.ours) == (EMAIL_ID, True)


@pytest.mark.parametrize(
    "message_id",
    [
        f"{EMAIL_ID}.{'0' * 16}@example.test",
        f"{EMAIL_ID}@example.test",
        f"x{signed(EMAIL_ID)}",
        signed(EMAIL_ID).replace("5", "6", 1),
        signed(EMAIL_ID).upper(),
        f"{EMAIL_ID}.{Identity(b'other' * 8).sign('message-id', EMAIL_ID)}@example.test",
        "",
    ],
)
def test_an_imitated_own_id_leads_nowhere(message_id: str) -> None:
    """Whoever does not have our key cannot name one of our e-mails."""
    assert own_email_id(message_id, IDENTITY) is None
    assert email_id_of(message_id, IDENTITY) == IDENTITY.email_of(message_id)


@given(st.text())
def test_any_text_may_stand_for_a_message_id(text: str) -> None:
    """A header holds what its writer liked; an id comes of it, never an error."""
    assert len(email_id_of(text, IDENTITY)) == 32


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({}, True),
        ({"subject": "Re: [list] Question"}, True),
        ({"from": mailbox("ADA@Example.test", "someone else")}, True),
        ({"date": NOON + timedelta(microseconds=5)}, True),
        ({"text": "other words", "to": [], "references": ["a@b"]}, True),
        ({"subject": "Answer"}, False),
        ({"subject": None}, False),
        ({"from": mailbox("eve@example.test")}, False),
        ({"from": None}, False),
        ({"date": NOON + timedelta(seconds=1)}, False),
        ({"date": None}, False),
    ],
)
def test_copies_share_a_fingerprint_and_imposters_do_not(
    changes: dict[str, Any], *, same: bool
) -> None:
    """From, Date and base subject say whether two messages with one Message-ID are one."""
    first, second = arrival(received()), arrival(received(**changes))

    assert (first.fingerprint == second.fingerprint) == same
    assert (first.other_id == second.other_id) == same


def test_a_sent_message_and_its_copy_share_a_fingerprint() -> None:
    """What the sender recorded and what the Sent folder shows are one message."""
    assert arrival(sent()).fingerprint == fingerprint_of(
        Mailbox(name=None, address="grace@example.test"), NOON, "Offer"
    )


def test_a_message_that_says_nothing_of_a_subject_has_no_subject_key() -> None:
    """'Re:' alone has no base subject."""
    assert [subject_key_of(each) for each in (None, "", "Re:", " re: ")] == [""] * 4
