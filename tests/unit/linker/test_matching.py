"""Which records a message concerns; the tables read like the rules."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from courrier.events.base import RecordRef
from courrier.events.families.email import Link
from courrier.linker.domain.identity import subject_key_of
from courrier.linker.domain.known import Known, KnownEmail, Owner
from courrier.linker.domain.matching import links_of
from support.builders import NOON
from unit.linker.arriving import (
    ADA,
    COMPANY,
    CONTACT,
    GRACE,
    IDENTITY,
    LEAD,
    arrival,
    mailbox,
    received,
    sent,
    signed,
    world,
)

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
    return links_of(arrival(received(**headers)).words, known, contact_is_parent=b2c)


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

    links = links_of(arrival(sent()).words, world(owners=owners), contact_is_parent=False)

    assert [row(link)[:3] for link in links] == [
        ("co1", True, "account-of-contact"),
        ("c1", False, "contact-address"),
    ]


def known_ancestor(parent: RecordRef | None, **changes: Any) -> Known:
    """An e-mail 'Question' of an hour before, linked to this record; and who has which address."""
    usual: dict[str, Any] = {
        "thread_id": "t",
        "subject_key": subject_key_of("Question"),
        "fingerprint": "",
        "holders": frozenset(),
        "date": NOON - timedelta(hours=1),
        "parent": parent,
    }
    accounts = {CASE: COMPANY.id, DEAL: "other"}
    emails = {IDENTITY.email_of("a@x"): KnownEmail(**(usual | changes))}
    return Known(owners=OWNERS, emails=emails, accounts_of=accounts)


CASE, DEAL = (RecordRef(type=kind, id="k1") for kind in ("case", "opportunity"))
ANSWER = {"in_reply_to": "a@x", "subject": "Re: Question"}


@pytest.mark.parametrize(
    ("parent", "headers", "links"),
    [
        # from somebody unknown, and from the same customer
        (LEAD, {}, [("l1", True, "parent-of-named")]),
        (CASE, {}, [("k1", True, "parent-of-named")]),
        (
            COMPANY,
            {"from": mailbox("contact@x.test")},
            [("co1", True, "parent-of-named"), ("c1", False, "contact-address")],
        ),
        (
            CASE,
            {"from": mailbox("contact@x.test")},
            [("k1", True, "parent-of-named"), ("c1", False, "contact-address")],
        ),
        (CONTACT, {"from": mailbox("contact@x.test")}, [("c1", True, "parent-of-named")]),
        # from another customer: whoever writes is who it is about
        (COMPANY, {"from": mailbox("lead@x.test")}, [("l1", True, "lead-address")]),
        (LEAD, {"from": mailbox("company@x.test")}, [("co1", True, "account-address")]),
        (
            DEAL,
            {"from": mailbox("contact@x.test")},
            [("co1", True, "account-of-contact"), ("c1", False, "contact-address")],
        ),
        # of another subject, or no older: an id in a header is not enough
        (LEAD, {"subject": "Win!"}, []),
        (LEAD, {"date": NOON - timedelta(hours=2)}, []),
        (None, {"from": mailbox("lead@x.test")}, [("l1", True, "lead-address")]),
    ],
)
def test_an_ancestor_gives_its_record_on(
    parent: RecordRef | None, headers: dict[str, Any], links: list[tuple[str, bool, str]]
) -> None:
    """A conversation stays at its record, as long as it is one customer's."""
    assert [row(each)[:3] for each in found(known_ancestor(parent), **(ANSWER | headers))] == links


@pytest.mark.parametrize("changes", [{}, {"subject": "Else"}, {"date": NOON - timedelta(days=2)}])
def test_what_is_answered_beyond_doubt_gives_its_record_on(changes: dict[str, Any]) -> None:
    """Whatever the subject, the date and who else is known: we wrote it, or pressed 'reply'."""
    ours = KnownEmail("t", "another", "", frozenset(), NOON, CASE)
    known = Known(owners=OWNERS, emails={"5" * 32: ours})
    headers = {"in_reply_to": signed("5" * 32), "from": mailbox("lead@x.test")}

    links = found(known, **(headers | changes))

    assert [row(each)[:3] for each in links] == [
        ("k1", True, "parent-of-answered"),
        ("l1", False, "lead-address"),
    ]


def test_the_nearest_ancestor_counts() -> None:
    """A person may have moved a part of the conversation to another record."""
    known = known_ancestor(LEAD)
    nearer = KnownEmail("t", subject_key_of("Question"), "", frozenset(), NOON, CASE)
    emails = {**known.emails, IDENTITY.email_of("b@x"): nearer}

    links = found(
        replace(known, emails=emails),
        references=("a@x", "b@x"),
        subject="Re: Question",
        date=NOON + timedelta(hours=1),
    )

    assert [link.record for link in links] == [CASE]
