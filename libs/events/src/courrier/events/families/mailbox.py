"""What happened in mailboxes (stream ``MAILBOX``, written by the fetcher only).

``mailbox.<p>.<account>.<folder token>.msg``     messages of one IMAP folder
``mailbox.<p>.<account>.<folder token>.cursor``  how far that folder is read; no personal data
``mailbox.<p>.<account>.state``                  whether the account can be fetched
``mailbox.<p>.erased.<message key>``             a message that is not to be kept
``mailbox.<p>.reread.<event id>``                newer readings of one received message
"""

from datetime import date
from typing import ClassVar, Literal

from pydantic import Field

from courrier.events.base import Event, Mailbox, UtcTime, Value

TEXT_LIMIT = 32 * 1024
"""Characters of body text kept in the event, for rules and search; the whole is in the blob."""


class BlobRef(Value):
    """A content-addressed blob: lower-case hex SHA-256 of ``size`` bytes."""

    digest: str
    size: int


class AttachmentSummary(Value):
    """One attachment as the message declares it; ``position`` counts from 0 in part order."""

    position: int
    filename: str | None = None
    content_type: str
    size: int
    sha256: str
    content_id: str | None = None
    inline: bool = False


class AuthenticationStamp(Value):
    """A server's word on the From address (RFC 8601): ``verdict`` pass, fail or none.

    ``is_own``: it stands above the first host outside, where only the receiving side writes.
    """

    server: str
    is_own: bool = False
    verdict: Literal["pass", "fail", "none"] = "none"


class MessageFields(Value):
    """What a message says, read by the parser of the day, and where it was found.

    ``unanswerable`` is what in its header says that no machine may answer it: empty-return-path,
    precedence, list, bulk or suppressed.
    """

    account_id: str
    folder: str
    special_use: str | None = None
    uidvalidity: int
    uid: int
    raw: BlobRef
    received_at: UtcTime | None = None
    flags: tuple[str, ...] = ()
    message_id: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    date: UtcTime | None = None
    sent_from: Mailbox | None = Field(default=None, alias="from")
    sender: Mailbox | None = None
    reply_to: tuple[Mailbox, ...] = ()
    to: tuple[Mailbox, ...] = ()
    cc: tuple[Mailbox, ...] = ()
    recipient_count: int = 0
    subject: str | None = None
    text: str = ""
    text_cut: bool = False
    attachments: tuple[AttachmentSummary, ...] = ()
    attachment_count: int = 0
    auto_reply: bool = False
    auto_reply_kind: str | None = None
    reports_on: str | None = None
    unanswerable: str | None = None
    list_id: str | None = None
    warnings: tuple[str, ...] = ()
    holder_id: str | None = None
    target_folder: str | None = None
    is_from_outside: bool = False
    authentication: tuple[AuthenticationStamp, ...] = ()


class MessageReceived(MessageFields, Event):
    """A message was read from a mailbox (or handed in by a person) and its bytes are stored.

    ``folder`` is the server's name, decoded. ``uid`` and ``uidvalidity`` are RFC 9051 section
    2.3.1.1; both are 0 for an import by hand, where ``holder_id`` and ``target_folder`` say for
    whom and where. ``received_at`` is IMAP INTERNALDATE. Lists are cut at 200 entries, the full
    count stands in ``recipient_count``. ``is_from_outside``: a host outside gave it to the
    receiving server without logging in. ``reports_on`` is the Message-ID of the message that a
    bounce is about.
    """

    TYPE: ClassVar[str] = "courrier.mailbox.MessageReceived.v1"


class MessageReread(MessageFields, Event):
    """The stored bytes of a received message were read again, by a better parser.

    All fields are as they are read now; ``changed`` names those that were read otherwise before.
    ``source_id`` is the id of its ``MessageReceived``, ``email_id`` the e-mail that it became.
    """

    TYPE: ClassVar[str] = "courrier.mailbox.MessageReread.v1"

    source_id: str
    email_id: str | None = None
    changed: tuple[str, ...] = ()


class UidRange(Value):
    """UIDs ``first`` to ``last``, both included."""

    first: int
    last: int


class SkippedUid(Value):
    """A message left out on purpose; ``reason`` says why.

    ``too-old``, ``too-large``, ``vanished``, ``undelivered`` (listed, but never sent by the
    server), ``erased`` (a copy of a message that was erased) or ``rule:<id>``.
    """

    uid: int
    reason: str


class LeftOut(Value):
    """``count`` messages of a folder that are left out for ``reason`` (see ``SkippedUid``)."""

    reason: str
    count: int


class OwedUid(Value):
    """A message that the server listed and did not send, however often it was asked (``tries``).

    It is asked for again at ``retry_at``; None: when the folder is compared next.
    """

    uid: int
    tries: int
    retry_at: UtcTime | None = None


