"""One e-mail: imported once, shared with each new holder, read and unread by persons."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courrier.events.families.email import (
    EmailEvent,
    EmailImported,
    EmailMarkedRead,
    EmailMarkedUnread,
    EmailShared,
)
from courrier.events.testing import Scenario
from courrier.linker.domain.emails import Mark, NotAHolder, Take, email
from support.builders import EMAIL, HOLDING, USER, example

scenario = Scenario(email)

ANN = HOLDING | {"holder_id": "ann"}
BOB = HOLDING | {"holder_id": "bob"}
TEAM = HOLDING | {"holder_id": "ann", "holder_type": "group"}
FIRST = example(EmailImported, source_id="s1", holdings=[ANN])
FOR_BOB = example(EmailImported, source_id="s2", holdings=[BOB])
SHARED_WITH_BOB = example(EmailShared, source_id="s2", holdings=[BOB])
READ = EmailMarkedRead(email_id=EMAIL, person_id="ann")
UNREAD = EmailMarkedUnread(email_id=EMAIL, person_id="ann")
BOB_READ = EmailMarkedRead(email_id=EMAIL, person_id="bob")


def test_the_first_message_imports_it() -> None:
    """The whole decision is one fact."""
    scenario.when(Take(FIRST)).then(FIRST)


def test_the_same_message_elsewhere_brings_another_holder() -> None:
    """Two mailboxes, one e-mail."""
    scenario.given(FIRST).when(Take(FOR_BOB)).then(SHARED_WITH_BOB)


def test_the_same_holder_again_is_nothing_new() -> None:
    """A second copy in another folder or account of the same person adds nothing."""
    scenario.given(FIRST).when(Take(FIRST)).then()
    scenario.given(FIRST, SHARED_WITH_BOB).when(Take(FOR_BOB)).then()


def test_only_the_new_ones_of_several_holders_are_added() -> None:
    """Who has it keeps it as it is."""
    both = example(EmailImported, source_id="s2", holdings=[ANN, BOB])

    scenario.given(FIRST).when(Take(both)).then(SHARED_WITH_BOB)


def test_a_group_and_a_person_of_one_id_are_two_holders() -> None:
    """Ids are unique within a type."""
    of_team = example(EmailImported, source_id="s2", holdings=[TEAM])

    scenario.given(FIRST).when(Take(of_team)).then(
        example(EmailShared, source_id="s2", holdings=[TEAM])
    )


def test_reading_marks_it_read_once() -> None:
    """Read stays read; a second click is nothing new."""
    scenario.given(FIRST).when(Mark("ann", read=True)).then(READ)
    scenario.given(FIRST, READ).when(Mark("ann", read=True)).then()


def test_it_can_be_unread_again() -> None:
    """And what never was read needs no mark."""
    scenario.given(FIRST, READ).when(Mark("ann", read=False)).then(UNREAD)
    scenario.given(FIRST, READ, UNREAD).when(Mark("ann", read=False)).then()
    scenario.given(FIRST).when(Mark("ann", read=False)).then()


def test_sent_mail_is_read_from_the_start() -> None:
    """Its author wrote it."""
    written = example(EmailImported, holdings=[ANN | {"is_read": True}])

    scenario.given(written).when(Mark("ann", read=True)).then()


def test_one_holder_s_reading_is_not_another_s() -> None:
    """State is per person."""
    scenario.given(FIRST, SHARED_WITH_BOB, READ).when(Mark("bob", read=True)).then(BOB_READ)
    scenario.given(FIRST, SHARED_WITH_BOB, BOB_READ).when(Mark("ann", read=True)).then(READ)


@pytest.mark.parametrize("person", ["bob", "", "ann:", "user:ann", USER])
def test_who_does_not_hold_it_cannot_mark_it(person: str) -> None:
    """And is not told whether it exists."""
    existing = scenario.given(FIRST).when(Mark(person, read=True)).refused(NotAHolder)
    missing = scenario.when(Mark(person, read=True)).refused(NotAHolder)

    assert str(existing) == str(missing)


COMMANDS = st.one_of(
    st.builds(Take, st.sampled_from([FIRST, FOR_BOB])),
    st.builds(Mark, st.sampled_from(["ann", "bob"]), read=st.booleans()),
)


@given(st.lists(COMMANDS, max_size=12))
def test_deciding_twice_adds_nothing(commands: list[Take | Mark]) -> None:
    """Redelivery is harmless: whatever came before, the same command again is honoured already."""
    history: list[EmailEvent] = []
    for command in commands:
        try:
            history += email.decide(email.fold(history), command)
        except NotAHolder:
            continue

        assert email.decide(email.fold(history), command) == []
