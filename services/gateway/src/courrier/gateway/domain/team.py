"""Decide about teams: made, changed, removed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, assert_never

from courrier.events.base import Event
from courrier.events.decider import Decider
from courrier.events.families.identity import TeamChanged, TeamCreated, TeamFields, TeamRemoved

from .refusals import InTheWay, NotThere, VersionChanged


class TeamExists(InTheWay):
    """The id is a team's already."""


class TeamMissing(NotThere):
    """There is no such team, or it was removed."""


@dataclass(frozen=True, slots=True)
class CreateTeam:
    """Make a team."""

    team_id: str
    fields: TeamFields


@dataclass(frozen=True, slots=True)
class ChangeTeam:
    """Set some fields; ``version`` is the one the caller saw, None for any."""

    changes: Mapping[str, Any]
    version: int | None = None


@dataclass(frozen=True, slots=True)
class RemoveTeam:
    """Dissolve the team; records keep its id, which then means nobody."""


@dataclass(frozen=True, slots=True)
class NoTeam:
    """Never made."""


@dataclass(frozen=True, slots=True)
class Team:
    """A team; ``version`` counts its events from 1."""

    id: str
    fields: TeamFields
    version: int = 1


@dataclass(frozen=True, slots=True)
class RemovedTeam:
    """Gone for good: its id is never used again."""


TeamState = NoTeam | Team | RemovedTeam
TeamCommand = CreateTeam | ChangeTeam | RemoveTeam


def decide(state: TeamState, command: TeamCommand) -> list[Event]:
    """Return the new facts; what is so already gives none.

    Raises:
        TeamExists: the id to make is taken.
        TeamMissing: there is no such team, or no longer.
        VersionChanged: it is no longer the version that the caller saw.
    """
    if isinstance(command, CreateTeam):
        if not isinstance(state, NoTeam):
            raise TeamExists("a team with this id exists or existed")
        return [TeamCreated(team_id=command.team_id, fields=command.fields)]
    if not isinstance(state, Team):
        raise TeamMissing("there is no such team")
    match command:
        case ChangeTeam():
            if command.version not in (None, state.version):
                raise VersionChanged("somebody changed this team since you read it; read it again")
            after = state.fields.model_copy(update=dict(command.changes))
            changed = TeamChanged(team_id=state.id, fields=after)
            return [] if after == state.fields else [changed]
        case RemoveTeam():
            return [TeamRemoved(team_id=state.id)]
        case _:
            assert_never(command)


def evolve(state: TeamState, event: Event) -> TeamState:
    """Fold one fact."""
    match event:
        case TeamCreated():
            return Team(event.team_id, event.fields)
        case TeamChanged() if isinstance(state, Team):
            return Team(event.team_id, event.fields, state.version + 1)
        case TeamRemoved():
            return RemovedTeam()
        case _:
            return state


team: Decider[TeamState, TeamCommand, Event] = Decider(NoTeam(), decide, evolve)
