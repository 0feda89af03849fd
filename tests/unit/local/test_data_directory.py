"""A data directory that is not fit is refused in one line, before anything in it is touched."""

from pathlib import Path

import pytest

from courrier.local.data_directory import FORMAT, claimed, is_claimed
from courrier.local.refusal import Refused


def refusal_of(root: Path, *, min_free_bytes: int = 0) -> str:
    """Return the line with which the directory is refused."""
    with pytest.raises(Refused) as refused, claimed(root, min_free_bytes=min_free_bytes):
        pass
    line = str(refused.value)
    assert "\n" not in line
    assert str(root) in line
    return line


def made(root: Path) -> Path:
    """Return a directory as an earlier run left it."""
    with claimed(root) as directory:
        directory.postgres.mkdir()
        (directory.postgres / "PG_VERSION").write_text("18\n")
        directory.secrets.write_text("{}")
    return root


def test_a_new_directory_is_made_with_its_version(tmp_path: Path) -> None:
    """Parents included; others cannot look inside."""
    with claimed(tmp_path / "a" / "b") as directory:
        assert directory.version.exists()
        assert directory.root.stat().st_mode & 0o077 == 0


def test_an_earlier_directory_is_taken_again(tmp_path: Path) -> None:
    """The next start continues where the last one was."""
    with claimed(made(tmp_path / "d")) as directory:
        assert is_claimed(directory)
    assert not is_claimed(directory)


def test_two_at_once_are_refused(tmp_path: Path) -> None:
    """Two brokers on one log would destroy it."""
    with claimed(tmp_path / "d"):
        assert "in use by another courrier up (pid " in refusal_of(tmp_path / "d")


def test_a_newer_directory_is_refused(tmp_path: Path) -> None:
    """An older program must not guess."""
    (made(tmp_path / "d") / "version.json").write_text(f'{{"format": {FORMAT + 1}}}')

    assert "newer Courrier" in refusal_of(tmp_path / "d")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": "x"}', "{}"])
def test_an_unreadable_version_is_damage(tmp_path: Path, text: str) -> None:
    """Whatever the file holds."""
    (made(tmp_path / "d") / "version.json").write_text(text)

    assert "is damaged (version.json" in refusal_of(tmp_path / "d")


@pytest.mark.parametrize("name", ["postgres/PG_VERSION", "secrets.json"])
def test_a_missing_part_is_damage(tmp_path: Path, name: str) -> None:
    """Named, so that it can be restored; never made anew over the rest."""
    (made(tmp_path / "d") / name).unlink()

    assert f"is damaged ({name} is missing)" in refusal_of(tmp_path / "d")


def test_a_directory_with_other_things_in_it_is_left_alone(tmp_path: Path) -> None:
    """A wrong COURRIER_DATA_DIR must not spread files over somebody's work."""
    (tmp_path / "thesis.txt").write_text("x")

    assert "is not a Courrier data directory" in refusal_of(tmp_path)


def test_a_nearly_full_disk_is_refused(tmp_path: Path) -> None:
    """Before the databases find out halfway through a write."""
    assert "nearly full" in refusal_of(tmp_path / "d", min_free_bytes=10**18)


def test_a_path_that_is_a_file_is_refused(tmp_path: Path) -> None:
    """One line, not a traceback."""
    (tmp_path / "d").write_text("x")

    assert "cannot use" in refusal_of(tmp_path / "d")
