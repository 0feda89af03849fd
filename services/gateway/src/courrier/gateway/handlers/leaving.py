"""Whoever may not use Courrier any more sends nothing later: what was scheduled is a draft again.

It waits there, whole, for the person to come back or for somebody to take it over. What was given
to be sent at once is on its way and goes on.
"""

import structlog

from courrier.events.base import derived_id
from courrier.events.bus import CommandBus
from courrier.events.commands.answers import Refused
from courrier.events.commands.sender import CancelSending
from courrier.events.envelope import Recorded
from courrier.events.families.identity import UserDeactivated
from courrier.events.store import EventStore
from courrier.gateway.ports import Scheduled

ACTOR = "service:gateway"

log = structlog.get_logger(__name__)


class Leaving:
    """Takes back the scheduled mail of people who were deactivated; may be repeated."""

    def __init__(self, store: EventStore, bus: CommandBus, scheduled: Scheduled) -> None:
        self._store = store
        self._bus = bus
        self._scheduled = scheduled

    async def pause(self, fact: Recorded[UserDeactivated]) -> None:
        """Take back what the person has scheduled, unless they are back already.

        Raises:
            TimeoutError: it is not known what is scheduled; come again.
            NoAnswer: the sender does not answer; come again.
        """
        user_id = fact.event.user_id
        seen = {"OUTBOUND": await self._store.end("OUTBOUND"), fact.stream: fact.sequence}
        for email_id in await self._scheduled.of_the_gone(user_id, after=seen):
            order_id = derived_id(fact.id, "cancel", email_id)
            order = CancelSending(command_id=order_id, email_id=email_id, actor=ACTOR)
            answer = await self._bus.ask(order)
            if isinstance(answer, Refused):
                log.info("scheduled.not_paused", email=email_id, reason=answer.reason)
