"""A conversation's shared state: set once, reopened by a customer's answer, kept by who has it."""

import pytest

from courrier.events.base import Evidence
from courrier.events.families.conversation import (
    ConversationAssigned,
    ConversationEvent,
    ConversationStatusChanged,
    ConversationTagged,
    NoteAdded,
)
from courrier.events.testing import Scenario
from courrier.linker.domain.conversations import Answered, Arrange, Write, conversations

scenario = Scenario(conversations)

T = "7" * 32
CLOSED = ConversationStatusChanged(thread_id=T, status="closed")
WAITING = ConversationStatusChanged(thread_id=T, status="waiting")
SPAM = ConversationStatusChanged(thread_id=T, status="spam")
ANNS = ConversationAssigned(thread_id=T, user_id="ann")
TAGGED = ConversationTagged(thread_id=T, tags=("urgent",))
NOTE = NoteAdded(thread_id=T, note_id="n1", author_id="ann", text="She called.")
WHY = Evidence(rule="answered", field="email_id", value="e1")
REOPENED = ConversationStatusChanged(thread_id=T, status="open", reason=WHY)


def test_what_is_named_is_set_once() -> None:
    """The rest stays; what is so already needs no fact."""
    everything = Arrange(T, frozenset({"status", "assignee", "tags"}), "closed", "ann", ("urgent",))

    scenario.when(everything).then(CLOSED, ANNS, TAGGED)
    scenario.given(CLOSED, ANNS, TAGGED).when(everything).then()
    scenario.given(CLOSED, ANNS).when(Arrange(T, frozenset({"assignee"}))).then(
        ConversationAssigned(thread_id=T, user_id=None)
    )
    scenario.given(CLOSED).when(Arrange(T, frozenset())).then()


def test_a_note_is_written_once() -> None:
    """A repeated order is the same note."""
    scenario.when(Write(NOTE)).then(NOTE)
    scenario.given(NOTE).when(Write(NOTE)).then()


@pytest.mark.parametrize("before", [CLOSED, WAITING])
def test_an_answer_opens_it_and_keeps_who_has_it(before: ConversationEvent) -> None:
    """Unless they are not here any more: then it is nobody's."""
    nobodys = ConversationAssigned(
        thread_id=T,
        user_id=None,
        reason=Evidence(rule="absent", field="user_id", value="ann"),
    )

    scenario.given(ANNS, before).when(Answered(T, "e1")).then(REOPENED)
    scenario.given(ANNS, before).when(Answered(T, "e1", is_absent=True)).then(REOPENED, nobodys)


def test_what_is_open_or_spam_stays() -> None:
    """An answer to spam is spam."""
    scenario.given(ANNS).when(Answered(T, "e1", is_absent=True)).then()
    scenario.given(SPAM).when(Answered(T, "e1")).then()
