"""A log never grows without bound, and the program that writes it notices nothing."""

from pathlib import Path

from courrier.local.launch import last_line
from courrier.local.log_files import rotate


def test_a_small_log_stays(tmp_path: Path) -> None:
    """Nothing is moved without need."""
    log = tmp_path / "a.log"
    log.write_text("one\n")

    assert not rotate(log, 100)
    assert not rotate(tmp_path / "missing.log", 100)


def test_a_large_log_is_cut_under_its_writer(tmp_path: Path) -> None:
    """The writer goes on in the emptied file; what was there is in ``.1``."""
    log = tmp_path / "a.log"
    with log.open("ab", buffering=0) as writer:
        writer.write(b"x" * 200)
        assert rotate(log, 100)
        writer.write(b"next\n")

    assert log.read_bytes() == b"next\n"
    assert (tmp_path / "a.log.1").read_bytes() == b"x" * 200


def test_the_last_line_of_a_log_is_found_however_long_it_is(tmp_path: Path) -> None:
    """It becomes the reason in a one-line message."""
    log = tmp_path / "a.log"
    log.write_text("x\n" * 10_000 + "the reason\n\n")

    assert last_line(log) == "the reason"
    assert last_line(tmp_path / "missing.log") == "it left no message"
