"""A message to be written, as values, and why one may be refused."""

from dataclasses import dataclass
from datetime import datetime

from courrier.mail.message import Mailbox

MAX_CONTENT_BYTES = 48 * 1024 * 1024
"""Texts and files of one message, before base64 makes a third more of them; servers say in EHLO how
much less they take (RFC 1870)."""

MAX_MAILBOXES = 1_000
"""Mailboxes in all fields of one message; to more than these one writes apart."""

MAX_FURTHER_FIELDS = 100
"""Further fields of one message."""


class Unwritable(ValueError):
    """A message cannot be written as asked; the subclasses and the text say what is at fault."""


class InvalidAddress(Unwritable):
    """An address is no addr-spec (RFC 5322 section 3.4.1), or holds a line break or NUL."""


class InvalidMessageId(Unwritable):
    """An id is no `left@right` without blanks, brackets and control characters."""


class InvalidField(Unwritable):
    """A further field has no valid name, a name that `compose` writes itself, or a line break."""


class InvalidContentType(Unwritable):
    """An attachment's type is no `type/subtype`."""


class InvalidListUri(Unwritable):
    """A URI of a List- field has no scheme that mail programs follow, or needs encoding."""


class TooManyMailboxes(Unwritable):
    """There are more than `MAX_MAILBOXES`."""


class TooLarge(Unwritable):
    """The texts and files have more than `MAX_CONTENT_BYTES`."""


class NaiveDate(Unwritable):
    """The date has no time zone."""


@dataclass(frozen=True, slots=True)
class OutgoingAttachment:
    """A file to enclose; with `content_id` (no brackets) and `inline` the HTML shows it by cid."""

    filename: str
    content_type: str
    content: bytes
    content_id: str | None = None
    inline: bool = False


@dataclass(frozen=True, slots=True)
class OutgoingCalendar:
    """An invitation (RFC 6047): iCalendar text, and its METHOD, which the part has to repeat."""

    content: str
    method: str = "REQUEST"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailingList:
    """What a message to many says of itself (RFC 2369, 2919, 8058), URIs by preference.

    Attributes:
        id: like a domain, the same for ever (`news.example.org`).
        name: of the list, for people.
        one_click: the first https URI of `unsubscribe` takes the POST of RFC 8058, without cookies
            or log-in; Gmail and Yahoo ask for it. Both fields have to be signed by DKIM.
        feedback_id: up to four parts for Gmail's complaint figures, the last one the sender's.
    """

    id: str | None = None
    name: str | None = None
    unsubscribe: tuple[str, ...] = ()
    one_click: bool = False
    subscribe: tuple[str, ...] = ()
    help: tuple[str, ...] = ()
    post: tuple[str, ...] = ()
    owner: tuple[str, ...] = ()
    archive: tuple[str, ...] = ()
    feedback_id: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """All that is on the wire; blind recipients belong to the envelope and have no place here.

    Attributes:
        message_id: without brackets, as are `in_reply_to` and `references` (oldest first).
        date: aware; written with its own offset.
        boundary_seed: any text of this message's own, best its id; equal seeds, equal bytes.
        text: `None` has it made from the HTML.
        html: `None` for a message of text only; images by `cid:` of an inline attachment.
        co_authors: further mailboxes of From; then `sender` is `from_` if not given.
        auto_submitted: the word of RFC 3834 section 5 (`auto-generated`, `auto-replied`); other
            programs are asked not to answer.
        mailing_list: as above, for a message to many.
        fields: further fields, as `("X-Ticket", "4711")`.
    """

    message_id: str
    date: datetime
    boundary_seed: str
    from_: Mailbox
    to: tuple[Mailbox, ...]
    subject: str
    text: str | None
    html: str | None = None
    cc: tuple[Mailbox, ...] = ()
    reply_to: tuple[Mailbox, ...] = ()
    sender: Mailbox | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    auto_submitted: str | None = None
    attachments: tuple[OutgoingAttachment, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    co_authors: tuple[Mailbox, ...] = ()
    calendar: OutgoingCalendar | None = None
    mailing_list: MailingList | None = None
