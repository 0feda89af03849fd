"""Temporary directories that a server of another user may pass through.

pytest closes its own to everybody else. That is in the way of root in a container where user
namespaces are forbidden: there PostgreSQL and Dovecot really run as somebody else.
"""

import shutil
import tempfile
from pathlib import Path

import pytest

from courrier.local.unprivileged import has_own_leash, prefix_for

PASSABLE = 0o711


def choose_base(config: pytest.Config) -> None:
    """Give pytest a base directory of this run alone, where one is needed and none was chosen."""
    is_worker = hasattr(config, "workerinput")
    if _others_must_pass() and not is_worker and not config.option.basetemp:
        config.option.basetemp = tempfile.mkdtemp(prefix="courrier-pytest-")
        config.add_cleanup(lambda: shutil.rmtree(config.option.basetemp, ignore_errors=True))


def open_directories(factory: pytest.TempPathFactory) -> None:
    """Open the base directory, and from now on each directory that the factory makes."""
    if not _others_must_pass():
        return
    base, make = factory.getbasetemp(), factory.mktemp
    for directory in (base, base.parent):  # of a worker and of its controller
        if directory != Path(tempfile.gettempdir()):
            directory.chmod(PASSABLE)

    def make_open(basename: str, numbered: bool = True) -> Path:  # noqa: FBT001, FBT002 - pytest's
        made = make(basename, numbered)
        made.chmod(PASSABLE)
        return made

    setattr(factory, "mktemp", make_open)  # noqa: B010 - mypy forbids to replace a method


def _others_must_pass() -> bool:
    return has_own_leash(prefix_for())
