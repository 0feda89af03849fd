"""What one person does with their copy: read, important, its place; the others' copies stay."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courrier.events.base import Evidence
from courrier.events.commands.linker import StateChange
from courrier.events.families.email import (
    EmailErased,
    EmailEvent,
    EmailImported,
    EmailMarkedRead,
    EmailMarkedUnread,
    EmailShared,
)
from courrier.events.families.email_state import (
    EmailArchived,
    EmailFiled,
    EmailGivenUp,
    EmailMarkedImportant,
    EmailMarkedUnimportant,
    EmailRestored,
    EmailSnoozed,
    EmailTrashed,
    EmailWoken,
)
from courrier.events.testing import Scenario
from courrier.linker.domain.copies import NotInTrash, Wish, copies
from courrier.linker.domain.emails import NotAHolder
from support.builders import EMAIL, HOLDING, USER, example

scenario = Scenario(copies)

ANN = HOLDING | {"holder_id": "ann"}
BOB = HOLDING | {"holder_id": "bob"}
TEAM = HOLDING | {"holder_id": "t1", "holder_type": "group"}
FIRST = example(EmailImported, source_id="s1", holdings=[ANN, BOB])
OF_TEAM = example(EmailImported, source_id="s1", holdings=[TEAM])
ANNS = {"email_id": EMAIL, "person_id": "ann"}
READ, UNREAD = EmailMarkedRead(**ANNS), EmailMarkedUnread(**ANNS)
IMPORTANT, UNIMPORTANT = EmailMarkedImportant(**ANNS), EmailMarkedUnimportant(**ANNS)
ARCHIVED, TRASHED, GIVEN_UP = EmailArchived(**ANNS), EmailTrashed(**ANNS), EmailGivenUp(**ANNS)
SNOOZED = EmailSnoozed(**ANNS, until_answer=True)


def wish(person: str = "ann", **change: Any) -> Wish:
    """What somebody wants of their copy."""
    return Wish(person, StateChange.model_validate(change))


def filed(folder: str) -> EmailFiled:
    """Ann's copy was filed."""
    return EmailFiled(**ANNS, folder=folder)


def restored(folder: str) -> EmailRestored:
    """Ann's copy was brought back."""
    return EmailRestored(**ANNS, folder=folder)


MARKS = [
    ({"is_read": True}, (), (READ,)),
    ({"is_read": True}, (READ,), ()),
    ({"is_read": False}, (READ,), (UNREAD,)),
    ({"is_read": False}, (), ()),
    ({"is_important": True}, (), (IMPORTANT,)),
    ({"is_important": True}, (IMPORTANT,), ()),
    ({"is_important": False}, (IMPORTANT,), (UNIMPORTANT,)),
    ({"is_read": True, "is_important": True}, (), (READ, IMPORTANT)),
    ({}, (READ,), ()),
]
MOVES = [
    ("f1", (), (filed("f1"),)),
    ("f1", (filed("f1"),), ()),
    ("inbox", (), ()),
    ("inbox", (filed("f1"),), (filed("inbox"),)),
    ("junk", (), (filed("junk"),)),
    ("archive", (), (ARCHIVED,)),
    ("archive", (ARCHIVED,), ()),
    ("trash", (), (TRASHED,)),
    ("trash", (ARCHIVED,), (TRASHED,)),
    ("archive", (TRASHED,), (ARCHIVED,)),
    ("inbox", (TRASHED,), (restored("inbox"),)),
    ("f1", (ARCHIVED,), (restored("f1"),)),
    ("inbox", (SNOOZED,), (EmailWoken(**ANNS, folder="inbox"),)),
    ("trash", (SNOOZED,), (TRASHED,)),
]


@pytest.mark.parametrize(("change", "before", "after"), MARKS)
def test_marks_are_facts_once(
    change: dict[str, Any], before: tuple[EmailEvent, ...], after: tuple[EmailEvent, ...]
) -> None:
    """What is so already needs no fact; read and important are two things."""
    scenario.given(FIRST, *before).when(wish(**change)).then(*after)


