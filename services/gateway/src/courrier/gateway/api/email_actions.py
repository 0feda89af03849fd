"""Writing: answer an e-mail, answer everybody, send a new one. The sender does the rest."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from courrier.events.base import Mailbox
from courrier.events.commands.sender import SendMessage
from courrier.gateway.domain.access import Person, may_create, may_send_from
from courrier.gateway.domain.refusals import InTheWay, NotAllowed, Unfit
from courrier.gateway.domain.replies import Answer, Original, answer_to
from courrier.gateway.ports import Gateway
from courrier.gateway.projections import email_accounts
from courrier.gateway.projections.email_accounts import AccountRow
from courrier.gateway.projections.email_views import EmailView

from .answers import Facts, answer, answers
from .caller import Caller, CallerDep, GatewayDep, command_id, gateway_of, new_id
from .email_forms import SendingShown
from .email_shapes import readable_email
from .orders import order
from .routing import CourrierRoute
from .shapes import example
from .values import AddressText, Body, IdText, LongText, MaybeEmptyLine, PathId

router = APIRouter(route_class=CourrierRoute, tags=["e-mails"])

SENDING = {
    "id": "e1a2b3c4d5e6f708192a3b4c5d6e7f80",
    "status": "sending",
    "from": {"name": "Grace Hopper", "address": "grace@example.org"},
    "to": [{"name": "Ada Lovelace", "address": "ada@example.org"}],
    "cc": [],
    "subject": "Re: Question",
}


class NoWayToSend(InTheWay):
    """The person has no account with SMTP to write from."""


class MailboxBody(Body):
    """A recipient."""

    address: AddressText
    name: MaybeEmptyLine | None = None


Recipients = Annotated[tuple[AddressText | MailboxBody, ...], Field(max_length=500)]


class ReplyBody(Body):
    """An answer; recipients that are left out follow from the e-mail that is answered."""

    model_config = example({"text": "Thank you, it is on its way."})

    text: LongText
    html: LongText | None = None
    to: Recipients | None = None
    cc: Recipients | None = None
    bcc: Recipients = ()
    subject: MaybeEmptyLine | None = None
    account_id: IdText | None = None


class MessageBody(Body):
    """A new message. Drafts come later: ``send`` must be true."""

    model_config = example(
        {"to": ["ada@example.org"], "subject": "Question", "text": "Hello", "send": True}
    )

    to: Recipients = ()
    cc: Recipients = ()
    bcc: Recipients = ()
    subject: MaybeEmptyLine = ""
    text: LongText
    html: LongText | None = None
    account_id: IdText | None = None
    send: bool = False


@router.post("/emails", status_code=202, responses=answers(SENDING, 202, 409, shape=SendingShown))
async def send_email(
    body: MessageBody, request: Request, gateway: GatewayDep, caller: CallerDep
) -> Response:
    """Send a new message from an account of mine."""
    if not body.send:
        raise Unfit("drafts are not kept yet: set send to true", pointer="/send")
    account = await _account(gateway, caller.person, body.account_id, None)
    fields = Answer(
        to=_boxes(body.to),
        cc=_boxes(body.cc),
        subject=body.subject,
        in_reply_to=None,
        references=(),
    )
    return await _send(_Writer(request, caller), account, fields, body, None)


@router.post(
    "/emails/{email_id}:reply",
    status_code=202,
    responses=answers(SENDING, 202, 404, 409, shape=SendingShown),
)
async def reply(email_id: PathId, body: ReplyBody, request: Request, caller: CallerDep) -> Response:
    """Answer whoever wrote, from the account that received the message."""
    return await _reply(_Writer(request, caller), email_id, body, everyone=False)


@router.post(
    "/emails/{email_id}:reply-all",
    status_code=202,
    responses=answers(SENDING, 202, 404, 409, shape=SendingShown),
)
async def reply_all(
    email_id: PathId, body: ReplyBody, request: Request, caller: CallerDep
) -> Response:
    """Answer whoever wrote and everybody it was written to."""
    return await _reply(_Writer(request, caller), email_id, body, everyone=True)


@dataclass(frozen=True, slots=True)
class _Writer:
    """Who writes, and the request by which they do."""

    request: Request
    caller: Caller


async def _reply(writer: _Writer, email_id: str, body: ReplyBody, *, everyone: bool) -> Response:
    gateway, caller = gateway_of(writer.request), writer.caller
    view = await readable_email(gateway, caller.person, email_id)
    mine = view.held_by(caller.person)
    received_by = mine.account_id if mine else None
    account = await _account(gateway, caller.person, body.account_id, received_by)
    own = (account.address, *caller.person.email_addresses)
    fields = answer_to(original_of(view), own, everyone=everyone)
    chosen = Answer(
        to=fields.to if body.to is None else _boxes(body.to),
        cc=fields.cc if body.cc is None else _boxes(body.cc),
        subject=fields.subject if body.subject is None else body.subject,
        in_reply_to=fields.in_reply_to,
        references=fields.references,
    )
    return await _send(writer, account, chosen, body, view.id)


async def _send(
    writer: _Writer,
    account: AccountRow,
    fields: Answer,
    body: ReplyBody | MessageBody,
    replies_to: str | None,
) -> Response:
    request, caller = writer.request, writer.caller
    bcc = _boxes(body.bcc)
    if not (fields.to or fields.cc or bcc):
        raise Unfit("name at least one recipient", pointer="/to")
    command = SendMessage(
        command_id=command_id(request, caller),
        email_id=new_id(request, caller, "email"),
        author_id=caller.person.id,
        account_id=account.id,
        sent_from=Mailbox(name=caller.person.name, address=account.address),
        to=fields.to,
        cc=fields.cc,
        bcc=bcc,
        subject=fields.subject,
        text=body.text,
        html=body.html,
        in_reply_to=fields.in_reply_to,
        references=fields.references,
        replies_to=replies_to,
        actor=caller.person.actor,
    )
    done = await order(gateway_of(request), command)
    facts = Facts(done.position, location=f"/api/v1/emails/{command.email_id}")
    return answer(_sending(command), 202, facts)


def _sending(command: SendMessage) -> dict[str, object]:
    return {
        "id": command.email_id,
        "status": "sending",
        "from": command.sent_from.model_dump(),
        "to": [box.model_dump() for box in command.to],
        "cc": [box.model_dump() for box in command.cc],
        "subject": command.subject,
    }


def _boxes(recipients: tuple[str | MailboxBody, ...]) -> tuple[Mailbox, ...]:
    return tuple(
        Mailbox(address=each)
        if isinstance(each, str)
        else Mailbox(name=each.name or None, address=each.address)
        for each in recipients
    )


def original_of(view: EmailView) -> Original:
    """Return what an answer needs to know of the e-mail that it answers."""
    return Original(
        subject=view.subject,
        sent_from=Mailbox.model_validate(view.sent_from) if view.sent_from else None,
        reply_to=[Mailbox.model_validate(box) for box in view.reply_to],
        to=[Mailbox.model_validate(box) for box in view.to],
        cc=[Mailbox.model_validate(box) for box in view.cc],
        message_id=view.message_id,
        in_reply_to=view.in_reply_to,
        references=view.references,
    )


async def _account(
    gateway: Gateway, person: Person, asked_for: str | None, received_by: str | None
) -> AccountRow:
    """Return the account to write from: the one asked for, that received it, or the first."""
    if not may_create(person, "email"):
        raise NotAllowed("you may not write e-mails")
    rows = await email_accounts.accounts_of(gateway.pool, person.id)
    usable = {row.id: row for row in rows if row.smtp and may_send_from(person, row.owner_id)}
    if asked_for is not None and asked_for not in usable:
        raise Unfit("this is no account of yours with SMTP", pointer="/account_id")
    chosen = usable.get(asked_for or received_by or "") or next(iter(usable.values()), None)
    if chosen is None:
        raise NoWayToSend("you have no e-mail account with SMTP; add one under /email-accounts")
    return chosen
