"""Who may read what."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courrier.events.families.identity import Level, Permission
from courrier.gateway.domain.access import (
    Copy,
    LinkedRecord,
    Mail,
    Person,
    Sight,
    may,
    may_import_for,
    may_know_holder,
    may_read_record,
    may_see_bcc,
    may_send_from,
    may_use_account,
    reach,
    sight,
)
from courrier.gateway.domain.rights import EVERYTHING, LEVELS, Action, effective

ADMIN = Person(
    id="admin", login="admin", name="Admin", is_admin=True, rights=effective([], is_admin=True)
)
GRACE = Person(id="grace", login="grace", name="Grace")
MINE = LinkedRecord("contact", "grace")
FOREIGN = LinkedRecord("contact", "linus", ("support",))
NOBODYS = LinkedRecord("contact")
TEAMS = LinkedRecord("contact", "linus", ("sales",))
EVERY = [MINE, TEAMS, FOREIGN, NOBODYS]

levels = st.sampled_from(LEVELS)


def with_rights(**rights: Permission) -> Person:
    """Somebody in the sales team whose roles say this."""
    return Person(
        id="grace", login="grace", name="Grace", team_ids=("sales",), rights=effective([rights])
    )


HELD = Copy("linus", "shared", ("sales",))


@pytest.mark.parametrize(
    ("person", "mail", "expected"),
    [
        (GRACE, Mail(copies=(Copy("grace", "private"),)), "full"),
        (GRACE, Mail(author_id="grace"), "full"),
        (GRACE, Mail(copies=(HELD,)), "none"),
        (GRACE, Mail(copies=(HELD,), links=(MINE,)), "full"),
        (GRACE, Mail(copies=(HELD,), links=(FOREIGN, NOBODYS)), "none"),
        (GRACE, Mail(copies=(HELD,), links=(FOREIGN, MINE)), "full"),
        (GRACE, Mail(copies=(Copy("linus", "trace"),), links=(MINE,)), "trace"),
        (GRACE, Mail(copies=(Copy("linus", "private"),), links=(MINE,)), "none"),
        (GRACE, Mail(copies=(Copy("linus", "trace"), HELD), links=(MINE,)), "full"),
        (GRACE, Mail(copies=(HELD,), links=(MINE,), is_private=True), "none"),
        (ADMIN, Mail(copies=(HELD,), links=(FOREIGN,)), "full"),
        (ADMIN, Mail(copies=(HELD,)), "none"),
        (ADMIN, Mail(copies=(Copy("linus", "private"),), links=(MINE,)), "none"),
        (ADMIN, Mail(copies=(HELD,), opened_by=frozenset({"admin"})), "full"),
        (GRACE, Mail(copies=(HELD,), opened_by=frozenset({"admin"})), "none"),
    ],
)
def test_mail_is_its_holders_and_shared_by_its_links(
    person: Person, mail: Mail, expected: Sight
) -> None:
    """Unlinked, private and internal mail is its holders' alone, administrators included."""
    assert expected == sight(person, mail)


@pytest.mark.parametrize(
    ("level", "expected"), [("no", "none"), ("own", "none"), ("team", "full"), ("all", "full")]
)
def test_a_right_to_emails_bounds_what_is_shared(level: Level, expected: Sight) -> None:
    """Team: where a holder is in one of one's teams."""
    person = with_rights(contact=EVERYTHING, email=Permission(read=level))
    near = Mail(copies=(HELD,), links=(MINE,))
    far = Mail(copies=(Copy("linus", "shared", ("support",)),), links=(MINE,))
    own = Mail(copies=(Copy("grace"),))

    assert expected == sight(person, near)
    assert ("full" if level == "all" else "none") == sight(person, far)
    assert ("none" if level == "no" else "full") == sight(person, own)


def test_a_private_copy_is_not_named() -> None:
    """Readers of a record do not learn who else has it; holders do."""
    mail = Mail(copies=(HELD, Copy("edsger", "private"), Copy("ada")), links=(MINE,))
    holder = Person(id="ada", login="ada", name="Ada")

    assert may_know_holder(GRACE, mail, "linus")
    assert not may_know_holder(GRACE, mail, "edsger")
    assert may_know_holder(holder, mail, "edsger")


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        ("no", []),
        ("own", [MINE]),
        ("team", [MINE, TEAMS]),
        ("all", [MINE, TEAMS, FOREIGN, NOBODYS]),
    ],
)
@pytest.mark.parametrize("action", ["read", "edit", "delete"])
def test_a_level_reaches_so_far(level: Level, expected: list[LinkedRecord], action: Action) -> None:
    """No, own, team, all: for reading, changing and deleting alike."""
    person = with_rights(contact=Permission(**{action: level}))

    assert expected == [each for each in EVERY if may(person, action, each)]


@given(levels, levels)
def test_lists_and_single_objects_agree(one: Level, other: Level) -> None:
    """What a list's reach says in SQL is what the decision on one object says."""
    person = with_rights(contact=Permission(read=one), lead=Permission(read=other))
    keys = set(reach(person).keys)

    for each in (*EVERY, LinkedRecord("lead", "grace"), LinkedRecord("lead", "x", ("sales",))):
        assert may_read_record(person, each) == bool(keys & set(each.audience))


def test_keys_of_one_type_open_nothing_of_another() -> None:
    """All contacts are not all leads."""
    person = with_rights(contact=EVERYTHING, lead=Permission())

    assert not may_read_record(person, LinkedRecord("lead", "grace", ("sales",)))
    assert not may_read_record(person, LinkedRecord("no such type", "grace"))


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
