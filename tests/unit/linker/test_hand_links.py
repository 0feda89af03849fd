"""Links set by hand: given, when, then; and taken back."""

from typing import Any, Literal
from uuid import UUID

import pytest

from courrier.events.base import Evidence, RecordRef
from courrier.events.commands.linker import LinkEmails
from courrier.events.families.email import EmailImported, EmailLinked, Link
from courrier.linker.domain.emails import NotAHolder
from courrier.linker.domain.hand_links import links
from courrier.linker.domain.undoing import Scope, undo
from support.builders import EMAIL, example

ACCOUNT = RecordRef(type="account", id="co1")
CONTACT = RecordRef(type="contact", id="c1")
CASE = RecordRef(type="case", id="k1")
DEAL = RecordRef(type="opportunity", id="o1")
MACHINE = Evidence(rule="address", field="from", value="ada@example.test")
BY_HAND = "by-hand"

Shown = list[tuple[str, bool, str]]
Parent = Literal["always", "never", "if-free"]


def imported(*linked: tuple[RecordRef, bool]) -> EmailImported:
    """An e-mail that the machine linked so."""
    found = [Link(record=record, parent=parent, reason=MACHINE) for record, parent in linked]
    return example(EmailImported, links=found)


def order(record: RecordRef, parent: Parent = "always", *, linked: bool = True) -> LinkEmails:
    """A person's wish."""
    return LinkEmails(
        command_id=UUID(int=1),
        email_ids=(EMAIL,),
        record=record,
        linked=linked,
        parent=parent,
        actor="user:ann",
    )


def shown(fact: Any) -> Shown:
    """The links of a fact: which record, first or not, and by which rule."""
    assert isinstance(fact, EmailLinked)
    return [(link.record.id, link.parent, link.reason.rule) for link in fact.links]


FROM_ADA = imported((ACCOUNT, True), (CONTACT, False))


@pytest.mark.parametrize(
    ("given", "when", "then"),
    [
        (imported(), order(CONTACT), [("c1", True, BY_HAND)]),
        (imported(), order(CONTACT, "never"), [("c1", False, BY_HAND)]),
        (
            FROM_ADA,
            order(DEAL),
            [("o1", True, BY_HAND), ("co1", False, "address"), ("c1", False, "address")],
        ),
        (FROM_ADA, order(CONTACT), [("c1", True, BY_HAND), ("co1", False, "address")]),
        (
            FROM_ADA,
            order(CASE, "if-free"),
            [("k1", True, BY_HAND), ("co1", False, "address"), ("c1", False, "address")],
        ),
        (
            imported((DEAL, True)),
            order(CASE, "if-free"),
            [("o1", True, "address"), ("k1", False, BY_HAND)],
        ),
        (
            imported((ACCOUNT, True)),
            order(CONTACT, "if-free"),
            [("co1", True, "address"), ("c1", False, BY_HAND)],
        ),
        (FROM_ADA, order(ACCOUNT, linked=False), [("c1", False, "address")]),
        (FROM_ADA, order(ACCOUNT), [("co1", True, "address"), ("c1", False, "address")]),
    ],
)
def test_a_link_by_hand(given: EmailImported, when: LinkEmails, then: Shown) -> None:
    """All links as they are now; the last two rows: what is gone, what a machine may not change."""
    (fact,) = links.decide(links.fold([given]), when)

    assert then == shown(fact)
    assert isinstance(fact, EmailLinked)
    assert ("person", "by-hand") == (fact.by, fact.because.rule)


def test_what_is_so_already_needs_no_fact() -> None:
    """The same wish twice."""
    (fact,) = links.decide(links.fold([FROM_ADA]), order(DEAL))

    assert [] == links.decide(links.fold([FROM_ADA, fact]), order(DEAL))


def test_nothing_is_linked_that_is_not_there() -> None:
    """No such e-mail."""
    with pytest.raises(NotAHolder):
        links.decide(links.fold([]), order(DEAL))


def test_a_link_is_undone() -> None:
    """By the person who set it: the machine's links are back, and the machine's to change."""
    (fact,) = links.decide(links.fold([FROM_ADA]), order(DEAL))
    history = [(FROM_ADA, "m"), (fact, "d1")]

    (back,) = undo(EMAIL, history, decision_id="d1", scope=Scope("ann", common=True)).facts

    assert [("co1", True, "address"), ("c1", False, "address")] == shown(back)
    assert isinstance(back, EmailLinked)
    assert ("machine", "undo") == (back.by, back.because.rule)
    nothing = undo(
        EMAIL, [*history, (back, "d2")], decision_id="d1", scope=Scope(None, common=True)
    )
    assert ((), ()) == (nothing.facts, nothing.changed_since)


def test_a_machines_link_that_a_person_undid_stays_undone() -> None:
    """It is a person's from then on."""
    relinked = EmailLinked(
        email_id=EMAIL,
        links=(Link(record=DEAL, parent=True, reason=MACHINE),),
        because=Evidence(rule="address-assigned"),
    )

    (back,) = undo(
        EMAIL, [(FROM_ADA, "m"), (relinked, "d1")], decision_id="d1", scope=Scope(None, common=True)
    ).facts

    assert isinstance(back, EmailLinked)
    assert ("person", FROM_ADA.links) == (back.by, back.links)
