"""Webhooks at work: events are noted as they come, and sent until the other side has taken them.

One instance notes (a lease), all send. What is sent is read from the log at that moment, as its
owner may see it then: an erasure or a right that was taken reaches what waits, too.
"""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from datetime import UTC, datetime

import structlog

from courrier.events.base import Event
from courrier.events.envelope import Recorded
from courrier.events.families.webhooks import WebhookFields
from courrier.events.lease import Leases
from courrier.gateway.adapters.secrets import webhook_key
from courrier.gateway.adapters.webhook_queue import Delivery, Noted, Outcome, WebhookQueue
from courrier.gateway.domain.configured import WEBHOOK
from courrier.gateway.domain.streaming import STREAMS
from courrier.gateway.domain.webhooks import GONE, next_try, secrets_at, signed_headers
from courrier.gateway.ports import Answered, Gateway
from courrier.gateway.projections import configured, positions, users
from courrier.gateway.projections.configured import ItemRow

from .answers import to_json
from .log_reading import events_between
from .told_events import shown_event, visible

LEASE = "gateway.webhooks"
AT_ONCE = 8
LOOK_S = 0.5

Hook = ItemRow[WebhookFields]

log = structlog.get_logger(__name__)


async def note_events(gateway: Gateway, leases: Leases) -> None:
    """Note for ever what webhooks are to be told, one instance at a time.

    A system that never had webhooks begins with what comes now (I10).
    """
    queue = WebhookQueue(gateway.pool)
    async with leases.hold(LEASE):
        seen = await positions.seen(gateway.pool)
        begun = await queue.begin({stream: seen.get(stream, 0) for stream in STREAMS})
        at = {stream: begun[stream] for stream in STREAMS}
        async with aclosing(events_between(gateway, at, follow=True)) as batches:
            async for batch in batches:
                if batch:
                    reached = {batch[-1].stream: batch[-1].sequence}
                    await queue.add(await _noted(gateway, queue, batch), reached)


async def send_noted(gateway: Gateway) -> None:
    """Send for ever what is due."""
    queue = WebhookQueue(gateway.pool)
    while True:
        due = await queue.claim(AT_ONCE)
        if not due:
            await asyncio.sleep(LOOK_S)
        async with asyncio.TaskGroup() as tasks:
            for delivery in due:
                tasks.create_task(_send(gateway, queue, delivery))


async def call(gateway: Gateway, hook: Hook, event_id: str, body: bytes) -> Answered:
    """Sign it and send it."""
    now = datetime.now(UTC)
    numbers = secrets_at(hook.fields, now)
    keys = [await webhook_key(gateway.vault, hook.id, number) for number in numbers]
    return await gateway.webhook_post.post(
        hook.fields.url, signed_headers(event_id, now, body, keys), body
    )


async def _noted(
    gateway: Gateway, queue: WebhookQueue, batch: Sequence[Recorded[Event]]
) -> list[Noted]:
    hooks = await configured.items_naming(gateway.pool, WEBHOOK, "is_active", "true")
    full = await queue.full([hook.id for hook in hooks]) if hooks else set()
    noted: list[Noted] = []
    for hook in hooks:
        if hook.id in full:
            log.warning("webhook.full", webhook=hook.id)
            continue
        owner = await users.person_by_id(gateway.pool, hook.fields.owner_id)
        types = hook.fields.event_types
        since = [each for each in batch if each.time >= hook.fields.since]
        found = await visible(gateway, owner, since, types) if owner and since else []
        noted += [
            Noted(hook.id, each.id, each.type, each.stream, each.sequence) for each, _ in found
        ]
    return noted


async def _send(gateway: Gateway, queue: WebhookQueue, delivery: Delivery) -> None:
    hook = await configured.item_by_id(gateway.pool, WEBHOOK, delivery.webhook_id)
    if hook is None or not hook.fields.is_active:
        outcome = Outcome("withdrawn", None, "the webhook was removed or switched off")
    elif (body := await _body(gateway, hook, delivery)) is None:
        outcome = Outcome("withdrawn", None, "its owner may not see the event any more")
    else:
        answered = await call(gateway, hook, delivery.event_id, body)
        outcome = _outcome(delivery, answered)
    await queue.settle(delivery, outcome)
    log.info(
        "webhook.tried",
        webhook=delivery.webhook_id,
        event_id=delivery.event_id,
        state=outcome.state,
        status=outcome.status,
        attempts=delivery.attempts,
    )


async def _body(gateway: Gateway, hook: Hook, delivery: Delivery) -> bytes | None:
    owner = await users.person_by_id(gateway.pool, hook.fields.owner_id)
    event = await gateway.events.read(delivery.stream, [delivery.seq])
    found = await visible(gateway, owner, event, ()) if owner and event else []
    return to_json(shown_event(*found[0])) if found else None


def _outcome(delivery: Delivery, answered: Answered) -> Outcome:
    if answered.accepted:
        return Outcome("delivered", answered.status, answered.text)
    now = datetime.now(UTC)
    again = next_try(delivery.event_id, delivery.attempts, delivery.created_at, now)
    if again is None or answered.status == GONE:
        return Outcome("failed", answered.status, answered.text)
    return Outcome("waiting", answered.status, answered.text, again)
