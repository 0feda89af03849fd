"""The demo's messages as they would have come off the wire: the same bytes for the same arguments.

A reply quotes what it answers, as mail programs do, so that there is something to strip.
"""

import html
import zlib
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import PurePath

from .people import COMPANY, MAILBOX, Person

POLICY = SMTP.clone(max_line_length=78)
US = "us"
TABLES = {".csv": "line;article;quantity\r\n1;Lagoon, low entry;4\r\n2;Lagoon;11\r\n"}


def address_of(person: Person | None) -> Address:
    """Return the address of a person; None is the company itself."""
    if person is None:
        return Address(COMPANY.mailbox_name, addr_spec=MAILBOX)
    return Address(person.name, addr_spec=person.address)


def begin(
    author: Person | None, reader: Person | None, *, subject: str, at: datetime, message_id: str
) -> EmailMessage:
    """Return a message without a body."""
    message = EmailMessage(policy=POLICY)
    message["From"] = address_of(author)
    message["To"] = address_of(reader)
    message["Subject"] = subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = message_id
    return message


def write_body(message: EmailMessage, text: str, *, as_html: bool = False) -> None:
    """Give it its text, and the same as HTML where wanted."""
    message.set_content(text.strip() + "\n")
    if as_html:
        paragraphs = (
            html.escape(part).replace("\n", "<br>\n") for part in text.strip().split("\n\n")
        )
        body = "".join(f"<p>{paragraph}</p>\n" for paragraph in paragraphs)
        message.add_alternative(f"<html><body>\n{body}</body></html>\n", subtype="html")


def attach(message: EmailMessage, filename: str) -> None:
    """Attach a small table."""
    table = TABLES[PurePath(filename).suffix]
    message.add_attachment(table, subtype="csv", filename=filename)


def refer(message: EmailMessage, earlier: EmailMessage) -> None:
    """Make it an answer to ``earlier`` (RFC 5322 section 3.6.4)."""
    answered = str(earlier["Message-ID"]).strip()
    message["In-Reply-To"] = answered
    message["References"] = f"{earlier.get('References', '')} {answered}".strip()


def quoted(earlier: EmailMessage, name: str) -> str:
    """Return the earlier text as a quotation with its introduction line."""
    part = earlier.get_body(("plain",))
    text = part.get_content() if part is not None else ""
    lines = "\n".join(f"> {line}".rstrip() for line in str(text).strip().splitlines())
    return f"\n\nOn {earlier['Date']}, {name} wrote:\n{lines}\n"


def as_bytes(message: EmailMessage) -> bytes:
    """Return the bytes; boundaries depend on the Message-ID, not on chance."""
    stem = f"{zlib.crc32(str(message['Message-ID']).encode()):08x}"
    for number, part in enumerate(message.walk()):
        if part.is_multipart():
            part.set_boundary(f"=-{stem}-{number}")
    return message.as_bytes(policy=POLICY)


def answer_to(message: EmailMessage, person: Person, now: datetime) -> bytes:
    """Return what this person answers, or their machine if they are away."""
    subject = str(message.get("Subject", "")).removeprefix("Re: ")
    stem = f"{zlib.crc32(str(message.get('Message-ID', '')).encode()):08x}"
    answer = begin(
        person,
        None,
        subject=f"Re: {subject}",
        at=now,
        message_id=f"<answer-{stem}@{person.address.partition('@')[2]}>",
    )
    refer(answer, message)
    if person.away is not None:
        answer["Auto-Submitted"] = "auto-replied"
        write_body(answer, person.away)
    else:
        quotation = quoted(message, COMPANY.mailbox_name)
        write_body(answer, f"{person.answers}\n\n{person.name}{quotation}")
    return as_bytes(answer)
