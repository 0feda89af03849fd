"""Which records a message concerns; the tables read like the rules."""

from collections.abc import Mapping
from typing import Any

import pytest

from courrier.events.base import RecordRef
from courrier.events.families.email import Link
from courrier.linker.domain.known import Known, Owner
from courrier.linker.domain.matching import links_of
from unit.linker.arriving import (
    ADA,
    COMPANY,
    CONTACT,
    GRACE,
    LEAD,
    arrival,
    mailbox,
    received,
    sent,
    world,
)

THREAD = "thread"
STRANGER = mailbox("stranger@example.test")
OTHER = RecordRef(type="contact", id="c2")
OWNERS: Mapping[str, tuple[Owner, ...]] = {
    "contact@x.test": (Owner(CONTACT, COMPANY.id),),
    "alone@x.test": (Owner(CONTACT),),
    "company@x.test": (Owner(COMPANY),),
    "lead@x.test": (Owner(LEAD),),
    "shared@x.test": (Owner(LEAD), Owner(OTHER), Owner(CONTACT, COMPANY.id), Owner(COMPANY)),
    "case@x.test": (Owner(RecordRef(type="case", id="k1")), Owner(LEAD)),
}


def found(known: Known, *, b2c: bool = False, **changes: Any) -> tuple[Link, ...]:
    """The links of a message from a stranger to a stranger, but for ``changes``."""
    headers = {"from": STRANGER, "to": [STRANGER]} | changes
    return links_of(arrival(received(**headers)), THREAD, known, contact_is_parent=b2c)


def row(link: Link) -> tuple[str, bool, str, str | None]:
    """Record, whether it is the parent, rule and field."""
    return (link.record.id, link.parent, link.reason.rule, link.reason.field)


@pytest.mark.parametrize(
    ("headers", "links"),
    [
        # a contact stands for its account
        (
            {"from": mailbox("contact@x.test")},
            [
                ("co1", True, "account-of-contact", "from"),
                ("c1", False, "contact-address", "from"),
            ],
        ),
        ({"from": mailbox("alone@x.test")}, [("c1", True, "contact-address", "from")]),
        ({"from": mailbox("company@x.test")}, [("co1", True, "account-address", "from")]),
        ({"from": mailbox("lead@x.test")}, [("l1", True, "lead-address", "from")]),
        ({"from": mailbox("LEAD@X.test")}, [("l1", True, "lead-address", "from")]),
        # From, then Reply-To, then To, then Cc
        ({"reply_to": [mailbox("lead@x.test")]}, [("l1", True, "lead-address", "reply_to")]),
        ({"to": [mailbox("lead@x.test")]}, [("l1", True, "lead-address", "to")]),
        ({"to": [STRANGER, mailbox("lead@x.test")]}, [("l1", True, "lead-address", "to")]),
        ({"cc": [mailbox("lead@x.test")]}, [("l1", True, "lead-address", "cc")]),
        (
            {"from": mailbox("lead@x.test"), "to": [mailbox("company@x.test")]},
            [("l1", True, "lead-address", "from")],
        ),
        (
            {"reply_to": [mailbox("company@x.test")], "to": [mailbox("lead@x.test")]},
            [("co1", True, "account-address", "reply_to")],
        ),
        (
            {"to": [mailbox("company@x.test")], "cc": [mailbox("lead@x.test")]},
            [("co1", True, "account-address", "to")],
        ),
        # one address, several records: contact, account, lead, others; then by id
        (
            {"from": mailbox("shared@x.test")},
            [
                ("co1", True, "account-of-contact-of-several", "from"),
                ("c1", False, "contact-address-of-several", "from"),
            ],
        ),
        ({"from": mailbox("case@x.test")}, [("l1", True, "lead-address-of-several", "from")]),
        # nobody known, nothing that could be an address
        ({}, []),
        ({"from": None, "to": []}, []),
        ({"from": mailbox("lead\x00@x.test")}, []),
        ({"from": mailbox("")}, []),
    ],
)
def test_the_first_address_with_a_record_decides(
    headers: dict[str, Any], links: list[tuple[str, bool, str, str]]
) -> None:
    """Every link says by which rule, in which field."""
    assert [row(link) for link in found(Known(owners=OWNERS), **headers)] == links


def test_where_customers_are_persons_the_contact_is_the_parent() -> None:
    """B2C: the account is linked beside it."""
    links = found(Known(owners=OWNERS), b2c=True, **{"from": mailbox("contact@x.test")})

    assert [row(link)[:2] for link in links] == [("c1", True), ("co1", False)]


def test_the_reason_names_the_address_that_was_met() -> None:
    """'Why is this here?' is answered with the value itself."""
    (link,) = found(Known(owners=OWNERS), cc=[mailbox("Lead@X.test", "Lea")])

    assert link.reason.value == "lead@x.test"


def test_our_own_addresses_lead_nowhere() -> None:
    """Sent mail finds its recipient, even where a contact bears our user's address."""
    owners = {GRACE: (Owner(OTHER),), ADA: (Owner(CONTACT, COMPANY.id),)}

    links = links_of(arrival(sent()), THREAD, world(owners=owners), contact_is_parent=False)

    assert [row(link)[:3] for link in links] == [
        ("co1", True, "account-of-contact"),
        ("c1", False, "contact-address"),
    ]


@pytest.mark.parametrize(
    ("parent", "headers", "links"),
    [
        (LEAD, {}, [("l1", True, "thread-parent")]),
        (
            LEAD,
            {"from": mailbox("contact@x.test")},
            [("l1", True, "thread-parent"), ("c1", False, "contact-address")],
        ),
        (
            COMPANY,
            {"from": mailbox("contact@x.test")},
            [("co1", True, "thread-parent"), ("c1", False, "contact-address")],
        ),
        (CONTACT, {"from": mailbox("alone@x.test")}, [("c1", True, "thread-parent")]),
        (LEAD, {"from": mailbox("company@x.test")}, [("l1", True, "thread-parent")]),
    ],
)
def test_the_record_of_the_thread_comes_before_every_address(
    parent: RecordRef, headers: dict[str, Any], links: list[tuple[str, bool, str]]
) -> None:
    """A conversation stays at its record; the person who writes is linked beside it."""
    known = Known(owners=OWNERS, thread_parents={THREAD: parent})

    assert [row(link)[:3] for link in found(known, **headers)] == links
