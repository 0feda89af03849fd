"""Undo what one decision did to an e-mail, and leave what other decisions have set since.

A decision is what shares an id (the envelope's correlation). Everything is read from the e-mail's
history: what each aspect was before the decision, and who set it last.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from courrier.events.base import Evidence
from courrier.events.families.email import EmailEvent, EmailLinked
from courrier.linker.domain.aspects import (
    Aspect,
    Values,
    owner_of,
    restoring,
    touched,
    value_of,
)
from courrier.linker.domain.copies import person_key

UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose aspects are undone: one person's (None: everybody's), and the common ones or not."""

    person_id: str | None
    common: bool = False

    def has(self, aspect: Aspect) -> bool:
        """Tell whether an aspect is to be undone."""
        owner = owner_of(aspect)
        if not owner:
            return self.common
        return self.person_id is None or owner == person_key(self.person_id)


@dataclass(frozen=True, slots=True)
class Undone:
    """The facts that undo, and the aspects that others have set since."""

    facts: tuple[EmailEvent, ...] = ()
    changed_since: tuple[Aspect, ...] = ()


@dataclass(slots=True)
class _Course:
    """What became of each aspect: before the decision, now, and whose fact came last."""

    before: dict[Aspect, object] = field(default_factory=dict)
    now: dict[Aspect, object] = field(default_factory=dict)
    setter: dict[Aspect, str] = field(default_factory=dict)
    undone: set[Aspect] = field(default_factory=set)


def undo(
    email_id: str, history: Iterable[tuple[EmailEvent, str]], *, decision_id: str, scope: Scope
) -> Undone:
    """Return what undoes a decision; ``history`` is facts with their decisions, oldest first."""
    course = _course(history, decision_id)
    reason = Evidence(rule=UNDO, field="decision", value=decision_id)
    facts: list[EmailEvent] = []
    left: list[Aspect] = []
    for aspect, was in course.before.items():
        if not scope.has(aspect) or aspect in course.undone:
            continue
        if course.setter[aspect] != decision_id:
            left.append(aspect)
        elif was is not None and was != course.now[aspect]:
            facts += restoring(email_id, aspect, now=course.now[aspect], then=was, reason=reason)
    return Undone(tuple(facts), tuple(left))


def _course(history: Iterable[tuple[EmailEvent, str]], decision_id: str) -> _Course:
    course = _Course()
    for event, decided_by in history:
        values: Values = dict(course.now)
        for aspect, value in touched(event, values).items():
            if decided_by == decision_id:
                course.before.setdefault(aspect, value_of(values, aspect))
            course.now[aspect] = value
            course.setter[aspect] = decided_by
            _note_undo(course, event, aspect, decision_id)
    return course


def _note_undo(course: _Course, event: EmailEvent, aspect: Aspect, decision_id: str) -> None:
    """Remember what was undone already: undoing twice does nothing, and is no conflict."""
    said = event.because if isinstance(event, EmailLinked) else getattr(event, "reason", None)
    reason: Evidence | None = said
    if reason is not None and (reason.rule, reason.value) == (UNDO, decision_id):
        course.undone.add(aspect)
