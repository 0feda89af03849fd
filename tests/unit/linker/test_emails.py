"""One e-mail: imported once, shared with each new holder."""

from hypothesis import given
from hypothesis import strategies as st

from courrier.events.families.email import (
    EmailEvent,
    EmailImported,
    EmailShared,
)
from courrier.events.testing import Scenario
from courrier.linker.domain.emails import Take, email
from support.builders import HOLDING, example

scenario = Scenario(email)

ANN = HOLDING | {"holder_id": "ann"}
BOB = HOLDING | {"holder_id": "bob"}
TEAM = HOLDING | {"holder_id": "ann", "holder_type": "group"}
FIRST = example(EmailImported, source_id="s1", holdings=[ANN])
FOR_BOB = example(EmailImported, source_id="s2", holdings=[BOB])
SHARED_WITH_BOB = example(EmailShared, source_id="s2", holdings=[BOB])


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


@given(st.lists(st.sampled_from([FIRST, FOR_BOB]), max_size=12))
def test_deciding_twice_adds_nothing(messages: list[EmailImported]) -> None:
    """Redelivery is harmless: whatever came before, the same message again is honoured already."""
    history: list[EmailEvent] = []
    for message in messages:
        history += email.decide(email.fold(history), Take(message))

        assert email.decide(email.fold(history), Take(message)) == []
