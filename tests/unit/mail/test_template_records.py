"""What placeholders say of records: known fields, links, and values in words."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from courrier.mail.templates.filling import fill_text
from courrier.mail.templates.moments import Moment, in_words
from courrier.mail.templates.placeholders import placeholders
from courrier.mail.templates.records import KNOWN_TYPES, Entity, fault_of, reason_of, values_of

PARIS = ZoneInfo("Europe/Paris")
NEW_YEAR = Moment(datetime(2026, 12, 31, 23, 30, tzinfo=UTC), PARIS, "fr")
NOON = Moment(datetime(2026, 3, 2, 12, 0, tzinfo=UTC), ZoneInfo("UTC"))

ADA = Entity(
    "contact",
    {
        "first_name": "Ada",
        "last_name": "Lovelace",
        "email_addresses": ("ada@x.test", "countess@x.test"),
        "phone": None,
        "custom": {"shoeSize": 38, "tags": ["vip", "old"], "deep": {"a": 1}},
    },
    {"account": Entity("account", {"name": "Engines"}), "assigned_user": None},
)
GRACE = Entity("user", {"name": "Grace Brewster Hopper", "email_addresses": ("grace@x.test",)})


def filled(text: str, moment: Moment = NOON) -> str:
    """Return a text filled in with Ada as contact and person, Grace as user."""
    found = values_of({"Contact": ADA, "Person": ADA, "User": GRACE}, moment)
    return fill_text(text, found).text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{Contact.name}", "Ada Lovelace"),
        ("{Person.emailAddress}", "ada@x.test"),
        ("{Contact.account.name}", "Engines"),
        ("{Contact.account.phoneNumber}.", "."),
        ("{Contact.assignedUser.name|us}", "us"),
        ("{Contact.phone|no number}", "no number"),
        ("{Contact.custom.shoeSize} {Contact.custom.tags}", "38 vip, old"),
        ("{Contact.custom.nothing}", "{Contact.custom.nothing}"),
        ("{User.firstName}/{User.lastName}", "Grace Brewster/Hopper"),
        ("{Case.number}", "{Case.number}"),
        ("{today}, {now}, {currentYear}", "2 March 2026, 2 March 2026 12:00, 2026"),
    ],
)
def test_records_fill_in_what_they_know(text: str, expected: str) -> None:
    """What is not set is empty; a record that is not at hand leaves its placeholder."""
    assert expected == filled(text)


def test_dates_are_those_of_the_writer_in_their_language() -> None:
    """In Paris it is next year already."""
    assert "1er janvier 2027, 1er janvier 2027 00:30" == filled("{today}, {now}", NEW_YEAR)


@pytest.mark.parametrize(
    ("value", "english", "french"),
    [
        (date(2026, 8, 2), "2 August 2026", "2 août 2026"),
        (True, "yes", "oui"),
        ("1200.50", "1200.50", "1200.50"),
        (None, "", ""),
        (["a", None, 3], "a, 3", "a, 3"),
    ],
)
def test_values_are_written_as_people_do(value: object, english: str, french: str) -> None:
    """In both languages."""
    assert english == in_words(value, NOON)
    assert french == in_words(value, NEW_YEAR)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("{Contact.firstName}", None),
        ("{Contact.custom.anything}", None),
        ("{Opportunity.account.name}", None),
        ("{Task.parent.number}", None),
        ("{Parent.stage}", None),
        ("{Person.phone}", None),
        ("{today}", None),
        ("{Contact.stage}", "unknown-field"),
        ("{Person.stage}", "unknown-field"),
        ("{Contact.account.account}", "unknown-field"),
        ("{Account.account.name}", "unknown-field"),
        ("{User.custom.x}", "unknown-field"),
        ("{Meeting.name}", "unknown-type"),
        ("{contact.name}", "unknown-type"),
    ],
)
def test_what_no_record_can_ever_fill_in_is_known_beforehand(text: str, fault: str | None) -> None:
    """So that saving a template can tell."""
    (placeholder,) = placeholders(text, KNOWN_TYPES)

    assert fault == fault_of(placeholder)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{optOutUrl}", "mass-mail-only"),
        ("{trackingUrl:1}", "mass-mail-only"),
        ("{Case.number}", "no-record"),
        ("{Meeting.name}", "unknown-type"),
    ],
)
def test_why_it_was_not_filled_in_is_said(text: str, reason: str) -> None:
    """For programs; the words are said elsewhere."""
    (placeholder,) = placeholders(text, KNOWN_TYPES)

    assert reason == reason_of(placeholder)
