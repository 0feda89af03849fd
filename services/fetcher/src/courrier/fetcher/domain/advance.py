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
from courrier.events.families.mailbox import FolderAdvanced, MessageReceived, SkippedUid
from courrier.fetcher.domain.cursor import Cursor
from courrier.fetcher.domain.received import Origin, event_bytes, message_event_id
from courrier.fetcher.domain.uids import Span

SOURCE = "/courrier/fetcher"
ACTOR = "service:fetcher"
APPEND_EVENTS = 900
APPEND_BYTES = 3 * 1024 * 1024
"""Bytes of event bodies in one append; the broker's 4 MiB also hold headers and the cursor."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one append records: messages, UIDs left out, and the range settled by both."""

    messages: tuple[MessageReceived, ...]
    skipped: tuple[SkippedUid, ...]
    covers: Span


def steps(
    messages: Sequence[MessageReceived], skipped: Sequence[SkippedUid], covers: Span
) -> list[Step]:
    """Cut a batch, which covers one range, into appends that the broker accepts.

    Newest first, so that each append's range ends right below the one before.
    """
    runs = _runs(sorted(messages, key=lambda message: -message.uid))
    top, cut = covers[1], []
    for number, run in enumerate(runs, start=1):
        bottom = covers[0] if number == len(runs) else run[-1].uid
        left_out = tuple(one for one in skipped if bottom <= one.uid <= top)
        cut.append(Step(tuple(run), left_out, (bottom, top)))
        top = bottom - 1
    return cut


def _runs(messages: Sequence[MessageReceived]) -> list[list[MessageReceived]]:
    runs: list[list[MessageReceived]] = [[]]
    size = 0
    for message in messages:
        more = event_bytes(message)
        if runs[-1] and (size + more > APPEND_BYTES or len(runs[-1]) == APPEND_EVENTS):
            runs.append([])
            size = 0
        runs[-1].append(message)
        size += more
    return runs


def append_of(origin: Origin, cursor: Cursor, step: Step, now: datetime) -> list[NewEvent]:
    """Return the events of one append: the messages, oldest first, then the cursor."""
    subject = subjects.folder_messages(origin.account_id, origin.folder)
    ordered = sorted(step.messages, key=lambda message: message.uid)
    received = [
        _new(subject, message, origin, version, now)
        for version, message in enumerate(ordered, start=cursor.version + 1)
    ]
    return [*received, _cursor_event(origin, cursor, step, now)]


def after(cursor: Cursor, step: Step, sequence: int) -> Cursor:
    """Return the cursor once the step is stored, its cursor event at ``sequence``."""
    return replace(
        cursor,
        settled=cursor.settling(step.covers),
        sequence=sequence,
        version=cursor.version + len(step.messages) + 1,
    )


def _new(
    subject: str, message: MessageReceived, origin: Origin, version: int, now: datetime
) -> NewEvent:
    """The arrival of a message is an outside cause: its event's id is the correlation."""
    event_id = message_event_id(origin, message.uid)
    context = Context(SOURCE, ACTOR, now, correlation_id=str(event_id))
    return NewEvent(subject, message, event_id, version, context)


def _cursor_event(origin: Origin, cursor: Cursor, step: Step, now: datetime) -> NewEvent:
    event = FolderAdvanced(
        account_id=origin.account_id,
        folder=origin.folder,
        uidvalidity=cursor.uidvalidity,
        uid_ranges=cursor.settling(step.covers).ranges(),
        received=len(step.messages),
        skipped=step.skipped,
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
