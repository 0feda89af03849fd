"""Migrations run when the code has changed, and not because a file was read."""

import os
import sys
from pathlib import Path

import pytest

from courrier.local.migration import code_stamp, default_steps

STEPS = {"admin": ("courrier", "events", "apply")}


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package with one migration."""
    folder = tmp_path / "stamped"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "0001.sql").write_text("-- first")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "stamped", raising=False)
    return folder


def test_the_same_code_has_the_same_stamp(package: Path) -> None:
    """So a second start has nothing to migrate."""
    before = code_stamp(["stamped"], STEPS)
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "x.pyc").write_text("compiled")

    assert code_stamp(["stamped"], STEPS) == before


def test_a_new_migration_changes_the_stamp(package: Path) -> None:
    """It is a new file."""
    before = code_stamp(["stamped"], STEPS)
    (package / "0002.sql").write_text("-- second")

    assert code_stamp(["stamped"], STEPS) != before


def test_a_changed_file_changes_the_stamp(package: Path) -> None:
    """Also if its length is the same."""
    before = code_stamp(["stamped"], STEPS)
    os.utime(package / "0001.sql", ns=(1, 1))

    assert code_stamp(["stamped"], STEPS) != before


def test_other_steps_change_the_stamp(package: Path) -> None:
    """A service that was added has to migrate."""
    assert package.exists()

    assert code_stamp(["stamped"], STEPS) != code_stamp(["stamped"], default_steps())


def test_every_service_with_a_schema_migrates() -> None:
    """The fetcher has no tables."""
    assert set(default_steps()) == {"admin", "linker", "sender", "gateway"}
