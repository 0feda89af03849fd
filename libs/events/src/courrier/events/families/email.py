"""What became of e-mails (stream ``EMAIL``, written by the linker only).

``email.<p>.<e-mail id>``. An e-mail has one id for life; several mailboxes holding the same
message are holders of one e-mail.
"""

from typing import ClassVar, Literal

from pydantic import Field

from courrier.events.base import Event, Evidence, Mailbox, RecordRef, UtcTime, Value
from courrier.events.families.conversation import EmailRethreaded
from courrier.events.families.email_state import PersonalFields, StateEvent
from courrier.events.families.mailbox import BlobRef

SNIPPET_LIMIT = 200
"""Characters of body text shown in lists."""


class Link(Value):
    """An e-mail concerns a record, and why. ``parent`` marks the one people see first."""

    record: RecordRef
    parent: bool = False
    reason: Evidence


class Holding(Value):
    """A person or group has the e-mail in ``folder``: inbox, sent, archive, trash, junk or an id.

    ``is_quiet``: nobody is to be notified of it (a silent folder or filter, a robot, junk).
    """

    holder_type: Literal["user", "group"] = "user"
    holder_id: str
    folder: str
    account_id: str | None = None
    is_read: bool = False
    is_important: bool = False
    is_quiet: bool = False
    reason: Evidence


class GroupMail(Value):
    """A message came to the group account ``account_id``, whose mail starts something.

    ``opens_case``: its mail becomes cases, and nothing speaks against it here: not from a robot, a
    list or ourselves, no bulk mail, no junk. ``template_id``: a machine may answer with it; where
    cases are opened, once this one is.
    """

    account_id: str
    opens_case: bool = False
    template_id: str | None = None


class EmailImported(Event):
    """A received, sent or hand-filed message became an e-mail: the whole decision in one fact.

    ``source_id`` is the id of the event it came from (``MessageReceived`` or ``MessageSent``), and
    ``source_sequence`` where that stood (after a restore it may stand elsewhere).
    ``thread_id`` may be provisional until threads are joined. The body is not here: it is in the
    blob ``raw`` and, for rules and search, in the source event. ``fingerprint`` (hex, of From,
    Date and base subject as the message has them) tells two messages with one Message-ID apart.
    ``ancestors`` are the e-mails that the message names, nearest first, there or not, as ids;
    ``proven`` those of them that it answers beyond doubt: written here, or naming our signed id.
    ``authentication`` is what the receiving server ``authenticated_by`` says of the From address.
    """

    TYPE: ClassVar[str] = "courrier.email.EmailImported.v1"

    email_id: str
    source_id: str
    source_sequence: int | None = None
    status: Literal["archived", "sent"]
    raw: BlobRef
    account_id: str | None = None
    message_id: str | None = None
    fingerprint: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    thread_id: str
    thread_reason: Evidence
    subject: str | None = None
    sent_from: Mailbox | None = Field(default=None, alias="from")
    reply_to: tuple[Mailbox, ...] = ()
    to: tuple[Mailbox, ...] = ()
    cc: tuple[Mailbox, ...] = ()
    date: UtcTime
    snippet: str = ""
    attachment_count: int = 0
    auto_reply: bool = False
    replies_to: str | None = None
    ancestors: tuple[str, ...] = ()
    proven: tuple[str, ...] = ()
    authentication: Literal["pass", "fail", "none"] = "none"
    authenticated_by: str | None = None
    links: tuple[Link, ...] = ()
    holdings: tuple[Holding, ...] = ()
    group: GroupMail | None = None


class EmailShared(Event):
    """The same message was met again elsewhere: more holders of the one e-mail."""

    TYPE: ClassVar[str] = "courrier.email.EmailShared.v1"

    email_id: str
    source_id: str
    source_sequence: int | None = None
    holdings: tuple[Holding, ...]
    group: GroupMail | None = None


class EmailLinked(Event):
    """The e-mail's links are now ``links``, all of them; ``because`` says what made it so.

    ``by`` machine: from addresses and ancestors, and found anew whenever these change. By a person,
    or because a case was opened or a record made of it: it stays. The envelope's correlation id
    names the decision, which may be about many e-mails.
    """

    TYPE: ClassVar[str] = "courrier.email.EmailLinked.v1"

    email_id: str
    links: tuple[Link, ...]
    by: Literal["machine", "person", "case"] = "machine"
    because: Evidence


class ThreadsJoined(Event):
    """The thread ``joined`` is part of ``thread_id`` now: ``email_id`` belongs to both.

    Stands on ``email.<p>.thread.<joined>``; ``thread_id`` may be joined to another one later.
    """

    TYPE: ClassVar[str] = "courrier.email.ThreadsJoined.v1"

    thread_id: str
    joined: str
    email_id: str
    reason: Evidence


