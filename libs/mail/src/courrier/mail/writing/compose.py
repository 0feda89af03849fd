"""A message as the bytes that go on the wire: the same values, the same bytes.

RFC 5322 and MIME, CRLF, 7-bit but for local parts that need SMTPUTF8, no line above 998 octets.
Nothing is made up here: id, date and boundary come with the message. It is stored and signed before
any server is asked, so that 8BITMIME is not made use of. Bytes are assembled by hand, as the
standard library takes 20 times as long.
"""

from datetime import datetime
from urllib.parse import quote

from courrier.mail.html.text import html_to_text
from courrier.mail.message import Mailbox
from courrier.mail.writing.field_writing import (
    ids_field,
    mailboxes_field,
    text_field,
    verbatim_field,
)
from courrier.mail.writing.list_writing import list_fields
from courrier.mail.writing.outgoing import (
    MAX_CONTENT_BYTES,
    MAX_FURTHER_FIELDS,
    MAX_MAILBOXES,
    InvalidField,
    NaiveDate,
    OutgoingMessage,
    TooLarge,
    TooManyMailboxes,
)
from courrier.mail.writing.part_writing import (
    Written,
    attachment_part,
    calendar_part,
    multipart,
    text_part,
)
from courrier.mail.writing.replying import capped

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_OWN_FIELDS = {
    "from", "sender", "to", "cc", "bcc", "reply-to", "subject", "date", "message-id",
    "in-reply-to", "references", "mime-version", "content-type", "content-transfer-encoding",
    "content-disposition", "content-id", "content-description", "auto-submitted", "precedence",
}  # fmt: skip
_OTHERS_FIELDS = {"return-path", "received", "delivered-to", "dkim-signature", "arc-seal"}
_BY_ROBOTS = {"auto-generated", "auto-replied", "auto-notified"}
_AUTO_SUBMITTED = {"no", *_BY_ROBOTS}


def compose(message: OutgoingMessage) -> bytes:
    """Write the message.

    Raises:
        Unwritable: a field cannot be written as asked; the subclass names the fact.
    """
    _check_counts(message)
    body = _body(message)
    return b"".join(
        (
            *_envelope_fields(message),
            *_thread_fields(message),
            *_further_fields(message),
            b"MIME-Version: 1.0\r\n",
            body.fields,
            b"\r\n",
            body.body,
        )
    )


def _check_counts(message: OutgoingMessage) -> None:
    if len(_mailboxes(message)) > MAX_MAILBOXES:
        raise TooManyMailboxes(f"a message names {MAX_MAILBOXES} mailboxes at most")
    if len(message.fields) > MAX_FURTHER_FIELDS:
        raise InvalidField(f"a message has {MAX_FURTHER_FIELDS} further fields at most")
    calendar = message.calendar.content if message.calendar is not None else ""
    texts = len(message.text or "") + len(message.html or "") + len(calendar)
    content = texts + sum(len(each.content) for each in message.attachments)
    if content > MAX_CONTENT_BYTES:
        raise TooLarge(f"a message has {MAX_CONTENT_BYTES} bytes at most; this one has {content}")


def needs_smtputf8(message: OutgoingMessage) -> bool:
    """Whether a local part is not ASCII, so that only an RFC 6531 server can take the message."""
    return not all(each.address.rpartition("@")[0].isascii() for each in _mailboxes(message))


def _mailboxes(message: OutgoingMessage) -> tuple[Mailbox, ...]:
    sender = () if message.sender is None else (message.sender,)
    authors = (message.from_, *message.co_authors, *sender, *message.reply_to)
    return (*authors, *message.to, *message.cc)


