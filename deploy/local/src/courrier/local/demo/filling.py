"""The demo's mailbox as it is before the first start: the stories, dated back from that moment.

Filled in a directory aside that is then renamed: it is there as a whole or not at all.
"""

import shutil
import tomllib
from datetime import UTC, datetime, time, timedelta
from email.message import EmailMessage
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from .folder_names import INBOX, SENT
from .mailbox_files import Arrival, MailboxFiles
from .people import BY_ID, HERE, MAILBOX, Person
from .rendering import US, as_bytes, attach, begin, quoted, refer, write_body

SEEN = "\\Seen"
READ_AFTER = timedelta(days=7)  # older mail has been read


class Written(BaseModel):
    """One message of a story."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    author: str = Field(alias="from")
    days: int
    at: time
    text: str
    html: bool = False
    attachment: str | None = None
    auto: bool = False

    def sent_at(self, now: datetime) -> datetime:
        """Return when it was sent, seen from the first start; never in the future."""
        day = (now - timedelta(days=self.days)).date()
        return min(datetime.combine(day, self.at, tzinfo=UTC), now - timedelta(minutes=5))


class Thread(BaseModel):
    """One story; ``list_id`` is the List-Id of a newsletter."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    subject: str
    list_id: str | None = None
    message: list[Written]


class Stories(BaseModel):
    """The whole file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    thread: list[Thread]


def mail_directory(demo: Path) -> Path:
    """Return where the mailboxes are: a directory per address, in it one per folder."""
    return demo / "mail"


def fill_once(demo: Path) -> None:
    """Write the stories unless that has been done."""
    target = mail_directory(demo)
    if target.exists():
        return
    half = demo / "mail.half"
    shutil.rmtree(half, ignore_errors=True)
    now = datetime.now(UTC)
    inbox: list[tuple[bytes, Arrival]] = []
    sent: list[tuple[bytes, Arrival]] = []
    for author, at, content in stories(now):
        old = author is None or now - at > READ_AFTER
        arrival = Arrival(at, frozenset({SEEN} if old else ()))
        (inbox if author is not None else sent).append((content, arrival))
    MailboxFiles(half / MAILBOX / INBOX).add_all(inbox)
    MailboxFiles(half / MAILBOX / SENT).add_all(sent)
    half.rename(target)


def stories(now: datetime) -> list[tuple[Person | None, datetime, bytes]]:
    """Return author (None is the company), time and bytes of every message, oldest first."""
    text = (HERE / "stories.toml").read_text("utf-8")
    threads = Stories.model_validate(tomllib.loads(text)).thread
    told = [one for number, thread in enumerate(threads, 1) for one in _tell(thread, number, now)]
    return sorted(told, key=lambda one: one[1])


def _tell(
    thread: Thread, number: int, now: datetime
) -> list[tuple[Person | None, datetime, bytes]]:
    customer = next(BY_ID[one.author] for one in thread.message if one.author != US)
    told: list[tuple[Person | None, datetime, bytes]] = []
    earlier: EmailMessage | None = None
    for position, written in enumerate(thread.message, 1):
        author = None if written.author == US else BY_ID[written.author]
        domain = (author.address if author else MAILBOX).partition("@")[2]
        message = begin(
            author,
            None if author else customer,
            subject=f"Re: {thread.subject}" if earlier else thread.subject,
            at=written.sent_at(now),
            message_id=f"<story-{number}-{position}@{domain}>",
        )
        _complete(message, written, earlier, list_id=thread.list_id)
        told.append((author, written.sent_at(now), as_bytes(message)))
        earlier = message
    return told


def _complete(
    message: EmailMessage, written: Written, earlier: EmailMessage | None, *, list_id: str | None
) -> None:
    text = written.text
    if earlier is not None:
        refer(message, earlier)
        text = text.strip() + quoted(earlier, earlier["From"].addresses[0].display_name)
    if written.auto:
        message["Auto-Submitted"] = "auto-replied" if earlier else "auto-generated"
    if list_id is not None:
        message["List-Id"] = list_id
        message["List-Unsubscribe"] = f"<mailto:leave@{list_id.rstrip('>').rpartition('<')[2]}>"
    write_body(message, text, as_html=written.html)
    if written.attachment is not None:
        attach(message, written.attachment)
