"""What an author says when sending: what the message is about, and when to be reminded of it."""

from datetime import UTC, datetime

from courrier.events.base import RecordRef
from courrier.events.families.email_state import ReminderSet
from courrier.linker.domain.batch import decide_batch
from support.builders import USER
from unit.linker.arriving import COMPANY, CONTACT, arrival, imported, sent, world

CASE = RecordRef(type="case", id="k1")
MONDAY = datetime(2026, 3, 9, 8, 0, tzinfo=UTC)


def test_what_the_author_says_it_is_about_wins() -> None:
    """What follows from addresses stands beside it, each record once."""
    (email,) = imported(sent(parent=CASE))
    (same,) = imported(sent(parent=COMPANY))

    assert [(CASE, True), (COMPANY, False), (CONTACT, False)] == [
        (link.record, link.parent) for link in email.links
    ]
    assert "by-hand" == email.links[0].reason.rule
    assert [(COMPANY, True), (CONTACT, False)] == [
        (link.record, link.parent) for link in same.links
    ]


def test_a_reminder_is_set_when_the_message_has_left() -> None:
    """For its author, on the e-mail that it became; none where none was wanted."""
    wanted = decide_batch([arrival(sent(remind_at=MONDAY))], world())
    none = decide_batch([arrival(sent())], world())

    reminders = [each.fact for each in wanted if isinstance(each.fact, ReminderSet)]
    assert [ReminderSet(email_id="5" * 32, person_id=USER, at=MONDAY)] == reminders
    assert not any(isinstance(each.fact, ReminderSet) for each in none)
