"""What a message says, as values: the answer of `parse` and `summarise`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

BounceKind = Literal["hard", "soft", "unknown"]
Confidence = Literal["high", "medium", "low"]
Json = str | int | bool | None | list["Json"] | dict[str, "Json"]


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A name and an address; `name` is `None` if there is none, `address` is the bare addr-spec."""

    name: str | None
    address: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A leaf part that is not the body; `size` in bytes and hex `sha256` after decoding."""

    filename: str | None
    content_type: str
    size: int
    sha256: str
    content_id: str | None
    inline: bool


@dataclass(frozen=True, slots=True)
class BouncedRecipient:
    """A recipient that was not reached; `status` is the most specific RFC 3463 code known."""

    address: str
    status: str | None
    action: str | None
    diagnostic: str | None


@dataclass(frozen=True, slots=True)
class Bounce:
    """A report of failure or delay, RFC 3464 or prose; `recipients` may be empty.

    `evidence` says by what it was known: `RFC 3464 report`, `prose of qmail`, ...
    """

    kind: BounceKind
    recipients: tuple[BouncedRecipient, ...]
    original_message_id: str | None
    confidence: Confidence = "high"
    evidence: str = "RFC 3464 report"


@dataclass(frozen=True, slots=True)
class Summary:
    """All that is cheap to know: no HTML is sanitised, no quotation searched.

    `unanswerable` is why no machine may answer, whoever wrote it (`reports.answering`).
    `text` is cut at `limits.SUMMARY_TEXT_CHARS`; `date` is in UTC; `from_` is the first mailbox.
    """

    message_id: str | None
    in_reply_to: str | None
    references: tuple[str, ...]
    date: datetime | None
    from_: Mailbox | None
    sender: Mailbox | None
    reply_to: tuple[Mailbox, ...]
    to: tuple[Mailbox, ...]
    cc: tuple[Mailbox, ...]
    bcc: tuple[Mailbox, ...]
    subject: str | None
    text: str
    has_html: bool
    attachments: tuple[Attachment, ...]
    auto_reply: bool
    auto_reply_kind: str | None
    unanswerable: str | None
    bounce: Bounce | None
    list_id: str | None
    list_unsubscribe: str | None
    authentication_results: str | None
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ParsedMessage(Summary):
    """A summary with the whole text, the sanitised HTML (`None`: no such part) and the new text."""

    html: str | None
    reply_text: str