def _envelope_fields(message: OutgoingMessage) -> list[bytes]:
    fields = [
        f"Date: {_date(message.date)}\r\n".encode("ascii"),
        mailboxes_field("From", (message.from_, *message.co_authors)),
    ]
    # RFC 5322 section 3.6.2: several authors need one who sent it.
    sender = message.sender or (message.from_ if message.co_authors else None)
    if sender is not None:
        fields.append(mailboxes_field("Sender", (sender,)))
    for name, mailboxes in (
        ("Reply-To", message.reply_to),
        ("To", message.to),
        ("Cc", message.cc),
    ):
        if mailboxes:
            fields.append(mailboxes_field(name, mailboxes))
    if not message.to and not message.cc:
        # Some servers take a message without any recipient field for spam.
        fields.append(b"To: undisclosed-recipients:;\r\n")
    fields.append(text_field("Subject", message.subject))
    return fields


def _thread_fields(message: OutgoingMessage) -> list[bytes]:
    fields = [ids_field("Message-ID", (message.message_id,))]
    if message.in_reply_to is not None:
        fields.append(ids_field("In-Reply-To", (message.in_reply_to,)))
    if message.references:
        fields.append(ids_field("References", capped(message.references)))
    return fields


def _further_fields(message: OutgoingMessage) -> list[bytes]:
    fields: list[bytes] = []
    word = message.auto_submitted
    if word is not None:
        if word not in _AUTO_SUBMITTED:
            raise InvalidField(f"{word[:200]!r} is no word of Auto-Submitted")
        fields.append(verbatim_field("Auto-Submitted", word))
    if message.mailing_list is not None:
        fields += list_fields(message.mailing_list)
    if message.mailing_list is not None or word == "auto-replied":
        fields.append(b"Precedence: bulk\r\n")
    if message.mailing_list is not None or word in _BY_ROBOTS:
        # Exchange reads no Auto-Submitted; "All" would suppress bounces too.
        fields.append(b"X-Auto-Response-Suppress: DR, RN, NRN, OOF, AutoReply\r\n")
    fields += (_further_field(name, value) for name, value in message.fields)
    return fields


def _further_field(name: str, value: str) -> bytes:
    lower = name.lower()
    if lower in _OWN_FIELDS:
        raise InvalidField(f"{name} is written from the message's own values")
    if lower in _OTHERS_FIELDS or lower.startswith("resent-"):
        raise InvalidField(f"{name} is written by those who carry or sign the message")
    return verbatim_field(name, value)


def _date(date: datetime) -> str:
    """RFC 5322 section 3.3; by hand, as `strftime` speaks the machine's language."""
    offset = date.utcoffset()
    if offset is None:
        raise NaiveDate("the date of a message needs its time zone")
    minutes = int(offset.total_seconds()) // 60
    sign = "-" if minutes < 0 else "+"
    hours, minutes = divmod(abs(minutes), 60)
    day = f"{_DAYS[date.weekday()]}, {date.day:02d} {_MONTHS[date.month - 1]} {date.year:04d}"
    clock = f"{date.hour:02d}:{date.minute:02d}:{date.second:02d}"
    return f"{day} {clock} {sign}{hours:02d}{minutes:02d}"


def _body(message: OutgoingMessage) -> Written:
    """mixed(alternative(text, related(html, images), calendar), files), as few as will do."""
    seed, html = message.boundary_seed, message.html
    shown = [each for each in message.attachments if is_shown(each.inline, each.content_id, html)]
    text = message.text if message.text is not None else html_to_text(html or "")
    forms = [text_part(text, "plain")]
    if html is not None:
        forms.append(text_part(html, "html"))
    if shown:
        images = map(attachment_part, shown)
        forms[-1] = multipart('related; type="text/html"', [forms[-1], *images], seed)
    if message.calendar is not None:
        forms.append(calendar_part(message.calendar))
    body = forms[0] if len(forms) == 1 else multipart("alternative", forms, seed)
    files = [each for each in message.attachments if each not in shown]
    if files:
        body = multipart("mixed", [body, *map(attachment_part, files)], seed)
    return body


def is_shown(inline: bool, content_id: str | None, html: str | None) -> bool:  # noqa: FBT001
    """Whether the HTML refers to a file: what it does not refer to would be hidden among images."""
    if html is None or not inline or not content_id:
        return False
    return f"cid:{content_id}" in html or f"cid:{quote(content_id)}" in html
