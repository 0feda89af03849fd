"""The form of what people write: bodies of drafts and answers, and how they are sent."""

from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from courrier.events.base import Mailbox
from courrier.events.families.drafts import MOST_FILES
from courrier.gateway.domain.pasted import MOST_CHARS, split_people

from .email_forms import MailboxShown
from .record_shapes import ParentBody
from .shapes import Moment, Shown, example
from .values import ADDRESS_CHARS, Body, IdText, Line, LongText, MaybeEmptyLine, one_line

MOST_NAMED = 500
MOST_UNDO_S = 120

DraftAddress = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=ADDRESS_CHARS),
    AfterValidator(one_line),
]
"""As somebody types it: whether it is one is asked when the message is sent."""


class MailboxBody(Body):
    """A recipient."""

    address: DraftAddress
    name: MaybeEmptyLine | None = None


Named = Annotated[tuple[DraftAddress | MailboxBody, ...], Field(max_length=MOST_NAMED)]
Pasted = Annotated[str, StringConstraints(max_length=MOST_CHARS)]
Recipients = Named | Pasted
"""A list, or a text with addresses as somebody pastes it."""


class FileBody(Body):
    """An upload, or a file of an e-mail that the caller may read."""

    id: IdText | None = None
    email_id: IdText | None = None
    number: Annotated[int, Field(ge=0, lt=2**31)] | None = None


Files = Annotated[tuple[IdText | FileBody, ...], Field(max_length=MOST_FILES)]


class Written(Body):
    """What an author writes; what is left out stays, or follows from the e-mail answered."""

    model_config = ConfigDict(
        extra="forbid", hide_input_in_errors=True, frozen=True, populate_by_name=True
    )

    account_id: IdText | None = None
    sent_from: MailboxBody | DraftAddress | None = Field(default=None, alias="from")
    to: Recipients = ()
    cc: Recipients = ()
    bcc: Recipients = ()
    subject: MaybeEmptyLine = ""
    text: LongText | None = Field(
        default=None, description="Alone it takes the place of the HTML; null: made from it."
    )
    html: LongText | None = Field(default=None, description="Alone it takes the place of the text.")
    parent: ParentBody | None = Field(default=None, description="The record that it is about.")
    attachments: Files = Field(
        default=(), description="Ids of uploads, or files of e-mails by `email_id` and `number`."
    )
    template_id: IdText | None = None


class SendOptions(Body):
    """How a draft is sent; words such as `tomorrow 9:00` are in the caller's time zone."""

    model_config = example({"undo_seconds": 10, "remind": "in 3 days"})

    at: Annotated[Line, StringConstraints(max_length=60)] | None = Field(
        default=None, description="When to send it: ISO 8601, or words."
    )
    undo_seconds: Annotated[int, Field(ge=0, le=MOST_UNDO_S)] | None = Field(
        default=None, description="How long `:cancel` works for sure; the preferences say else."
    )
    remind: Annotated[Line, StringConstraints(max_length=60)] | None = Field(
        default=None, description="When to remind me unless a human has answered."
    )
    force: bool = Field(
        default=False, description="Send although somebody wrote in the conversation meanwhile."
    )


class NewDraft(Written):
    """A new message: a draft, or with ``send`` one that leaves at once, unless ``options`` wait."""

    model_config = example(
        {"to": ["ada@example.org"], "subject": "Question", "text": "Hello"}
    ) | ConfigDict(populate_by_name=True)

    in_reply_to: Line | None = Field(
        default=None, description="The e-mail that it answers: its id, or its Message-ID."
    )
    signature: bool = Field(default=False, description="Put my signature under the text.")
    send: bool = False
    options: SendOptions = SendOptions()


class AnswerBody(Written):
    """An answer or a forward; what is left out follows from the e-mail."""

    model_config = example({"text": "Thank you, it is on its way."}) | ConfigDict(
        populate_by_name=True
    )

    quote: bool = Field(default=True, description="Cite the e-mail under what is written.")
    signature: bool = True
    send: bool = False
    options: SendOptions = SendOptions()


class SendingShown(Shown):
    """A message that the sender has taken over."""

    model_config = ConfigDict(populate_by_name=True)

    id: str
    status: str
    sender: MailboxShown = Field(alias="from")
    to: list[MailboxShown]
    cc: list[MailboxShown]
    subject: str
    send_at: Moment = Field(description="Until then it can be cancelled for sure.")


def boxes_of(recipients: Recipients) -> tuple[Mailbox, ...]:
    """Return recipients as events have them."""
    if isinstance(recipients, str):
        return split_people(recipients)
    return tuple(map(box_of, recipients))


def box_of(recipient: str | MailboxBody) -> Mailbox:
    """Return one recipient; ``Ada <ada@example.org>`` is understood."""
    if isinstance(recipient, str):
        found = split_people(recipient) if "<" in recipient else ()
        return found[0] if len(found) == 1 else Mailbox(address=recipient)
    return Mailbox(name=recipient.name or None, address=recipient.address)


def given(body: Written) -> dict[str, Any]:
    """Return the fields that a body names, without those that are not of the draft itself."""
    return {
        name: getattr(body, name) for name in body.model_fields_set & Written.model_fields.keys()
    }
