"""Set up folders, filters, templates and the like: decide, append, return the thing as it is."""

from dataclasses import dataclass
from typing import Any, TypeVar

from courrier.events import subjects
from courrier.events.base import Event, Value
from courrier.events.decider import Decider
from courrier.events.families.settings import Server
from courrier.events.store import EventStore
from courrier.events.vault import Vault
from courrier.gateway.domain.configured import Item, ItemCommand, ItemState, Kind, decider_of

from .email_accounts import NewServer
from .facts import Cause, Written, carry_out

F = TypeVar("F", bound=Value)


@dataclass(frozen=True, slots=True)
class ItemWritten:
    """The thing after the order; ``fields`` None: it is gone. ``position``: None, nothing new."""

    fields: Value | None
    version: int
    position: str | None


async def configure(
    store: EventStore, kind: Kind[Any], item_id: str, order: ItemCommand, cause: Cause
) -> ItemWritten:
    """Carry out an order on one thing.

    Raises:
        Refusal: the order is declined (see ``decider_of``).
        Contended: others kept writing to the same thing.
    """
    decider = decider_of(kind)
    subject = subjects.configured(kind.name, item_id)
    written = await carry_out(store, subject, decider, order, cause)
    after = item_after(decider, order, written)
    if not isinstance(after, Item):
        return ItemWritten(getattr(after, "usual", None), 0, written.position)
    return ItemWritten(after.fields, after.version, written.position)


def item_after(
    decider: Decider[ItemState, ItemCommand, Event], order: ItemCommand, written: Written
) -> ItemState:
    """Return the thing as it is after an order that was carried out; a repeat changed nothing."""
    state = decider.fold(recorded.event for recorded in written.history)
    if not written.repeated:
        for fact in decider.decide(state, order):
            state = decider.evolve(state, fact)
    return state


async def fields_of(store: EventStore, kind: Kind[F], item_id: str) -> F | None:
    """Return the thing's fields as the log has them, None where there is none."""
    history = await store.load(subjects.configured(kind.name, item_id))
    state = decider_of(kind).fold(recorded.event for recorded in history)
    if isinstance(state, Item) and isinstance(state.fields, kind.fields):
        return state.fields
    return None


async def keep_server(vault: Vault, secret: str, server: NewServer) -> Server:
    """Put the password, if one is given, into the vault; return what the log may hold."""
    if server.password is not None:
        await vault.put(secret, server.password.encode())
    kept = secret if server.password is not None else None
    return server.as_logged(kept)
