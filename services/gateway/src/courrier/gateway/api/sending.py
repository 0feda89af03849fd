"""``:send`` and ``:cancel``: a draft leaves now or later, and is taken back while it can be."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from starlette.responses import Response

from courrier.events.base import Mailbox, derived_id
from courrier.events.commands.drafts import SendDraft
from courrier.events.commands.sender import CancelSending
from courrier.events.families.configuration import PreferenceFields
from courrier.gateway.domain.access import Person
from courrier.gateway.domain.configured import PREFERENCES
from courrier.gateway.domain.from_choice import FromAddress, chosen_from, usual_from
from courrier.gateway.domain.moments import moment_of
from courrier.gateway.domain.refusals import InTheWay, NotAllowed, Unfit
from courrier.gateway.domain.template_words import refuse_unresolved
from courrier.gateway.ports import Gateway
from courrier.gateway.projections import configured, crossings, email_accounts, readable_emails
from courrier.gateway.projections.crossings import Answering
from courrier.gateway.projections.draft_views import DraftView, draft_by_id
from courrier.gateway.projections.email_views import EmailView

from .answers import Facts, answer, answers
from .caller import CallerDep, command_id
from .draft_forms import SendingShown, SendOptions
from .draft_texts import with_texts
from .drafting import Writer, version_expected
from .email_forms import EmailShown
from .email_shapes import EMAIL, readable_email
from .emails import email_answer
from .from_addresses import choices_of, usual_account
from .orders import order, shown
from .problems import Problem
from .routing import CourrierRoute
from .template_filling import placeholders_in
from .values import PathId

router = APIRouter(route_class=CourrierRoute, tags=["e-mails"])

SENDING = {
    "id": "e1a2b3c4d5e6f708192a3b4c5d6e7f80",
    "status": "scheduled",
    "from": {"name": "Grace Hopper", "address": "grace@example.org"},
    "to": [{"name": "Ada Lovelace", "address": "ada@example.org"}],
    "cc": [],
    "subject": "Re: Question",
    "send_at": "2026-03-02T12:00:10Z",
}
CROSSED = "somebody wrote in this conversation since you began: read it, then send with force"


@router.post(
    "/emails/{email_id}:send",
    status_code=202,
    responses=answers(SENDING, 202, 404, 409, 412, shape=SendingShown),
)
async def send_draft(
    email_id: PathId, request: Request, caller: CallerDep, body: SendOptions | None = None
) -> Response:
    """Send a draft of mine: at once, after a moment in which it can be cancelled, or later.

    A reply that crosses a newer message of the conversation is stopped (409 with it as `newer`)
    unless `force`. What was given to be sent before is not sent again.
    """
    writer = Writer(request, caller)
    draft = await draft_by_id(writer.gateway.pool, email_id, caller.person)
    if draft is None:
        view = await readable_email(writer.gateway, caller.person, email_id)
        writer.check()
        return _sent_before(view, caller.person)
    writer.check()
    return await send(writer, draft, body or SendOptions(), version_expected(request))


@router.post(
    "/emails/{email_id}:cancel", responses=answers(EMAIL, 200, 403, 404, 409, shape=EmailShown)
)
async def cancel_sending(email_id: PathId, request: Request, caller: CallerDep) -> Response:
    """Take back what I gave to be sent, as long as it has not left; it is a draft again."""
    writer = Writer(request, caller)
    gateway, person = writer.gateway, caller.person
    view = await readable_email(gateway, person, email_id)
    writer.check()
    if view.draft is not None:
        return await email_answer(gateway, caller, email_id)
    if view.delivery is None:
        raise InTheWay("this e-mail came in: there is nothing to cancel")
    if view.delivery.author_id != person.id:
        raise NotAllowed("only its author takes back a message")
    command = CancelSending(
        command_id=command_id(request, caller), email_id=email_id, actor=person.actor
    )
    done = await order(gateway, command)
    await shown(gateway, done)
    return await email_answer(gateway, caller, email_id, done.position)


async def send(
    writer: Writer, draft: DraftView, options: SendOptions, expected: int | None
) -> Response:
    """Have the sender take a draft over.

    Raises:
        Refusal: it crosses a newer message, or cannot be sent as it is.
        Problem: the sender declines it.
    """
    gateway, person = writer.gateway, writer.caller.person
    choice = await _from(gateway, person, draft)
    if not options.force:
        await _check_crossing(gateway, person, draft)
    await _check_filled(writer, draft)
    now = datetime.now(UTC)
    not_before = await _not_before(gateway, person, options, now)
    remind = options.remind
    command = SendDraft(
        # One request may save a draft and send it: these are two orders.
        command_id=derived_id(str(command_id(writer.request, writer.caller)), "send"),
        email_id=draft.email_id,
        author_id=person.id,
        account_id=choice.account_id,
        sent_from=Mailbox(name=choice.name or None, address=choice.address),
        reply_to=await _reply_to(gateway, choice),
        expected=expected,
        not_before=not_before if not_before > now else None,
        remind_at=_moment(remind, not_before, person, "/remind") if remind else None,
        max_bytes=(await configured.system_settings(gateway.pool)).max_message_bytes,
        actor=person.actor,
    )
    done = await order(gateway, command)
    await shown(gateway, done)
    fields = draft.fields
    said = {
        "id": draft.email_id,
        "status": "scheduled" if command.not_before else "sending",
        "from": command.sent_from.model_dump(),
        "to": [box.model_dump() for box in fields.to],
        "cc": [box.model_dump() for box in fields.cc],
        "subject": fields.subject,
        "send_at": not_before,
    }
    facts = Facts(done.position, location=f"/api/v1/emails/{draft.email_id}")
    return answer(said, 202, facts)


def _sent_before(view: EmailView, person: Person) -> Response:
    """Return what became of a message that its author sends again."""
    delivery = view.delivery
    if delivery is None or delivery.author_id != person.id:
        raise InTheWay("this is no draft: only what is being written can be sent")
    said = {
        "id": view.id,
        "status": view.status,
        "from": view.sent_from,
        "to": view.to,
        "cc": view.cc,
        "subject": view.subject or "",
        "send_at": view.date,
    }
    return answer(said, 202, Facts(location=f"/api/v1/emails/{view.id}"))


async def _from(gateway: Gateway, person: Person, draft: DraftView) -> FromAddress:
    """Return the From of the draft, if its writer may use it still, else the usual one."""
    choices = await choices_of(gateway, person)
    said = draft.fields.sent_from
    if said is None:
        return usual_from(choices, usual_account_id=await usual_account(gateway, person))
    try:
        return chosen_from(choices, address=said.address, account_id=draft.fields.account_id)
    except Unfit:
        return chosen_from(choices, address=said.address)


async def _check_crossing(gateway: Gateway, person: Person, draft: DraftView) -> None:
    replies_to = draft.fields.replies_to
    if replies_to is None:
        return
    answering = Answering(replies_to, draft.begun_at, person.id)
    ids = await crossings.newer_than(gateway.pool, answering)
    found = await readable_emails.readable_emails(gateway.pool, ids, person, with_text=True)
    if not found:
        return
    newer = found[0]
    told = {
        "id": newer.id,
        "from": newer.sent_from,
        "date": newer.date.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "subject": newer.subject,
        "snippet": newer.snippet,
        "text": newer.text,
    }
    raise Problem(
        409, CROSSED, slug="crossed-a-newer-message", existing_id=newer.id, more={"newer": told}
    )


async def _check_filled(writer: Writer, draft: DraftView) -> None:
    """Refuse a message from a template in which a placeholder stands that nothing filled in."""
    if draft.fields.template_id is None:
        return
    view = await with_texts(writer.gateway, draft)
    html = view.draft.html if view.draft else None
    found = placeholders_in(view.subject or "", html, view.text)
    refuse_unresolved(found, writer.caller.person.language)


async def _not_before(
    gateway: Gateway, person: Person, options: SendOptions, now: datetime
) -> datetime:
    undo_s = options.undo_seconds
    if undo_s is None:
        row = await configured.item_by_id(gateway.pool, PREFERENCES, person.id)
        undo_s = (row.fields if row else PreferenceFields()).undo_send_s
    earliest = now + timedelta(seconds=undo_s)
    return max(earliest, _moment(options.at, now, person, "/at")) if options.at else earliest


def _moment(words: str, after: datetime, person: Person, pointer: str) -> datetime:
    try:
        return moment_of(words, after, ZoneInfo(person.time_zone))
    except Unfit as error:
        raise Unfit(error.text, pointer=pointer) from error


async def _reply_to(gateway: Gateway, choice: FromAddress) -> tuple[Mailbox, ...]:
    """Return where answers go to instead: a group account says so."""
    account = await email_accounts.account_by_id(gateway.pool, choice.of or choice.account_id)
    group = (account.options.get("group") or {}) if account else {}
    address = group.get("reply_to")
    return (Mailbox(name=choice.name or None, address=address),) if address else ()
