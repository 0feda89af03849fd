"""A search for bytes that break a promise of the reader, guided by its own branches.

So many messages, which take half a minute of a core, and a minute at most.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SECONDS = 60
RUNS = 6_000
"""One machine finds what another does; `make fuzz` searches on."""


@pytest.mark.timeout(3 * SECONDS)
def test_a_guided_search_finds_nothing(tmp_path: Path) -> None:
    """What it finds, if ever, goes into the corpus with what the message should read as."""
    command = [sys.executable, "-m", "fuzz.guided", f"--seconds={SECONDS}", f"--found={tmp_path}"]
    run = subprocess.run(
        [*command, f"--runs={RUNS}"],
        env=os.environ | {"PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    found = {path.name: path.read_bytes()[:2_000] for path in tmp_path.iterdir()}

    assert {} == found, run.stderr[-2_000:]
    assert 0 == run.returncode, run.stderr[-2_000:]