class FolderComparison(Value):
    """What came of holding the folder, message by message, against the log.

    Of ``server`` messages that the server lists, ``held`` are on the log and ``left_out`` are not,
    for reasons; the others, ``missing``, vanished meanwhile. ``recovered`` were on the server, not
    on the log, and were fetched by this: a gap, closed. ``gone`` are on the log only.
    """

    server: int
    held: int
    left_out: int
    missing: int = 0
    recovered: int = 0
    gone: int = 0


class FolderAdvanced(Event):
    """The folder's cursor moved. The last one alone tells all that was read.

    ``uid_ranges`` is cumulative: every UID in it was received, skipped or does not exist. The
    event shares a batch with the messages it covers and its expected sequence fences out a
    second fetcher. ``received``, ``skipped`` and ``comparison`` speak of this batch only.

    Cumulative under this UIDVALIDITY are ``held`` (messages received), ``left_out`` and ``owed``
    (200 at most). Everything in ``uid_ranges`` was read back to ``since`` (None: all of it) and up
    to ``largest`` bytes. ``compared_at`` is when the folder was last compared with the server, or
    when reading it began. ``server`` is how many messages the server had when the fetcher looked,
    ``missing`` how many of them are still to come.
    """

    TYPE: ClassVar[str] = "courrier.mailbox.FolderAdvanced.v1"

    account_id: str
    folder: str
    uidvalidity: int
    uid_ranges: tuple[UidRange, ...]
    received: int = 0
    skipped: tuple[SkippedUid, ...] = ()
    held: int = 0
    left_out: tuple[LeftOut, ...] = ()
    owed: tuple[OwedUid, ...] = ()
    since: date | None = None
    largest: int | None = None
    server: int | None = None
    missing: int | None = None
    compared_at: UtcTime | None = None
    comparison: FolderComparison | None = None


class FetchingFailed(Event):
    """The account could not be read; people see ``text``. ``retry_at`` None: it needs a person.

    ``reason`` is one of ``name-not-found``, ``refused``, ``timed-out``, ``tls``,
    ``log-in-refused``, ``folder-missing``, ``disconnected``, ``server-error``, ``throttled``.
    ``since`` is when the first of the failures happened that had no success between them;
    ``tries`` counts refused log-ins among them: each of those is told. ``account_version`` counts
    the facts about the account in ``SETTINGS`` that had been taken in. ``texts`` is ``text`` by
    language (``en``, ``fr``), as far as the fetcher has words of its own.
    """

    TYPE: ClassVar[str] = "courrier.mailbox.FetchingFailed.v1"

    account_id: str
    reason: str
    text: str
    retry_at: UtcTime | None = None
    since: UtcTime | None = None
    tries: int = 0
    account_version: int = 0
    texts: dict[str, str] = Field(default_factory=dict)


class FetchingSuspended(Event):
    """The account failed too often: nothing more is tried until a person acts.

    A person acts by resuming it (``FetchingResumed``) or by setting it up otherwise. The fields are
    those of the last failure (``FetchingFailed``).
    """

    TYPE: ClassVar[str] = "courrier.mailbox.FetchingSuspended.v1"

    account_id: str
    reason: str
    text: str
    since: UtcTime | None = None
    tries: int = 0
    account_version: int = 0
    texts: dict[str, str] = Field(default_factory=dict)


class FetchingResumed(Event):
    """A suspended account is tried again; ``cause`` is ``asked``, or ``changed`` (set up anew)."""

    TYPE: ClassVar[str] = "courrier.mailbox.FetchingResumed.v1"

    account_id: str
    cause: str = "asked"


class FetchingRecovered(Event):
    """The account can be read again, or for the first time."""

    TYPE: ClassVar[str] = "courrier.mailbox.FetchingRecovered.v1"

    account_id: str


class MessageErased(Event):
    """A message is not to be kept: copies that were received are gone, later ones are left out.

    ``message_key`` is the keyed hash by which a copy is recognised, whatever mailbox it is met in
    (``Identity.erased_message``). ``source_ids`` are the ids of the ``MessageReceived`` erased
    with this fact; there may be none. ``sequences`` are where all that was erased stood, newer
    readings included: what the archive has to forget.
    """

    TYPE: ClassVar[str] = "courrier.mailbox.MessageErased.v1"

    message_key: str
    source_ids: tuple[str, ...] = ()
    sequences: tuple[int, ...] = ()


MailboxEvent = (
    MessageReceived
    | FolderAdvanced
    | FetchingFailed
    | FetchingSuspended
    | FetchingResumed
    | FetchingRecovered
    | MessageErased
)
