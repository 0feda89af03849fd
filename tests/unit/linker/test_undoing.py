"""Undoing a decision: what it set is as it was before, what others set since stays."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courrier.events.base import Evidence
from courrier.events.commands.linker import StateChange
from courrier.events.families.email import (
    EmailEvent,
    EmailImported,
    EmailMarkedRead,
    EmailMarkedUnread,
)
from courrier.events.families.email_state import (
    EmailArchived,
    EmailFiled,
    EmailGivenUp,
    EmailRestored,
    EmailSnoozed,
    EmailTrashed,
)
from courrier.linker.domain.copies import Wish, copies
from courrier.linker.domain.undoing import Scope, Undone, undo
from support.builders import EMAIL, HOLDING, example

ANN = HOLDING | {"holder_id": "ann"}
BOB = HOLDING | {"holder_id": "bob"}
TEAM = HOLDING | {"holder_id": "t1", "holder_type": "group"}
ANNS: dict[str, Any] = {"email_id": EMAIL, "person_id": "ann"}
BOBS: dict[str, Any] = {"email_id": EMAIL, "person_id": "bob"}
BECAUSE = {"reason": Evidence(rule="undo", field="decision", value="d1")}
IMPORTED: tuple[EmailEvent, str] = (example(EmailImported, holdings=[ANN, BOB]), "message")
ALL = Scope(None, common=True)

BACK: list[tuple[list[EmailEvent], EmailEvent]] = [
    ([EmailMarkedRead(**ANNS)], EmailMarkedUnread(**ANNS, **BECAUSE)),
    ([EmailFiled(**ANNS, folder="f1")], EmailFiled(**ANNS, folder="inbox", **BECAUSE)),
    ([EmailTrashed(**ANNS)], EmailRestored(**ANNS, folder="inbox", **BECAUSE)),
    (
        [EmailTrashed(**ANNS), EmailGivenUp(**ANNS)],
        EmailRestored(**ANNS, folder="inbox", **BECAUSE),
    ),
    ([EmailSnoozed(**ANNS)], EmailFiled(**ANNS, folder="inbox", **BECAUSE)),
]


@pytest.mark.parametrize(("facts", "back"), BACK)
def test_each_decision_has_its_way_back(facts: list[EmailEvent], back: EmailEvent) -> None:
    """By an ordinary fact that says which decision it undoes."""
    done: list[tuple[EmailEvent, str]] = [(fact, "d1") for fact in facts]
    found = undo(EMAIL, [IMPORTED, *done], decision_id="d1", scope=ALL)

    if isinstance(facts[0], EmailSnoozed):  # what is woken by hand has its own word
        assert ["EmailWoken"] == [type(fact).__name__ for fact in found.facts]
    else:
        assert Undone((back,)) == found


def test_what_was_given_up_comes_back_to_the_trash() -> None:
    """The second of two decisions is undone; the first stays."""
    history: list[tuple[EmailEvent, str]] = [
        IMPORTED,
        (EmailTrashed(**ANNS), "d0"),
        (EmailGivenUp(**ANNS), "d1"),
    ]

    found = undo(EMAIL, history, decision_id="d1", scope=ALL)

    assert Undone((EmailRestored(**ANNS, folder="trash", **BECAUSE),)) == found


def test_what_others_changed_since_stays_and_is_said() -> None:
    """Read is undone; the folder, which another decision has set since, is left."""
    history: list[tuple[EmailEvent, str]] = [
        IMPORTED,
        (EmailMarkedRead(**ANNS), "d1"),
        (EmailFiled(**ANNS, folder="f1"), "d1"),
        (EmailArchived(**ANNS), "d2"),
    ]

    found = undo(EMAIL, history, decision_id="d1", scope=ALL)

    assert Undone((EmailMarkedUnread(**ANNS, **BECAUSE),), (("place", "user:ann"),)) == found


def test_undoing_twice_does_nothing_and_an_undo_is_undone() -> None:
    """The undo is a decision of its own."""
    undone = EmailMarkedUnread(**ANNS, **BECAUSE)
    history: list[tuple[EmailEvent, str]] = [
        IMPORTED,
        (EmailMarkedRead(**ANNS), "d1"),
        (undone, "d2"),
    ]
    why = Evidence(rule="undo", field="decision", value="d2")

    assert Undone() == undo(EMAIL, history, decision_id="d1", scope=ALL)
    assert Undone((EmailMarkedRead(**ANNS, reason=why),)) == undo(
        EMAIL, history, decision_id="d2", scope=ALL
    )


def test_a_person_undoes_their_own_part() -> None:
    """One decision may have set things for several; each is undone for oneself."""
    history: list[tuple[EmailEvent, str]] = [
        IMPORTED,
        (EmailMarkedRead(**ANNS), "d1"),
        (EmailMarkedRead(**BOBS), "d1"),
    ]

    mine = undo(EMAIL, history, decision_id="d1", scope=Scope("ann"))
    nobodys = undo(EMAIL, history, decision_id="d1", scope=Scope("eve"))

    assert Undone((EmailMarkedUnread(**ANNS, **BECAUSE),)) == mine
    assert Undone() == nobodys


def test_what_came_by_a_team_goes_back_to_the_team_s_state() -> None:
    """Who had no copy of their own has the team's again, as a copy."""
    imported = example(EmailImported, holdings=[TEAM])

    found = undo(
        EMAIL, [(imported, "m"), (EmailTrashed(**ANNS), "d1")], decision_id="d1", scope=ALL
    )

    assert Undone((EmailRestored(**ANNS, folder="inbox", **BECAUSE),)) == found


CHANGES = st.builds(
    StateChange,
    is_read=st.none() | st.booleans(),
    is_important=st.none() | st.booleans(),
    folder=st.none() | st.sampled_from(["inbox", "archive", "trash", "junk", "f1"]),
)
WISHES = st.builds(Wish, st.sampled_from(["ann", "bob"]), CHANGES)


@given(st.lists(WISHES, max_size=8), WISHES)
def test_undone_at_once_it_is_as_before(wishes: list[Wish], last: Wish) -> None:
    """Whatever came before: undoing the last decision gives the state before it."""
    history: list[tuple[EmailEvent, str]] = [IMPORTED]
    for number, each in enumerate([*wishes, last]):
        before = copies.fold(fact for fact, _ in history)
        history += [(fact, f"d{number}") for fact in copies.decide(before, each)]
    found = undo(EMAIL, history, decision_id=f"d{len(wishes)}", scope=ALL)
    now = copies.fold([*(fact for fact, _ in history), *found.facts])

    assert () == found.changed_since
    for person in ("ann", "bob"):
        was, is_ = before.of(person), now.of(person)
        assert was is not None
        assert is_ is not None
        assert (was.place.folder, was.is_read, was.is_important) == (
            is_.place.folder,
            is_.is_read,
            is_.is_important,
        )
