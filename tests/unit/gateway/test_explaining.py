"""Why an e-mail is here, and why not at a record, decided from its history alone."""

from typing import Any

import pytest

from courrier.events.base import Event, Evidence, RecordRef
from courrier.events.envelope import Recorded
from courrier.events.families.email import (
    EmailImported,
    EmailLinked,
    EmailMarkedRead,
    EmailShared,
    ThreadsJoined,
)
from courrier.gateway.domain.access import Reach
from courrier.gateway.domain.candidates import (
    About,
    Ancestor,
    Situation,
    candidates,
    why_not,
)
from courrier.gateway.domain.explaining import Step, steps_of, taken_away, visible
from support.builders import OWNER, TEAM, USER, example, recorded

GRACE = Reach("grace", (), (TEAM,))
CASE = {"type": "case", "id": "9" * 32}
LINK: dict[str, Any] = {"record": OWNER, "parent": True, "reason": {"rule": "contact-address"}}
BY_HAND = {"rule": "by-hand", "field": "case", "value": CASE["id"]}
CASE_LINK: dict[str, Any] = {"record": CASE, "parent": True, "reason": BY_HAND}


def holding(holder: str, kind: str = "user") -> dict[str, Any]:
    """Return a holding in the inbox."""
    reason = {"rule": "account-owner", "field": "account_id", "value": "a1"}
    return {"holder_type": kind, "holder_id": holder, "folder": "inbox", "reason": reason}


def history(*events: Event) -> list[Recorded[Event]]:
    """Return facts that linus decided, in their order."""
    return [
        recorded(event, sequence=n, id=str(n), actor="user:linus")
        for n, event in enumerate(events, start=1)
    ]


def everything(steps: list[Step]) -> list[Step]:
    """Return what somebody sees who may know all of it."""
    return visible(steps, may_read=bool, may_know=bool, is_readable=bool)


def test_each_decision_is_told_once_with_what_met_it() -> None:
    """Thread, record, my copy and my team's, what others have, what changed later."""
    first = example(EmailImported, links=[LINK], holdings=[holding("grace"), holding(USER)])
    events = history(
        first,
        example(EmailShared, holdings=[holding(TEAM, "group")]),
        example(EmailLinked, links=[CASE_LINK], by="person", because=BY_HAND),
        example(EmailMarkedRead, person_id="grace"),
        example(EmailMarkedRead, person_id=USER),
        example(ThreadsJoined),
    )

    steps = everything(steps_of(events, GRACE))

    assert [
        ("threaded", None),
        ("linked", OWNER["id"]),
        ("filed", None),
        ("held", None),
        ("filed", None),
        ("unlinked", OWNER["id"]),
        ("linked", CASE["id"]),
        ("read", None),
        ("joined", None),
    ] == [(each.decision, each.record and each.record.id) for each in steps]
    assert "by-hand" == steps[5].reason.rule
    assert ("user:linus", "a1") == (steps[2].actor, steps[2].reason.value)


def test_what_one_may_not_know_is_left_out() -> None:
    """A hidden record, a hidden holder, and the id of an e-mail that is another's."""
    because = {"rule": "ancestor-linked", "field": "email_id", "value": "secret"}
    link = LINK | {"reason": because}
    events = history(
        example(EmailImported, links=[CASE_LINK], holdings=[holding(USER)]),
        example(EmailLinked, links=[link], because=because),
    )

    steps = visible(
        steps_of(events, GRACE),
        may_read=lambda ref: ref.type == "contact",
        may_know=lambda _: False,
        is_readable=lambda _: False,
    )

    assert ["threaded", "linked"] == [each.decision for each in steps]
    assert (OWNER["id"], None) == (steps[1].record and steps[1].record.id, steps[1].reason.value)


def test_who_took_a_record_away_is_remembered_until_it_comes_back() -> None:
    """The last word counts, and a rule's word is no person's."""
    gone = [
        example(EmailImported, links=[LINK]),
        example(EmailLinked, links=[], by="person", because=BY_HAND),
    ]
    back = [*gone, example(EmailLinked, links=[LINK], by="person", because=BY_HAND)]
    contact = RecordRef.model_validate(OWNER)

    found = taken_away(steps_of(history(*gone), GRACE), contact)

    assert ("unlinked", "user:linus") == (found and found.decision, found and found.actor)
    assert taken_away(steps_of(history(*back), GRACE), contact) is None


