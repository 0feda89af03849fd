"""What runs now, written by ``courrier up`` and read by ``status``, ``stop`` and the next start."""

from dataclasses import asdict, dataclass, field
from pathlib import Path

from pydantic import BaseModel, ConfigDict, JsonValue, TypeAdapter, ValidationError

from .files import read_object, write_json
from .processes import Identity, identify
from .supervisor import Kept
from .view import Summary


class PartStatus(BaseModel):
    """One part as last seen; ``started`` is in seconds since the epoch."""

    model_config = ConfigDict(frozen=True)

    state: str
    restarts: int = 0
    pid: int | None = None
    started: float | None = None

    @property
    def identity(self) -> Identity | None:
        """Which process it is, if it had one."""
        if self.pid is None or self.started is None:
            return None
        return Identity(self.pid, self.started)


class Status(BaseModel):
    """The file. ``summary`` is missing until everything was ready once."""

    model_config = ConfigDict(frozen=True)

    pid: int
    started: float
    parts: dict[str, PartStatus] = {}
    summary: Summary | None = None

    @property
    def identity(self) -> Identity:
        """Which process ``courrier up`` is or was."""
        return Identity(self.pid, self.started)


def read_status(path: Path) -> Status | None:
    """Return the file's content, or None where there is none or it cannot be read."""
    try:
        return Status.model_validate(read_object(path))
    except (ValueError, ValidationError):
        return None


@dataclass(slots=True)
class StatusFile:
    """Written at every change, so that a killed ``up`` leaves the pids of its children."""

    path: Path
    owner: Identity
    parts: dict[str, PartStatus] = field(default_factory=dict)
    summary: Summary | None = None

    def note(self, kept: Kept) -> None:
        """Write down a change of one part."""
        found = identify(kept.pid) if kept.pid is not None else None
        self.parts[kept.part.name] = PartStatus(
            state=kept.state.value,
            restarts=kept.history.restarts,
            pid=found.pid if found else None,
            started=found.started if found else None,
        )
        self.write()

    def write(self) -> None:
        """Replace the file."""
        parts: dict[str, JsonValue] = {
            name: part.model_dump(mode="json") for name, part in self.parts.items()
        }
        summary = TypeAdapter(JsonValue).validate_python(
            asdict(self.summary) if self.summary else None
        )
        whole: dict[str, JsonValue] = {"pid": self.owner.pid, "started": self.owner.started}
        write_json(self.path, whole | {"parts": parts, "summary": summary})

    @property
    def states(self) -> dict[str, str]:
        """The state of each part."""
        return {name: part.state for name, part in self.parts.items()}
