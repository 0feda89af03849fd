"""Why an e-mail is here, from its history: what was decided, by whom, when, by which rule.

Only what one person may know: their own copy and their teams', records that they may read, e-mails
that they may read. What others did with their copies is theirs.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from courrier.events.base import Event, Evidence, RecordRef
from courrier.events.envelope import Recorded
from courrier.events.families import email_state as state
from courrier.events.families.conversation import EmailRethreaded
from courrier.events.families.email import (
    EmailImported,
    EmailLinked,
    EmailMarkedRead,
    EmailMarkedUnread,
    EmailReread,
    EmailShared,
    Holding,
    Link,
    ThreadsJoined,
)

from .access import Reach

PERSONAL: Mapping[type[Event], str] = {
    EmailMarkedRead: "read",
    EmailMarkedUnread: "unread",
    state.EmailMarkedImportant: "important",
    state.EmailMarkedUnimportant: "unimportant",
    state.EmailFiled: "filed",
    state.EmailArchived: "archived",
    state.EmailTrashed: "trashed",
    state.EmailRestored: "restored",
    state.EmailGivenUp: "given-up",
    state.EmailSnoozed: "snoozed",
    state.EmailWoken: "woken",
    state.ReminderSet: "reminder-set",
    state.ReminderCleared: "reminder-cleared",
    state.ReminderFired: "reminder-fired",
}
"""Words of what a person did with their copy."""
OWN_WISH = Evidence(rule="own-wish")
BETTER_READER = Evidence(rule="better-reader")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One decision; ``decision_id`` is what it is undone by.

    It is about a ``record``, a ``folder``, or another ``holder`` (``user:<id>``, ``group:<id>``).
    """

    at: datetime
    decision: str
    actor: str
    reason: Evidence
    decision_id: str
    record: RecordRef | None = None
    folder: str | None = None
    holder: str | None = None

    @property
    def named(self) -> tuple[str, ...]:
        """Return the ids whose names are told: people, teams, filters, folders, accounts."""
        account = self.reason.value if self.reason.field == "account_id" else None
        people = (self.actor, self.holder or "")
        ids = (*(each.partition(":")[2] for each in people), self.reason.rule_id, self.folder)
        return tuple(each for each in (*ids, account) if each)


def steps_of(history: Iterable[Recorded[Event]], reach: Reach) -> list[Step]:
    """Return what was decided, oldest first; records and other holders not yet left out."""
    found: list[Step] = []
    links: tuple[Link, ...] = ()
    for recorded in history:
        match recorded.event:
            case EmailImported() as event:
                found.append(_step(recorded, "threaded", event.thread_reason))
                found += _linked(recorded, (), event.links)
                found += _held(recorded, event.holdings, reach)
                links = event.links
            case EmailShared() as event:
                found += _held(recorded, event.holdings, reach)
            case EmailLinked() as event:
                found += _linked(recorded, links, event.links)
                links = event.links
            case EmailReread():
                found.append(_step(recorded, "reread", BETTER_READER))
            case EmailRethreaded() as event:
                word = "split" if event.apart else "joined"
                found.append(_step(recorded, word, event.reason))
            case ThreadsJoined() as event:
                found.append(_step(recorded, "joined", event.reason))
            case _:
                found += _personal(recorded, reach)
    return found


def visible(
    steps: Iterable[Step],
    *,
    may_read: Callable[[RecordRef], bool],
    may_know: Callable[[str], bool],
    is_readable: Callable[[str], bool],
) -> list[Step]:
    """Leave out records, holders and e-mails that the person may not know, by time.

    ``may_know`` is asked for a holder's id, ``is_readable`` for an e-mail's.
    """
    kept = []
    for step in steps:
        if step.record is not None and not may_read(step.record):
            continue
        if step.holder is not None and not may_know(step.holder.partition(":")[2]):
            continue
        kept.append(replace(step, reason=_told(step.reason, may_read, is_readable)))
    return sorted(kept, key=lambda step: step.at)


def records_of(steps: Iterable[Step]) -> list[RecordRef]:
    """Return the records that are named, each once."""
    named = (ref for step in steps for ref in (step.record, _record_in(step.reason)) if ref)
    return list(dict.fromkeys(named))


def emails_of(steps: Iterable[Step]) -> list[str]:
    """Return the e-mails that are named, each once."""
    values = (step.reason.value for step in steps if step.reason.field == "email_id")
    return list(dict.fromkeys(value for value in values if value))


def taken_away(steps: Iterable[Step], record: RecordRef) -> Step | None:
    """Return how a record was taken away by a person, if that was the last word on it."""
    about = [step for step in steps if step.record == record]
    last = about[-1] if about else None
    by_person = last is not None and last.actor.startswith("user:")
    return last if last and by_person and last.decision == "unlinked" else None


def _step(recorded: Recorded[Event], decision: str, reason: Evidence) -> Step:
    return Step(
        at=recorded.time,
        decision=decision,
        actor=recorded.actor,
        reason=reason,
        decision_id=state.decision_key(recorded.correlation_id or recorded.id),
    )


def _linked(
    recorded: Recorded[Event], before: tuple[Link, ...], after: tuple[Link, ...]
) -> list[Step]:
    """Return which records came and went, and why; of what changed the whole has one cause."""
    because = recorded.event.because if isinstance(recorded.event, EmailLinked) else None
    was = {link.record: link for link in before}
    now = {link.record: link for link in after}
    gone = [ref for ref in was if ref not in now]
    new = [link for ref, link in now.items() if was.get(ref) != link]
    reason = because or Evidence(rule="record-removed")
    unlinked = _step(recorded, "unlinked", reason)
    linked = [_step(recorded, "linked", link.reason) for link in new]
    return [
        *(replace(unlinked, record=ref) for ref in gone),
        *(replace(step, record=link.record) for step, link in zip(linked, new, strict=True)),
    ]


def _held(recorded: Recorded[Event], holdings: tuple[Holding, ...], reach: Reach) -> list[Step]:
    found = []
    for each in holdings:
        if each.holder_id in reach.holder_ids:
            found.append(replace(_step(recorded, "filed", each.reason), folder=each.folder))
        else:
            holder = f"{each.holder_type}:{each.holder_id}"
            step = _step(recorded, "held", Evidence(rule="holder"))
            found.append(replace(step, holder=holder))
    return found


def _personal(recorded: Recorded[Event], reach: Reach) -> list[Step]:
    word = PERSONAL.get(type(recorded.event))
    event = recorded.event
    if word is None or not isinstance(event, state.PersonalFields):
        return []
    if event.person_id != reach.person_id:
        return []
    step = _step(recorded, word, event.reason or OWN_WISH)
    return [replace(step, folder=getattr(event, "folder", None))]


def _record_in(reason: Evidence) -> RecordRef | None:
    """Return the record that evidence names; what else it may name is told apart by its field."""
    if reason.field in {"account", "contact", "lead", "opportunity", "case", "task"}:
        return RecordRef(type=reason.field, id=reason.value or "")
    return None


def _told(
    reason: Evidence,
    may_read: Callable[[RecordRef], bool],
    is_readable: Callable[[str], bool],
) -> Evidence:
    record = _record_in(reason)
    hidden = record is not None and not may_read(record)
    hidden |= reason.field == "email_id" and not is_readable(reason.value or "")
    return reason.model_copy(update={"value": None}) if hidden else reason
