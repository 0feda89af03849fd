"""The atomic append of a batch: its messages and the cursor that passes them.

The cursor event alone names an expected sequence: that is the fence between two fetchers, and
what makes a crash between any two lines harmless. Events are numbered over the whole folder.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from courrier.events import subjects
from courrier.events.base import derived_id
from courrier.events.envelope import Context, NewEvent
from courrier.events.families.mailbox import (
    FolderAdvanced,
    FolderComparison,
    SkippedUid,
)
from courrier.fetcher.domain.cursor import Cursor
from courrier.fetcher.domain.ledger import Ledger, left_out
from courrier.fetcher.domain.reading import ReceivedAsWritten, Written
from courrier.fetcher.domain.received import Origin, message_event_id
from courrier.fetcher.domain.scope import EVERYTHING, Scope
from courrier.fetcher.domain.uids import Span

SOURCE = "/courrier/fetcher"
ACTOR = "service:fetcher"
APPEND_EVENTS = 900
APPEND_BYTES = 3 * 1024 * 1024
"""Bytes of event bodies in one append; the broker's 4 MiB also hold headers and the cursor."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one append records: messages, UIDs left out, and the range settled by both.

    ``scope`` are those it was read under. Of ``server`` messages in the folder ``missing`` are
    still to come. With a ``comparison`` the numbers of the ledger are counted anew: ``skipped`` is
    all there is.
    """

    messages: tuple[Written, ...]
    skipped: tuple[SkippedUid, ...]
    covers: Span
    scope: Scope = EVERYTHING
    server: int | None = None
    missing: int | None = None
    comparison: FolderComparison | None = None


def steps(messages: Sequence[Written], whole: Step) -> list[Step]:
    """Cut a batch, of which ``whole`` tells all but the messages, into appends the broker accepts.

    Newest first, so that each append's range ends right below the one before.
    """
    runs = _runs(sorted(messages, key=lambda message: -message.uid))
    covers, left = whole.covers, len(messages)
    top, cut = covers[1], []
    for number, run in enumerate(runs, start=1):
        bottom = covers[0] if number == len(runs) else run[-1].uid
        left_out = tuple(one for one in whole.skipped if bottom <= one.uid <= top)
        left -= len(run)
        missing = None if whole.missing is None else whole.missing + left
        part = replace(whole, messages=tuple(run), skipped=left_out, covers=(bottom, top))
        cut.append(replace(part, missing=missing))
        top = bottom - 1
    return cut


def _runs(messages: Sequence[Written]) -> list[list[Written]]:
    runs: list[list[Written]] = [[]]
    size = 0
    for message in messages:
        more = len(message.body)
        if runs[-1] and (size + more > APPEND_BYTES or len(runs[-1]) == APPEND_EVENTS):
            runs.append([])
            size = 0
        runs[-1].append(message)
        size += more
    return runs


def append_of(origin: Origin, cursor: Cursor, step: Step, now: datetime) -> list[NewEvent]:
    """Return the events of one append: the messages, oldest first, then the cursor."""
    ordered = sorted(step.messages, key=lambda message: message.uid)
    received = [
        _new(origin, message, version, now)
        for version, message in enumerate(ordered, start=cursor.version + 1)
    ]
    return [*received, _cursor_event(origin, cursor, step, now)]


def after(cursor: Cursor, step: Step, sequence: int, now: datetime) -> Cursor:
    """Return the cursor once the step is stored, its cursor event at ``sequence``."""
    return replace(
        cursor,
        settled=cursor.settling(step.covers),
        sequence=sequence,
        version=cursor.version + len(step.messages) + 1,
        ledger=_ledger(cursor, step, now),
    )


def _ledger(cursor: Cursor, step: Step, now: datetime) -> Ledger:
    if step.comparison:
        held = step.comparison.held + step.comparison.gone
        return cursor.ledger.recounted(held, step.skipped, step.scope, now)
    uids = [message.uid for message in step.messages]
    return cursor.ledger.after(uids, step.skipped, step.scope, now)


def _new(origin: Origin, message: Written, version: int, now: datetime) -> NewEvent:
    """The arrival of a message is an outside cause: its event's id is the correlation."""
    subject = subjects.folder_messages(origin.account_id, origin.folder)
    event_id = message_event_id(origin, message.uid)
    context = Context(SOURCE, ACTOR, now, correlation_id=str(event_id))
    event = ReceivedAsWritten(uid=message.uid)
    return NewEvent(subject, event, event_id, version, context, body=message.body)


def _cursor_event(origin: Origin, cursor: Cursor, step: Step, now: datetime) -> NewEvent:
    ledger = _ledger(cursor, step, now)
    scope = ledger.scope or step.scope
    event = FolderAdvanced(
        account_id=origin.account_id,
        folder=origin.folder,
        uidvalidity=cursor.uidvalidity,
        uid_ranges=cursor.settling(step.covers).ranges(),
        received=len(step.messages),
        skipped=() if step.comparison else step.skipped,
        held=ledger.held,
        left_out=left_out(ledger),
        owed=ledger.owed,
        since=scope.since,
        largest=scope.largest,
        server=step.server,
        missing=step.missing,
        compared_at=ledger.compared_at,
        comparison=step.comparison,
    )
    event_id = derived_id(
        "folder-advanced",
        origin.account_id,
        origin.folder,
        str(cursor.uidvalidity),
        str(cursor.sequence),
        "{}:{}".format(*step.covers),
        *(str(message.uid) for message in step.messages),
        *(str(one.uid) for one in step.skipped),
    )
    context = Context(SOURCE, ACTOR, now, correlation_id=str(event_id))
    subject = subjects.folder_cursor(origin.account_id, origin.folder)
    version = cursor.version + len(step.messages) + 1
    return NewEvent(subject, event, event_id, version, context, expected=cursor.sequence)
