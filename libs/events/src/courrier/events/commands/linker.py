"""Orders to the linker: what people decide about e-mails."""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from courrier.events.base import Command, Evidence, RecordRef, UtcTime, Value

EMAILS_AT_ONCE = 200
"""E-mails of one order: their facts fit one append, and the answer comes in time."""


class Snooze(Value):
    """Out of sight until a time, until a human answers, or whichever comes first."""

    until: UtcTime | None = None
    until_answer: bool = False


class StateChange(Value):
    """What becomes of one person's copy; None leaves a thing as it is.

    ``folder`` is inbox, sent, archive, trash, junk or a folder's id. ``give_up`` deletes what is in
    the Trash: the person holds it no longer. ``remind_at`` reminds them then unless a human has
    answered; ``forget_reminder`` does not.
    """

    is_read: bool | None = None
    is_important: bool | None = None
    folder: str | None = None
    give_up: bool = False
    snooze: Snooze | None = None
    remind_at: UtcTime | None = None
    forget_reminder: bool = False


class ChangeEmails(Command):
    """A person changes their copies of these e-mails, all in the same way.

    ``decision_id`` is what the change is undone by: that of the whole where several orders carry
    out one decision, else the order's own id. ``team_ids`` are the person's teams. Of several
    e-mails those that the person does not hold are left out and counted (``Done.counts``).
    """

    SERVICE: ClassVar[str] = "linker"
    NAME: ClassVar[str] = "change-emails"

    command_id: UUID
    decision_id: UUID | None = None
    email_ids: tuple[str, ...] = Field(min_length=1, max_length=EMAILS_AT_ONCE)
    person_id: str
    team_ids: tuple[str, ...] = ()
    change: StateChange
    reason: Evidence | None = None
    actor: str


class LinkEmails(Command):
    """A person links these e-mails to a record, or (``linked`` false) takes the link away.

    ``parent`` makes the record the one people see first: always, never, or ``if-free``, where there
    is none yet, or one that a case takes the place of (account, contact, lead). No machine changes
    the links after that. ``Done.counts``: ``changed``, ``unchanged``.
    """

    SERVICE: ClassVar[str] = "linker"
    NAME: ClassVar[str] = "link-emails"

    command_id: UUID
    decision_id: UUID | None = None
    email_ids: tuple[str, ...] = Field(min_length=1, max_length=EMAILS_AT_ONCE)
    record: RecordRef
    linked: bool = True
    parent: Literal["always", "never", "if-free"] = "always"
    actor: str


class RecallSkipped(Command):
    """Take in a message that a filter kept out, as if it had not, while there is time.

    ``source_id`` is the id of its ``MessageReceived``. Refused as ``gone`` when it is too late and
    as ``not-skipped`` where no filter kept it out. ``Done.id`` is the e-mail's id.
    """

    SERVICE: ClassVar[str] = "linker"
    NAME: ClassVar[str] = "recall-skipped"

    command_id: UUID
    source_id: str
    actor: str


class UndoDecision(Command):
    """Undo on these e-mails what the decision ``undone`` did, and leave what others changed since.

    Of one person, or of everybody where ``person_id`` is None; with ``common`` also what is
    nobody's own (links to records). ``decision_id`` is that of the undo itself, which can be
    undone too. ``Done.counts``: ``undone``, ``changed-since``, ``unchanged``.
    """

    SERVICE: ClassVar[str] = "linker"
    NAME: ClassVar[str] = "undo-decision"

    command_id: UUID
    decision_id: UUID | None = None
    undone: str
    email_ids: tuple[str, ...] = Field(min_length=1, max_length=EMAILS_AT_ONCE)
    person_id: str | None
    common: bool = False
    actor: str
