"""A process is its number and its start time: a reused number is somebody else."""

import os
from dataclasses import replace

from courrier.local.leftovers import end_leftovers
from courrier.local.processes import Identity, identify
from courrier.local.status_file import PartStatus, Status

NO_SUCH_PID = 2**22 + 1


def me() -> Identity:
    """Return this process."""
    found = identify(os.getpid())
    assert found is not None
    return found


def test_a_living_process_is_known_by_number_and_start() -> None:
    """We are alive; the one who had our number an hour ago is not."""
    assert me().is_alive()
    assert not replace(me(), started=me().started - 3600).is_alive()
    assert identify(NO_SUCH_PID) is None


def test_a_stranger_with_a_recorded_number_is_left_alone() -> None:
    """After a reboot the numbers in the file belong to other programs."""
    stranger = PartStatus(state="ready", pid=os.getpid(), started=me().started - 3600)

    assert end_leftovers(Status(pid=1, started=0.0, parts={"nats": stranger})) == []


def test_nothing_recorded_is_nothing_to_end() -> None:
    """The first start."""
    assert end_leftovers(None) == []