class EmailMarkedRead(PersonalFields, Event):
    """A person has read the e-mail; the others' state is their own."""

    TYPE: ClassVar[str] = "courrier.email.EmailMarkedRead.v1"


class EmailMarkedUnread(PersonalFields, Event):
    """A person wants to read the e-mail again."""

    TYPE: ClassVar[str] = "courrier.email.EmailMarkedUnread.v1"


class CaseRequested(Event):
    """The e-mail, which came to the group account ``account_id``, is to become a case.

    Stands on ``email.<p>.<claim>.case``. The claim is the conversation, so that of two messages of
    one only the first to append opens a case; or the e-mail, where it must not share a case with
    what stands before it in its conversation, or a case must be opened for it alone.
    """

    TYPE: ClassVar[str] = "courrier.email.CaseRequested.v1"

    email_id: str
    account_id: str
    claim: str | None = None
    reason: Evidence


class CaseAnswered(Event):
    """Somebody outside wrote the e-mail about the case ``record``, which may have to be reopened.

    Stands on ``email.<p>.<e-mail id>.answered``, once for an e-mail. ``at`` is when it came to the
    server, or was written: what is older than the case's closing opens nothing.
    """

    TYPE: ClassVar[str] = "courrier.email.CaseAnswered.v1"

    email_id: str
    record: RecordRef
    at: UtcTime
    reason: Evidence


class AutoReplyPermitted(Event):
    """A machine may answer the e-mail: it came to the group account ``account_id``, from a person.

    Stands on ``email.<p>.<e-mail id>.autoreply``, once for an e-mail, and has what an answer says
    of it: ``recipient`` is who wrote it (RFC 3834 section 4: never Reply-To), ``template_id`` what
    the account answers with, ``message_id`` and ``references`` are the e-mail's. Where it opened a
    case, ``case`` and ``case_number`` name it, for ``[#N]`` in the subject. Whether the recipient
    was answered lately, and whether the account still answers, is for whoever sends to see.
    """

    TYPE: ClassVar[str] = "courrier.email.AutoReplyPermitted.v1"

    email_id: str
    account_id: str
    template_id: str
    recipient: Mailbox
    thread_id: str
    message_id: str | None = None
    references: tuple[str, ...] = ()
    subject: str | None = None
    date: UtcTime
    case: RecordRef | None = None
    case_number: int | None = None
    reason: Evidence


class MessageSkipped(Event):
    """A filter kept a received message out: no e-mail was made of it.

    Stands on ``email.<p>.<source id>.skipped``. ``message_key`` is the keyed hash by which the
    message is known (``Identity.erased_message``), ``reason`` names the filter and no more.
    ``source_sequence`` is where ``MessageReceived`` stood; after a restore it may stand elsewhere.
    For ``recovery_s`` seconds from now it can be taken in after all; then it is purged.
    """

    TYPE: ClassVar[str] = "courrier.email.MessageSkipped.v1"

    source_id: str
    source_sequence: int
    account_id: str
    folder: str
    uidvalidity: int
    uid: int
    message_key: str
    recovery_s: int = 3600
    reason: Evidence


class EmailReread(Event):
    """What the e-mail's message says is read like this now, by a better parser.

    ``source_id`` is the id of the ``MessageReread``. The thread stays; the links
    are decided anew after it.
    """

    TYPE: ClassVar[str] = "courrier.email.EmailReread.v1"

    email_id: str
    source_id: str
    subject: str | None = None
    sent_from: Mailbox | None = Field(default=None, alias="from")
    reply_to: tuple[Mailbox, ...] = ()
    to: tuple[Mailbox, ...] = ()
    cc: tuple[Mailbox, ...] = ()
    date: UtcTime
    snippet: str = ""
    attachment_count: int = 0
    auto_reply: bool = False


class EmailErased(Event):
    """All that was known of the e-mail is gone; this fact keeps its place on the subject.

    ``message_key`` is the keyed hash under which a copy of it is recognised and refused
    (``Identity.erased_message``); None where the e-mail was never seen. ``sequences`` are where the
    facts stood that went: what the archive has to forget.
    """

    TYPE: ClassVar[str] = "courrier.email.EmailErased.v1"

    email_id: str
    message_key: str | None = None
    sequences: tuple[int, ...] = ()


EmailEvent = (
    EmailImported
    | EmailShared
    | EmailLinked
    | EmailRethreaded
    | EmailMarkedRead
    | EmailMarkedUnread
    | StateEvent
    | EmailReread
    | EmailErased
)
