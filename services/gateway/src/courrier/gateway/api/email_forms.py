"""The form of e-mails in answers, and of what belongs to one, for the OpenAPI document."""

from typing import Any, Literal

from pydantic import ConfigDict, Field

from .shapes import Moment, Page, RefShown, Shown, partly


class ReasonShown(Shown):
    """The rule that decided, and the evidence it went by."""

    rule: str
    rule_id: str | None = Field(default=None, description="The one filter, or account, it was.")
    field: str | None = None
    value: str | None = None


class MailboxShown(Shown):
    """A mailbox as a message names it."""

    name: str | None
    address: str


class SomebodyShown(MailboxShown):
    """A mailbox, and the person behind it whom the caller may know of."""

    person: RefShown | None


class ParentShown(RefShown):
    """The record an e-mail belongs to; ``name`` is null for those who may not read it."""

    reason: ReasonShown | None


class FileShown(Shown):
    """A file of an e-mail."""

    number: int = Field(description="What `/attachments/{number}` takes.")
    id: str | None = Field(default=None, description="Of the upload, in a draft.")
    filename: str | None
    content_type: str
    size: int
    sha256: str
    content_id: str | None
    inline: bool
    url: str


class RecipientShown(Shown):
    """What became of a message for one recipient."""

    address: str
    outcome: str
    code: int | None
    text: str | None
    at: Moment | None


class DeliveryShown(Shown):
    """How sending goes."""

    state: str
    attempts: int
    retry_at: Moment | None
    text: str | None
    recipients: list[RecipientShown]


class AuthenticationShown(Shown):
    """Whether a message is from whom it says, by the server that received it."""

    verdict: Literal["pass", "fail", "none"]
    server: str


class WarningShown(Shown):
    """A sender who looks like somebody known: by `name`, or by `domain`; `of` is who."""

    kind: str
    of: str
    text: str


class EmailShown(Shown):
    """An e-mail for the caller: whose copy is where is each one's own business."""

    model_config = ConfigDict(populate_by_name=True)

    id: str
    version: str = Field(description="Opaque, of the caller's view; also the `ETag`.")
    status: str
    subject: str | None
    sender: SomebodyShown | None = Field(alias="from")
    to: list[SomebodyShown]
    cc: list[SomebodyShown]
    bcc: list[SomebodyShown] = Field(description="Empty for everybody but the author.")
    reply_to: list[SomebodyShown]
    date: Moment | None
    snippet: str | None
    thread_id: str | None
    parent: ParentShown | None
    account: str | None
    folder: str | None
    is_read: bool | None = Field(description="Null for who reads it through a record.")
    is_important: bool | None = Field(description="Null for who reads it through a record.")
    in_trash: bool
    is_archived: bool
    is_replied: bool
    attachments: list[FileShown]
    attachment_count: int
    holders: list[RefShown]
    message_id: str | None
    in_reply_to: str | None
    auto_reply: bool
    authentication: AuthenticationShown | None = Field(
        description="What the receiving server says of the From address; null if it says nothing."
    )
    bounce: dict[str, Any] | None = Field(description="Only where one e-mail is asked for.")
    warnings: list[WarningShown] = Field(description="Only where one e-mail is asked for.")
    delivery: DeliveryShown | None
    text: str | None = Field(default=None, description="Only where one e-mail is asked for.")
    html: str | None = Field(default=None, description="Of one draft: what its author wrote.")
    replies_to: str | None = Field(default=None, description="Of one draft: the e-mail answered.")


class LinkShown(Shown):
    """Why an e-mail is in the history of a record, and through which one."""

    reason: ReasonShown
    at: Moment
    record: RefShown


class HistoryEmailShown(EmailShown):
    """An e-mail in the history of a record."""

    link: LinkShown | None


class TraceShown(Shown):
    """Mail of a record that its holders keep to themselves: ask them."""

    model_config = ConfigDict(populate_by_name=True)

    date: Moment
    sender: MailboxShown | None = Field(alias="from")
    to: list[MailboxShown]
    cc: list[MailboxShown]
    holders: list[RefShown]


class HistoryShown(Page[partly(HistoryEmailShown)]):  # type: ignore[misc]  # made at run time
    """A page of a record's mail."""

    traces: list[TraceShown]


class HolderShown(RefShown):
    """Who has an e-mail, since when."""

    at: Moment


class EvidenceShown(Shown):
    """What a rule saw."""

    field: str | None
    value: str | None


class CandidateShown(Shown):
    """A record that something in an e-mail leads to; the highest score comes first."""

    record: RefShown
    rule: str
    evidence: EvidenceShown
    score: int


class ExplanationShown(Shown):
    """One decision about an e-mail; ``candidates`` where it is asked about one record."""

    at: Moment
    decision: str
    decision_id: str | None
    actor: RefShown
    rule: RefShown
    evidence: EvidenceShown
    record: RefShown | None
    text: str
    candidates: list[CandidateShown]


class LoggedShown(Shown):
    """One event about an e-mail, as far as the reader may know it."""

    id: str
    type: str
    time: Moment
    actor: str
    decision_id: str
    data: dict[str, Any]


class ParsedFileShown(Shown):
    """A leaf part that is no body part."""

    filename: str | None
    content_type: str
    size: int
    sha256: str
    content_id: str | None
    inline: bool


class BouncedShown(Shown):
    """A recipient whom a report is about."""

    address: str
    status: str | None
    action: str | None
    diagnostic: str | None


class BounceShown(Shown):
    """What a report of non-delivery says."""

    kind: str
    recipients: list[BouncedShown]
    original_message_id: str | None
    confidence: str
    evidence: str


class ParsedShown(Shown):
    """A message, read."""

    model_config = ConfigDict(populate_by_name=True)

    message_id: str | None
    in_reply_to: str | None
    references: list[str]
    date: Moment | None
    author: MailboxShown | None = Field(alias="from")
    sender: MailboxShown | None
    reply_to: list[MailboxShown]
    to: list[MailboxShown]
    cc: list[MailboxShown]
    bcc: list[MailboxShown]
    subject: str | None
    text: str
    html: str | None
    reply_text: str
    attachments: list[ParsedFileShown]
    auto_reply: bool
    auto_reply_kind: str | None
    bounce: BounceShown | None
    list_id: str | None
    list_unsubscribe: str | None
    authentication_results: str | None
    warnings: list[str]
