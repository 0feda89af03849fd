"""``make test-long``: the long tests and the benchmarks, and a short report to commit.

The report is written also when something fails; the exit code says whether all of it passed.
"""

import datetime as dt
import json
import os
import platform
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
REPORT = ROOT / "docs" / "reports" / "test-long.md"
COURRIER = str(Path(sys.executable).with_name("courrier"))
TESTS = (sys.executable, "-m", "pytest", "-q", "-m", "long or docker")
BENCHMARKS = ("events", "ingest", "fetch", "parse", "decide", "send")
TIMEOUT_S = 1800
WHOLE = 100  # figures from here on are shown without fractions

HEAD = """\
# The long tests

`make test-long` wrote this page on {date} at commit {commit},
on {cores} cores of {machine} with Python {python}; the load average was {load:.1f} before it.

| what ran | result | seconds |
| --- | --- | --- |
"""
FIGURES = """
| `courrier bench` | n | value | limit | ratio | CPU s | MB |
| --- | --- | --- | --- | --- | --- | --- |
"""


@dataclass(frozen=True, slots=True)
class Step:
    """One command that ran to its end, or did not in ``TIMEOUT_S``."""

    name: str
    passed: bool
    last_line: str
    took_s: float

    @property
    def figures(self) -> dict[str, Any] | None:
        """The JSON object that a benchmark prints last."""
        try:
            found = json.loads(self.last_line)
        except ValueError:
            return None
        return found if isinstance(found, dict) else None


def main() -> int:
    """Run everything, write the report, and return the exit code."""
    load = os.getloadavg()[0]
    steps = [_run("long tests", *TESTS)]
    steps += [_run(f"bench {name}", COURRIER, "bench", name, "--json") for name in BENCHMARKS]
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(_report(steps, load))
    sys.stdout.write(f"{REPORT.relative_to(ROOT)} is written\n")
    return 0 if all(step.passed for step in steps) else 1


def _run(name: str, *command: str) -> Step:
    sys.stdout.write(f"{name}…\n")
    sys.stdout.flush()
    began = time.monotonic()
    try:
        done = subprocess.run(
            command, cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=TIMEOUT_S, check=False
        )
        passed, output = done.returncode == 0, done.stdout
    except subprocess.TimeoutExpired:
        passed, output = False, f"not done after {TIMEOUT_S} s"
    sys.stdout.write(output)
    lines = output.strip().splitlines() or ["it printed nothing"]
    return Step(name, passed, lines[-1].strip("= "), time.monotonic() - began)


def _report(steps: list[Step], load: float) -> str:
    text = HEAD.format(
        date=f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC",
        commit=_commit(),
        cores=os.cpu_count(),
        load=load,
        machine=platform.machine(),
        python=platform.python_version(),
    )
    text += "".join(_row(step) for step in steps)
    measured = [step.figures for step in steps if step.figures]
    return text + FIGURES + "".join(map(_figures, measured)) if measured else text


def _row(step: Step) -> str:
    said = "figures below" if step.figures else step.last_line.replace("|", "/")
    verdict = "passed" if step.passed else "FAILED"
    return f"| {step.name} | {verdict}: {said} | {step.took_s:.0f} |\n"


def _figures(found: dict[str, Any]) -> str:
    names = ("bench", "n", "value", "limit", "ratio", "cpu_s", "rss_mb")
    cells = [_shown(found.get(name)) for name in names]
    cells[2] += f" {found.get('unit', '')}"
    return f"| {' | '.join(cells)} |\n"


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if value >= WHOLE else f"{value:.3g}"
    return str(value)


def _commit() -> str:
    asked = ["git", "-c", f"safe.directory={ROOT}", "describe", "--always", "--dirty"]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    return f"`{done.stdout.strip() or 'unknown'}`"


if __name__ == "__main__":
    sys.exit(main())
