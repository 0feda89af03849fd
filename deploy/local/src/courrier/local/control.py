"""Looking at a running system, and stopping it, from another shell: by its data directory."""

import contextlib
import os
import signal
import time
from dataclasses import dataclass

from pydantic import JsonValue, TypeAdapter

from .data_directory import DataDirectory, is_claimed
from .refusal import Refused
from .status_file import Status, read_status

STOP_TIMEOUT_S = 30.0
POLL_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is there: ``status`` may be that of an earlier run where ``running`` is False."""

    running: bool
    status: Status | None

    @property
    def states(self) -> dict[str, str]:
        """The state of each part."""
        parts = self.status.parts if self.status is not None else {}
        return {name: part.state for name, part in parts.items()}

    def as_json(self) -> dict[str, JsonValue]:
        """Return it for programs; ``ready`` is True once everything has been ready."""
        if not self.running or self.status is None:
            return {"running": self.running, "ready": False}
        parts = {name: part.model_dump(mode="json") for name, part in self.status.parts.items()}
        summary = self.status.model_dump(mode="json")["summary"]
        whole = {"running": True, "ready": summary is not None, "parts": parts, **(summary or {})}
        return TypeAdapter(dict[str, JsonValue]).validate_python(whole)


def look(directory: DataDirectory) -> Seen:
    """Return what runs in this directory."""
    return Seen(running=is_claimed(directory), status=read_status(directory.status))


def ask_to_stop(directory: DataDirectory) -> bool:
    """Stop what runs here and wait for its end; return False where nothing ran.

    Raises:
        Refused: it still runs after ``STOP_TIMEOUT_S``, or is not ours to stop.
    """
    if not is_claimed(directory):
        return False
    _signal(_owner(directory))
    deadline = time.monotonic() + STOP_TIMEOUT_S
    while is_claimed(directory):
        if time.monotonic() > deadline:
            raise Refused(f"courrier up still runs after {STOP_TIMEOUT_S:.0f} s: kill it")
        time.sleep(POLL_S)
    return True


def _owner(directory: DataDirectory) -> int:
    with contextlib.suppress(OSError, ValueError):
        return int(directory.lock.read_text())
    raise Refused(f"{directory.lock} does not say who runs: look for courrier up with ps")


def _signal(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        return  # it has just ended by itself
    except PermissionError:
        raise Refused(f"courrier up (pid {pid}) belongs to another user") from None
