"""Conversations that people split and merge: decided from an e-mail's history, and kept."""

from typing import Any
from uuid import UUID

from courrier.events.base import Evidence
from courrier.events.commands.conversations import RethreadEmails
from courrier.events.families.conversation import EmailRethreaded
from courrier.events.families.email import EmailEvent, EmailImported
from courrier.events.testing import Scenario
from courrier.linker.domain.healing import Met, joined
from courrier.linker.domain.rethreading import rethreading
from courrier.linker.domain.undoing import Scope, undo
from support.builders import EMAIL, THREAD, example

ALL = Scope(None, common=True)


def order(*, apart: bool = True, **changes: Any) -> RethreadEmails:
    """Return an order to put the e-mail into the conversation 'new'."""
    usual: dict[str, Any] = {"email_ids": (EMAIL,), "left": THREAD, "thread_id": "new"}
    known: dict[str, Any] = {"command_id": UUID(int=1), "apart": apart, "actor": "user:ann"}
    return RethreadEmails(**usual | known | changes)


def moved(thread_id: str, left: str, *, apart: bool, rule: str) -> EmailRethreaded:
    """Return that the e-mail is in another conversation."""
    reason = Evidence(rule=rule, field="thread_id", value=left)
    return EmailRethreaded(
        email_id=EMAIL, thread_id=thread_id, left=left, apart=apart, reason=reason
    )


def test_an_e_mail_is_put_into_another_conversation_once() -> None:
    """A split keeps both apart, a merge does not; what is there already stays."""
    born = example(EmailImported)
    split = moved("new", THREAD, apart=True, rule="split")

    Scenario(rethreading).given(born).when(order()).then(split)
    merged = moved("new", THREAD, apart=False, rule="merged")
    Scenario(rethreading).given(born).when(order(apart=False)).then(merged)
    Scenario(rethreading).given(born, split).when(order()).then()


def test_undoing_puts_it_back_and_says_the_opposite() -> None:
    """What was split may be one again; what was merged and taken back stays apart."""
    split = moved("new", THREAD, apart=True, rule="split")
    merged = moved("new", THREAD, apart=False, rule="merged")

    for fact, is_apart in ((split, False), (merged, True)):
        history: list[tuple[EmailEvent, str]] = [(example(EmailImported), "d0"), (fact, "d1")]
        found = undo(EMAIL, history, decision_id="d1", scope=ALL).facts

        reason = Evidence(rule="undo", field="decision", value="d1")
        back = {"thread_id": THREAD, "left": "new", "apart": is_apart, "reason": reason}
        assert (fact.model_copy(update=back),) == found


def test_what_others_moved_since_stays() -> None:
    """Whoever said so last is right."""
    facts: list[tuple[EmailEvent, str]] = [
        (example(EmailImported), "d0"),
        (moved("new", THREAD, apart=True, rule="split"), "d1"),
        (moved("other", "new", apart=False, rule="merged"), "d2"),
    ]

    found = undo(EMAIL, facts, decision_id="d1", scope=ALL)

    assert ((), (("thread", ""),)) == (found.facts, found.changed_since)


def test_no_rule_joins_what_people_set_apart() -> None:
    """Neither directly nor by a third conversation that belongs to both."""
    apart = {frozenset({"a", "c"})}
    direct = [Met("e1", "a", 1, "c", 3)]
    detour = [Met("e1", "a", 1, "b", 2), Met("e2", "b", 2, "c", 3)]

    assert [] == joined(direct, apart)
    assert [("a", "b")] == [(each.thread_id, each.joined) for each in joined(detour, apart)]
    assert 2 == len(joined(detour))
