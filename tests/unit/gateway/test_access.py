"""Who may read what."""

import pytest

from courrier.gateway.domain.access import (
    LinkedRecord,
    Person,
    may_import_for,
    may_read_email,
    may_read_record,
    may_see_bcc,
    may_send_from,
    may_use_account,
    reach,
)

ADMIN = Person(id="admin", login="admin", name="Admin", is_admin=True)
GRACE = Person(id="grace", login="grace", name="Grace")
MINE = LinkedRecord("grace")
FOREIGN = LinkedRecord("linus")
NOBODYS = LinkedRecord(None)


@pytest.mark.parametrize(
    ("person", "holders", "links", "expected"),
    [
        (GRACE, ["grace"], [], True),
        (GRACE, ["linus"], [], False),
        (GRACE, ["linus"], [MINE], True),
        (GRACE, ["linus"], [FOREIGN, NOBODYS], False),
        (GRACE, [], [FOREIGN, MINE], True),
        (ADMIN, ["linus"], [FOREIGN], True),
        (ADMIN, ["linus"], [NOBODYS], True),
        (ADMIN, ["linus"], [], False),
    ],
)
def test_an_email_is_read_by_holders_and_readers_of_its_records(
    person: Person, holders: list[str], links: list[LinkedRecord], expected: object
) -> None:
    """Mail that is linked to nothing is its holders' alone, administrators included."""
    assert expected == may_read_email(person, holders, links)


@pytest.mark.parametrize("record", [MINE, FOREIGN, NOBODYS])
@pytest.mark.parametrize("person", [ADMIN, GRACE])
def test_lists_and_single_records_agree(person: Person, record: LinkedRecord) -> None:
    """What a list's reach says is what the decision on one record says."""
    may = reach(person)
    in_list = may.every_record or record.assigned_user_id == may.person_id

    assert in_list == may_read_record(person, record)


def test_only_the_author_sees_blind_recipients() -> None:
    """Not even an administrator does."""
    assert may_see_bcc(GRACE, "grace")
    assert not may_see_bcc(ADMIN, "grace")


def test_an_administrator_manages_accounts_and_never_writes_from_them() -> None:
    """Pausing somebody's account is administration, writing in their name is not."""
    assert may_use_account(ADMIN, "grace")
    assert not may_send_from(ADMIN, "grace")
    assert not may_use_account(GRACE, "linus")


def test_mail_is_handed_in_for_oneself() -> None:
    """For others only by an administrator."""
    assert may_import_for(GRACE, "grace")
    assert not may_import_for(GRACE, "linus")
    assert may_import_for(ADMIN, "linus")
