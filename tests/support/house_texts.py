"""Rules about the repository as a whole: its texts, its dependencies and its events."""

import re
import subprocess
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from courrier.events.base import Event

ROOT = Path(__file__).parents[2]

LEFTOVERS = re.compile(r"\b(TO" + r"DO|FIX" + r"ME)\b")
REGISTRIES = re.compile(
    "|".join(
        re.escape(name) + r"\." + ending
        for name, ending in (
            ("pypi", "org"),
            ("pythonhosted", "org"),
            ("npmjs", "(org|com)"),
            ("docker", "io/"),
            ("ghcr", "io"),
            ("quay", "io"),
            ("debian", "org"),
            ("crates", "io"),
            ("golang", "org"),
        )
    )
)
OUTSIDE = ".." + "/shared"
REQUIREMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
LISTED = re.compile(r"^\| `([^`]+)` \|", re.MULTILINE)

PARTICIPLES = {
    *("Sent", "Set", "Became", "Begun", "Withdrawn", "Lost", "Left", "Split", "Undone", "Met"),
    *(
        "Taken",
        "Given",
        "Found",
        "Hidden",
        "Made",
        "Put",
        "Woken",
        "Held",
        "Kept",
        "Written",
        "Read",
        "Reread",
    ),
}


def tracked_texts() -> dict[str, str]:
    """Return path and text of every tracked file that is text; uv.lock is a machine's."""
    # A clone may belong to another user than the one who tests it: git would refuse to read it.
    command = ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    paths = [name for name in listed.stdout.split("\0") if name and name != "uv.lock"]
    texts = {name: _text(ROOT / name) for name in paths}
    return {name: text for name, text in texts.items() if text is not None}


def leftovers(texts: Mapping[str, str]) -> Iterator[str]:
    """Work that is left is an issue, not a mark in a file."""
    return _lines_with(LEFTOVERS, texts, "finish it, or make it an issue")


def registry_hosts(texts: Mapping[str, str]) -> Iterator[str]:
    """Which mirror a machine uses is its own affair."""
    return _lines_with(REGISTRIES, texts, "no registry is named here: each machine has its own")


def outside_references(texts: Mapping[str, str]) -> Iterator[str]:
    """The repository stands alone."""
    pattern = re.compile(re.escape(OUTSIDE))
    return _lines_with(pattern, texts, "a clone has nothing beside it: say it here")


def dependencies(projects: Iterable[str]) -> set[str]:
    """Return the names of all packages that these pyproject.toml texts ask for."""
    asked: list[str] = []
    for text in projects:
        found = tomllib.loads(text)
        project = found.get("project", {})
        optional = project.get("optional-dependencies", {}).values()
        groups = found.get("dependency-groups", {}).values()
        asked += project.get("dependencies", [])
        asked += [each for group in (*optional, *groups) for each in group]
        asked += found.get("build-system", {}).get("requires", [])
    names = {_name_of(requirement) for requirement in asked}
    return {name for name in names if not name.startswith("courrier")}


def listed_dependencies(page: str) -> set[str]:
    """Return the names that docs/dependencies.md has a row for."""
    return set(LISTED.findall(page))


PARTS_OF = {
    "configuration": "settings",
    "webhooks": "settings",
    "identity": "settings",
    "drafts": "outbound",
    "email_state": "email",
    "uploads": "settings",
    "mailbox_state": "mailbox",
    "skipped": "email",
    "conversation": "email",
}
"""Modules that hold a part of a stream's family, because the whole would be too long to read."""


def event_faults(event: type[Event], catalogue: Iterable[type[Event]]) -> Iterator[str]:
    """A fact has a past tense, a type that never changes, and a place in the catalogue."""
    name, module = event.__name__, event.__module__.rpartition(".")[2]
    family = PARTS_OF.get(module, module)
    words = re.findall("[A-Z][a-z]*", name)
    if not any(word.endswith("ed") or word in PARTICIPLES for word in words[1:]):
        yield f"{name}: an event is named by what happened, in the past tense"
    if words[-1] in ("Event", "Updated"):
        yield f"{name}: say what happened, not that something did"
    type_name = event.__dict__.get("TYPE", "")
    if not re.fullmatch(rf"courrier\.{family}\.{name}\.v[1-9][0-9]*", type_name):
        yield f"{name}: TYPE is {type_name!r}, expected courrier.{family}.{name}.v1"
    if event not in set(catalogue):
        yield f"{name}: not in catalogue.EVENTS, so that nobody can read it"


def _lines_with(pattern: re.Pattern[str], texts: Mapping[str, str], text: str) -> Iterator[str]:
    for path, content in texts.items():
        for number, line in enumerate(content.splitlines(), start=1):
            if found := pattern.search(line):
                yield f"{path}:{number}: {found[0]}: {text}"


def _name_of(requirement: str) -> str:
    found = REQUIREMENT.match(requirement)
    if found is None:
        raise ValueError(f"not a requirement: {requirement!r}")
    return re.sub(r"[-_.]+", "-", found[0]).lower()


def _text(path: Path) -> str | None:
    """Return the text of a file; None for bytes and for a file that was deleted meanwhile."""
    try:
        return path.read_text("utf-8")
    except (UnicodeDecodeError, FileNotFoundError):
        return None