@pytest.mark.parametrize(("folder", "before", "after"), MOVES)
def test_a_copy_is_in_one_place(
    folder: str, before: tuple[EmailEvent, ...], after: tuple[EmailEvent, ...]
) -> None:
    """Each move is named by what it is: filed, put away, brought back."""
    scenario.given(FIRST, *before).when(wish(folder=folder)).then(*after)


def test_one_holder_s_state_is_not_another_s() -> None:
    """State is per person, whatever it is."""
    everything = wish("bob", is_read=True, is_important=True, folder="trash")
    bobs = {"email_id": EMAIL, "person_id": "bob"}
    facts = (EmailMarkedRead(**bobs), EmailMarkedImportant(**bobs), EmailTrashed(**bobs))

    scenario.given(FIRST, READ, IMPORTANT, TRASHED).when(everything).then(*facts)
    scenario.given(FIRST, *facts).when(wish(is_read=True)).then(READ)


@pytest.mark.parametrize("person", ["eve", "", "ann:", "user:ann", USER])
def test_who_does_not_hold_it_changes_nothing(person: str) -> None:
    """And is not told whether it exists."""
    existing = scenario.given(FIRST).when(wish(person, is_read=True)).refused(NotAHolder)
    missing = scenario.when(wish(person, is_read=True)).refused(NotAHolder)
    erased = EmailErased(email_id=EMAIL, message_key="k")

    assert str(existing) == str(missing)
    scenario.given(FIRST, erased).when(wish(is_read=True)).refused(NotAHolder)


def test_only_what_is_in_the_trash_is_given_up() -> None:
    """Deleting twice is two decisions; after the second the person has it no more."""
    scenario.given(FIRST).when(wish(give_up=True)).refused(NotInTrash)
    scenario.given(FIRST, TRASHED).when(wish(give_up=True)).then(GIVEN_UP)
    scenario.given(FIRST, TRASHED, GIVEN_UP).when(wish(is_read=True)).refused(NotAHolder)
    scenario.given(FIRST, TRASHED, GIVEN_UP).when(wish("bob", folder="trash")).then(
        EmailTrashed(email_id=EMAIL, person_id="bob")
    )


def test_a_further_copy_does_not_bring_back_what_was_given_up() -> None:
    """The same message in another folder of the server is no new mail."""
    again = example(EmailShared, source_id="s2", holdings=[ANN])

    scenario.given(FIRST, TRASHED, GIVEN_UP, again).when(wish(is_read=True)).refused(NotAHolder)


def test_who_holds_it_through_a_team_gets_a_copy_of_their_own() -> None:
    """One member's reading is not another's; who is in no team of it has nothing."""
    change = StateChange(is_read=True)

    scenario.given(OF_TEAM).when(Wish("ann", change, ("t0", "t1"))).then(READ)
    scenario.given(OF_TEAM, READ).when(Wish("ann", change, ("t1",))).then()
    scenario.given(OF_TEAM, READ).when(Wish("bob", change, ("t1",))).then(
        EmailMarkedRead(email_id=EMAIL, person_id="bob")
    )
    scenario.given(OF_TEAM).when(Wish("ann", change, ("t2",))).refused(NotAHolder)


def test_a_fact_says_why_where_it_was_not_by_hand() -> None:
    """The mailbox on the server, a rule, an undo."""
    reason = Evidence(rule="server", field="flags", value="\\Seen")
    asked = Wish("ann", StateChange(is_read=True), reason=reason)

    scenario.given(FIRST).when(asked).then(EmailMarkedRead(**ANNS, reason=reason))


CHANGES = st.builds(
    StateChange,
    is_read=st.none() | st.booleans(),
    is_important=st.none() | st.booleans(),
    folder=st.none() | st.sampled_from(["inbox", "archive", "trash", "junk", "f1"]),
)


@given(st.lists(st.builds(Wish, st.sampled_from(["ann", "bob"]), CHANGES), max_size=12))
def test_deciding_twice_adds_nothing(wishes: list[Wish]) -> None:
    """Whatever came before, the same wish again is honoured already, and it is as was wished."""
    history: list[EmailEvent] = [FIRST]
    for each in wishes:
        history += copies.decide(copies.fold(history), each)

        assert copies.decide(copies.fold(history), each) == []
        copy = copies.fold(history).of(each.person_id)
        assert copy is not None
        assert each.change.folder in {None, copy.place.folder}
