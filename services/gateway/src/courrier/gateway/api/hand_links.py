"""Links that a person sets by hand, as the linker is asked for them."""

from uuid import UUID

from courrier.events.base import RecordRef
from courrier.events.commands.linker import LinkEmails
from courrier.gateway.domain.access import may_read_record
from courrier.gateway.domain.refusals import Unfit
from courrier.gateway.ports import Gateway
from courrier.gateway.projections import records

from .caller import Caller
from .orders import order, shown

Wish = dict[str, object]
"""What ``LinkEmails`` says of the record."""


async def link_by_hand(
    gateway: Gateway, caller: Caller, email_id: str, wish: Wish, order_id: UUID
) -> str | None:
    """Have the linker link, wait until lists show it, and return where it stands."""
    named = {"command_id": order_id, "email_ids": (email_id,), "actor": caller.person.actor}
    done = await order(gateway, LinkEmails.model_validate(wish | named))
    await shown(gateway, done)
    return done.position


async def check_record(gateway: Gateway, caller: Caller, ref: RecordRef, pointer: str) -> None:
    """Refuse a record that the caller cannot read.

    Raises:
        Unfit: there is none, or not for them.
    """
    row = await records.record_by_id(gateway.pool, ref)
    if row is None or not may_read_record(caller.person, row.access):
        raise Unfit("there is no such record, or none that you may read", pointer=pointer)
