"""``/webhooks``: where other programs are told of what happens, and how each call went."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from courrier.events.base import Value, derived_id
from courrier.events.families.webhooks import WebhookFields
from courrier.gateway.adapters.secrets import webhook_key
from courrier.gateway.adapters.webhook_queue import Delivery, WebhookQueue
from courrier.gateway.domain.configured import WEBHOOK, ChangeItem
from courrier.gateway.domain.cursors import PAGE, BadCursor
from courrier.gateway.domain.refusals import NotThere
from courrier.gateway.domain.webhooks import LONGEST_URL, check_webhook, secret_text
from courrier.gateway.handlers.configuring import configure

from .answers import Facts, answer, answers, listed, page_answer, to_json
from .caller import AdminDep, GatewayDep, cause_of, command_id
from .resource import Json, Resource, Wish, found, routes
from .routing import CourrierRoute
from .shapes import Moment, Shown, example
from .values import Body, CursorText, FieldNames, Limit, Line, PathId
from .webhook_work import call

NEW_WEBHOOK: Json = {
    "name": "Billing",
    "url": "https://billing.example.org/courrier",
    "event_types": ["courrier.email.EmailImported.v1"],
}
A_WEBHOOK: Json = {
    "id": "9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c4d",
    "version": "1",
    **NEW_WEBHOOK,
    "is_active": True,
    "rotated_at": None,
}
A_DELIVERY: Json = {
    "id": "41",
    "event_id": "0d5f1c0b-e83f-4c0c-9d6f-0f3f8f0b7c11",
    "event_type": "courrier.email.EmailImported.v1",
    "state": "delivered",
    "attempts": 2,
    "created_at": "2026-03-02T12:00:00Z",
    "next_try": None,
    "answered_at": "2026-03-02T12:00:06Z",
    "status": 200,
    "answer": "ok",
}
A_SECRET: Json = {"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw4y5y5y5y5y4="}
TRIED: Json = {"ok": True, "status": 204, "answer": ""}
TEST_EVENT = "courrier.webhook.Test"

Name = Annotated[Line, Field(min_length=1, max_length=150)]
Url = Annotated[Line, Field(min_length=1, max_length=LONGEST_URL)]
Types = Annotated[tuple[Line, ...], Field(max_length=50)]


class WebhookBody(Body):
    """An address, and which types of events go there; no type: all that I may see."""

    model_config = example(NEW_WEBHOOK)

    name: Name
    url: Url
    event_types: Types = ()
    is_active: bool = True


class WebhookChange(Body):
    """What to change about a webhook."""

    model_config = example({"is_active": False})

    name: Name = "-"
    url: Url = "-"
    event_types: Types = ()
    is_active: bool = True


class WebhookShown(Shown):
    """A webhook; its secret is asked for by itself."""

    id: str
    version: str
    name: str
    url: str
    event_types: list[str]
    is_active: bool
    rotated_at: Moment | None


class SecretShown(Shown):
    """What signs the calls, for a library of the Standard Webhooks specification."""

    secret: str


class DeliveryShown(Shown):
    """An event on its way to a webhook: waiting, delivered, failed or withdrawn."""

    id: str
    event_id: str
    event_type: str
    state: str
    attempts: int
    created_at: Moment
    next_try: Moment | None
    answered_at: Moment | None
    status: int | None
    answer: str | None


class TriedShown(Shown):
    """How a test call went."""

    ok: bool
    status: int | None
    answer: str


async def _added(wish: Wish, body: WebhookBody) -> Value:
    fields = WebhookFields(owner_id=wish.person.id, since=datetime.now(UTC), **body.model_dump())
    check_webhook(fields, private_allowed=wish.gateway.webhook_post.private_allowed)
    return fields


async def _changes(wish: Wish, body: WebhookChange) -> dict[str, Any]:
    named = {name: getattr(body, name) for name in body.model_fields_set}
    usual = WebhookFields(
        owner_id=wish.person.id, name="-", url="https://example.org", since=datetime.now(UTC)
    )
    check_webhook(
        usual.model_copy(update=named), private_allowed=wish.gateway.webhook_post.private_allowed
    )
    return named


WEBHOOKS = Resource(
    path="/webhooks",
    noun="webhook",
    plural="webhooks",
    kind=WEBHOOK,
    shown=WebhookShown,
    example=A_WEBHOOK,
    new=WebhookBody,
    change=WebhookChange,
    added=_added,
    changes=_changes,
    hidden={"owner_id": True, "secret_number": True, "since": True},
)

webhooks = routes(WEBHOOKS)
router = APIRouter(route_class=CourrierRoute, tags=["webhooks"])


@router.get(
    "/webhooks/{item_id}/secret", responses=answers(A_SECRET, 200, 403, 404, shape=SecretShown)
)
async def read_webhook_secret(item_id: PathId, gateway: GatewayDep, caller: AdminDep) -> Response:
    """The secret that signs the calls of a webhook of mine."""
    row = await found(gateway, caller, WEBHOOKS, item_id)
    key = await webhook_key(gateway.vault, item_id, row.fields.secret_number)
    return answer({"secret": secret_text(key)})


@router.post(
    "/webhooks/{item_id}:rotate", responses=answers(A_WEBHOOK, 200, 403, 404, shape=WebhookShown)
)
async def rotate_webhook_secret(
    item_id: PathId, request: Request, gateway: GatewayDep, caller: AdminDep
) -> Response:
    """Sign with a new secret; for a day with the old one too."""
    row = await found(gateway, caller, WEBHOOKS, item_id, to_change=True)
    changes = {"secret_number": row.fields.secret_number + 1, "rotated_at": datetime.now(UTC)}
    order = ChangeItem(item_id, changes)
    written = await configure(gateway.store, WEBHOOK, item_id, order, cause_of(request, caller))
    fields = written.fields or row.fields
    shown = WEBHOOKS.json(item_id, fields, written.version, language=caller.person.language)
    return answer(shown, 200, Facts(written.position, str(written.version)))


@router.post("/webhooks/{item_id}:test", responses=answers(TRIED, 200, 403, 404, shape=TriedShown))
async def test_webhook(
    item_id: PathId, request: Request, gateway: GatewayDep, caller: AdminDep
) -> Response:
    """Call it now with an event of type ``courrier.webhook.Test`` and say what it answered."""
    row = await found(gateway, caller, WEBHOOKS, item_id)
    event_id = str(derived_id(str(command_id(request, caller)), "webhook"))
    body = to_json({"id": event_id, "type": TEST_EVENT, "time": datetime.now(UTC), "data": {}})
    answered = await call(gateway, row, event_id, body)
    shown = {"ok": answered.accepted, "status": answered.status, "answer": answered.text}
    return answer(shown)


@router.get(
    "/webhooks/{item_id}/deliveries",
    responses=listed(A_DELIVERY, DeliveryShown, 400, 403, 404, choose=True),
)
async def list_webhook_deliveries(  # noqa: PLR0913, PLR0917  query parameters
    item_id: PathId,
    request: Request,
    gateway: GatewayDep,
    caller: AdminDep,
    limit: Limit = PAGE,
    cursor: CursorText = None,
    fields: FieldNames = None,
) -> Response:
    """What was sent, is sent again or was given up, the newest first, for a week."""
    await found(gateway, caller, WEBHOOKS, item_id)
    rows = await WebhookQueue(gateway.pool).log(item_id, _place(cursor), limit + 1)
    following = str(rows[limit - 1].id) if len(rows) > limit else None
    return page_answer(request, [_shown(row) for row in rows[:limit]], following, fields)


@router.post(
    "/webhooks/{item_id}/deliveries/{delivery_id}:retry",
    status_code=202,
    responses=answers(A_DELIVERY, 202, 403, 404, shape=DeliveryShown),
)
async def retry_webhook_delivery(
    item_id: PathId, delivery_id: PathId, gateway: GatewayDep, caller: AdminDep
) -> Response:
    """Send one again, whatever became of it."""
    await found(gateway, caller, WEBHOOKS, item_id)
    number = int(delivery_id) if delivery_id.isdecimal() and len(delivery_id) < 19 else 0
    row = await WebhookQueue(gateway.pool).again(item_id, number)
    if row is None:
        raise NotThere("there is no such delivery")
    return answer(_shown(row), 202)


def _place(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    if not cursor.isdecimal() or len(cursor) > 18:
        raise BadCursor("this cursor is not one of ours: start at the first page")
    return int(cursor)


def _shown(row: Delivery) -> Json:
    return {
        "id": str(row.id),
        "event_id": row.event_id,
        "event_type": row.event_type,
        "state": row.state,
        "attempts": row.attempts,
        "created_at": row.created_at,
        "next_try": row.next_try if row.state == "waiting" else None,
        "answered_at": row.answered_at,
        "status": row.status,
        "answer": row.answer,
    }