ADA, BOB = RecordRef(type="contact", id="ada"), RecordRef(type="contact", id="bob")
ACME, LEAD = RecordRef(type="account", id="acme"), RecordRef(type="lead", id="lead")
DEAL = RecordRef(type="opportunity", id="deal")
PARTIES = [("from", "ada@x.test"), ("to", "me@our.test"), ("cc", "bob@x.test")]
OWNERS: dict[str, list[tuple[RecordRef, str | None]]] = {
    "ada@x.test": [(ADA, "acme"), (LEAD, None)],
    "bob@x.test": [(BOB, None)],
    "me@our.test": [(RecordRef(type="contact", id="me"), None)],
}


def situation(**known: Any) -> Situation:
    """Return an e-mail from Ada to us, with Bob in Cc."""
    usual: dict[str, Any] = {"parties": PARTIES, "owners": OWNERS, "links": [ACME]}
    return Situation(**usual | {"own": frozenset({"me@our.test"})} | known)


def ancestor(*, is_trusted: bool, is_proven: bool = False) -> Ancestor:
    """Return a message of the deal that the e-mail names."""
    return Ancestor("e1", DEAL, is_proven, is_trusted)


def test_candidates_are_ranked_as_the_linker_ranks_them() -> None:
    """Ancestors before addresses, From before Cc, the contact before the lead; none of our own."""
    known = situation(ancestors=[ancestor(is_trusted=True, is_proven=True)])

    found = [(each.record.id, each.score) for each in candidates(known)]

    assert [("deal", 100), ("acme", 80), ("ada", 80), ("lead", 78), ("bob", 50)] == found


@pytest.mark.parametrize(
    ("record", "addresses", "known", "expected"),
    [
        (ACME, [], {}, "is-linked"),
        (BOB, ["bob@x.test"], {}, "another-came-first"),
        (LEAD, ["ada@x.test"], {"links": [ADA]}, "another-came-first"),
        (ADA, ["ada@x.test"], {}, "company-first"),
        (BOB, ["bob@x.test"], {"is_kept": True}, "kept-by-hand"),
        (BOB, ["bob@x.test"], {"is_junk": True}, "junk-links-nothing"),
        (DEAL, [], {}, "only-by-hand"),
        (DEAL, [], {"ancestors": [ancestor(is_trusted=False)]}, "id-not-trusted"),
        (RecordRef(type="lead", id="l2"), [], {}, "record-without-address"),
        (RecordRef(type="lead", id="l2"), ["other@x.test"], {}, "no-address-in-common"),
        (RecordRef(type="contact", id="me"), ["me@our.test"], {}, "own-people"),
    ],
)
def test_why_an_e_mail_is_not_at_a_record(
    record: RecordRef, addresses: list[str], known: dict[str, Any], expected: str
) -> None:
    """The first thing that keeps it away, as the linker would have met it."""
    found = why_not(situation(**known), About(record, frozenset(addresses)))

    assert expected == found.rule


def test_who_came_first_is_told_with_both_scores() -> None:
    """So that somebody can see what would have to change."""
    found = why_not(situation(), About(BOB, frozenset({"bob@x.test"})))

    assert found.candidate is not None
    assert found.winner is not None
    assert (50, "acme", 80) == (found.candidate.score, found.winner.record.id, found.winner.score)


def test_a_reason_is_kept_as_it_was_where_all_may_be_known() -> None:
    """Nothing is taken out of evidence that names no record and no e-mail."""
    reason = Evidence(rule="filter", rule_id="f1", field="subject", value="Invoice")
    folder = holding("grace") | {"reason": reason}
    steps = everything(steps_of(history(example(EmailImported, holdings=[folder])), GRACE))

    assert reason == next(each.reason for each in steps if each.decision == "filed")
