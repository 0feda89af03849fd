"""Decide who owns an address; several records may (a lead and the contact it became)."""

from dataclasses import dataclass, field
from typing import assert_never

from courrier.events.base import Event, RecordRef
from courrier.events.decider import Decider
from courrier.events.families.crm import (
    AddressAssigned,
    AddressErased,
    AddressReleased,
    RecordFields,
)
from courrier.mail.headers.addresses import match_key


@dataclass(frozen=True, slots=True)
class AssignAddress:
    """``address`` (normalised) is the owner's; ``account_id`` is the CRM account of a contact."""

    address: str
    owner: RecordRef
    account_id: str | None


@dataclass(frozen=True, slots=True)
class ReleaseAddress:
    """``address`` is no longer the owner's."""

    address: str
    owner: RecordRef


@dataclass(frozen=True, slots=True)
class Owners:
    """The account of each owner."""

    accounts: dict[RecordRef, str | None] = field(default_factory=dict)


AddressCommand = AssignAddress | ReleaseAddress


def decide(state: Owners, command: AddressCommand) -> list[Event]:
    """Return the new fact, or none when it is so already."""
    owned = command.owner in state.accounts
    match command:
        case AssignAddress(address, owner, account_id):
            if owned and state.accounts[owner] == account_id:
                return []
            return [AddressAssigned(address=address, owner=owner, account_id=account_id)]
        case ReleaseAddress(address, owner):
            return [AddressReleased(address=address, owner=owner)] if owned else []
        case _:
            assert_never(command)


def evolve(state: Owners, event: Event) -> Owners:
    """Fold one fact."""
    match event:
        case AddressAssigned():
            return Owners(state.accounts | {event.owner: event.account_id})
        case AddressErased():
            return Owners()
        case AddressReleased():
            return Owners({o: a for o, a in state.accounts.items() if o != event.owner})
        case _:
            return state


def orders_for(
    owner: RecordRef, before: RecordFields | None, after: RecordFields
) -> list[AddressCommand]:
    """Return what must become of the addresses when a record's fields change.

    A new account of a contact is a new fact on each of its addresses: the linker lives on them.
    """
    old = keys_of(before) if before else ()
    new = keys_of(after)
    account = after.account_id
    moved = before is None or before.account_id != account
    assign = [AssignAddress(key, owner, account) for key in new if moved or key not in old]
    return [*assign, *(ReleaseAddress(key, owner) for key in old if key not in new)]


def keys_of(fields: RecordFields) -> tuple[str, ...]:
    """Return the record's normalised addresses, each once."""
    return tuple(dict.fromkeys(match_key(address) for address in fields.email_addresses))


address: Decider[Owners, AddressCommand, Event] = Decider(Owners(), decide, evolve)
