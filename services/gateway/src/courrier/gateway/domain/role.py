"""Decide about roles: made, changed, removed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, assert_never

from courrier.events.base import Event
from courrier.events.decider import Decider
from courrier.events.families.identity import RoleChanged, RoleCreated, RoleFields, RoleRemoved

from .refusals import InTheWay, NotThere, VersionChanged
from .rights import check_role


class RoleExists(InTheWay):
    """The id is a role's already."""


class RoleMissing(NotThere):
    """There is no such role, or it was removed."""


@dataclass(frozen=True, slots=True)
class CreateRole:
    """Make a role."""

    role_id: str
    fields: RoleFields


@dataclass(frozen=True, slots=True)
class ChangeRole:
    """Set some fields; ``version`` is the one the caller saw, None for any."""

    changes: Mapping[str, Any]
    version: int | None = None


@dataclass(frozen=True, slots=True)
class RemoveRole:
    """Take the role away from everybody."""


@dataclass(frozen=True, slots=True)
class NoRole:
    """Never made."""


@dataclass(frozen=True, slots=True)
class Role:
    """A role; ``version`` counts its events from 1."""

    id: str
    fields: RoleFields
    version: int = 1


@dataclass(frozen=True, slots=True)
class RemovedRole:
    """Gone for good: its id is never used again."""


RoleState = NoRole | Role | RemovedRole
RoleCommand = CreateRole | ChangeRole | RemoveRole


def decide(state: RoleState, command: RoleCommand) -> list[Event]:
    """Return the new facts; what is so already gives none.

    Raises:
        RoleExists: the id to make is taken.
        RoleMissing: there is no such role, or no longer.
        VersionChanged: it is no longer the version that the caller saw.
        Unfit: what the role gives makes no sense.
    """
    if isinstance(command, CreateRole):
        check_role(command.fields)
        if not isinstance(state, NoRole):
            raise RoleExists("a role with this id exists or existed")
        return [RoleCreated(role_id=command.role_id, fields=command.fields)]
    if not isinstance(state, Role):
        raise RoleMissing("there is no such role")
    match command:
        case ChangeRole():
            if command.version not in (None, state.version):
                raise VersionChanged("somebody changed this role since you read it; read it again")
            after = state.fields.model_copy(update=dict(command.changes))
            check_role(after)
            changed = RoleChanged(role_id=state.id, fields=after)
            return [] if after == state.fields else [changed]
        case RemoveRole():
            return [RoleRemoved(role_id=state.id)]
        case _:
            assert_never(command)


def evolve(state: RoleState, event: Event) -> RoleState:
    """Fold one fact."""
    match event:
        case RoleCreated():
            return Role(event.role_id, event.fields)
        case RoleChanged() if isinstance(state, Role):
            return Role(event.role_id, event.fields, state.version + 1)
        case RoleRemoved():
            return RemovedRole()
        case _:
            return state


role: Decider[RoleState, RoleCommand, Event] = Decider(NoRole(), decide, evolve)
