"""The house rules hold in every tracked file, and each rule is seen to complain when it must."""

import importlib
import pkgutil
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import ClassVar

import pytest

from courrier.events import families
from courrier.events.base import Event
from courrier.events.catalogue import EVENTS
from support import house_rules as rules
from support import house_texts as texts
from support.house_rules import Rule, Source

LICENCES = {"services/fetcher/pyproject.toml": "GPL-3.0-only"}
DOCUMENTED = '"""What is true."""\n'
BODY = "".join(f"    line_{n} = {n}\n" for n in range(rules.LONGEST_BODY + 1))
LONG = "a\n" * 90
SELECT = "SELECT id FROM linker.claim"


@pytest.fixture(scope="module")
def tracked() -> dict[str, str]:
    """All texts of the repository."""
    return texts.tracked_texts()


@pytest.fixture(scope="module")
def sources(tracked: dict[str, str]) -> list[Source]:
    """All Python files of the repository."""
    return [
        Source(PurePosixPath(path), text) for path, text in tracked.items() if path.endswith(".py")
    ]


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
def test_every_file_keeps_the_rule(rule: Rule, sources: list[Source]) -> None:
    """See the rule's docstring for its reason."""
    complaints = [text for source in sources for text in rule(source)]

    assert not complaints, "\n" + "\n".join(complaints)


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (rules.packages_hold_a_docstring_only, "libs/x/__init__.py", DOCUMENTED + "import os\n"),
        (rules.packages_hold_a_docstring_only, "libs/courrier/__init__.py", DOCUMENTED),
        (rules.modules_open_with_a_docstring, "libs/x.py", "import os\n"),
        (rules.files_are_short, "libs/x.py", "\n" * (rules.LONGEST_FILE + 1)),
        (rules.functions_are_short, "libs/x.py", f"def long():\n{BODY}"),
        (rules.functions_take_few_parameters, "libs/x.py", "def f(a, b, c, *, d, e, f): ...\n"),
        (
            rules.functions_take_few_parameters,
            "libs/x.py",
            "def copy(db: Db, source: str, target: str, mode: int, owner: User): ...\n",
        ),
        (rules.sql_has_its_places, "services/x/handlers/y.py", f"Q = '{SELECT}'\n"),
        (rules.sql_has_its_places, "services/x/adapters/y.py", f"Q = f'{SELECT} {{x}}'\n"),
        (rules.sql_has_its_places, "services/x/adapters/y.py", "Q = 'SELECT * FROM x'\n"),
        (rules.names_say_the_thing, "libs/text_utils.py", DOCUMENTED),
        (rules.names_say_the_thing, "libs/common/text.py", DOCUMENTED),
        (rules.names_say_the_thing, "libs/x.py", "class MailboxManager: ...\n"),
        (rules.errors_are_not_swallowed, "libs/x.py", "try: f()\nexcept OSError: pass\n"),
    ],
)
def test_a_file_that_breaks_the_rule_is_found(rule: Rule, path: str, text: str) -> None:
    """One complaint for one planted fault, with its place."""
    found = list(rule(Source(PurePosixPath(path), text)))

    assert len(found) == 1
    assert found[0].startswith(f"{path}:")


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (rules.functions_are_short, "libs/x.py", f'def f():\n    """{LONG}"""\n    f()\n'),
        (rules.functions_take_few_parameters, "tests/x.py", "def t(a, b, c, d, e, f): ...\n"),
        (
            rules.functions_take_few_parameters,
            "libs/x.py",
            "class A:\n    @override\n    def f(self, a: int, b: int, c: int, d: int): ...\n",
        ),
        (rules.sql_has_its_places, "services/x/adapters/y.py", f"Q = '{SELECT}'\n"),
        (rules.sql_has_its_places, "libs/x.py", f'def f():\n    """{SELECT}."""\n'),
        (rules.sql_has_its_places, "libs/x.py", "COMMAND = 'SELECT'\n"),
        (rules.errors_are_not_swallowed, "libs/x.py", "try: f()\nexcept OSError: g()\n"),
    ],
)
def test_what_is_allowed_is_left_alone(rule: Rule, path: str, text: str) -> None:
    """The exceptions that were meant."""
    assert list(rule(Source(PurePosixPath(path), text))) == []


def test_nothing_is_left_to_do_in_a_file(tracked: dict[str, str]) -> None:
    """Issues hold what is left to do."""
    assert_none(texts.leftovers(tracked))
    assert list(texts.leftovers({"x.py": "# TO" + "DO later\n"}))


def test_no_registry_is_named(tracked: dict[str, str]) -> None:
    """The repository works behind any mirror."""
    assert_none(texts.registry_hosts(tracked))
    assert list(texts.registry_hosts({"x": "https://pypi" + ".org/simple"}))


def test_the_repository_stands_alone(tracked: dict[str, str]) -> None:
    """No file speaks of what lies beside the clone."""
    assert_none(texts.outside_references(tracked))
    assert list(texts.outside_references({"x": f"see {texts.OUTSIDE}/y.md"}))


def test_every_dependency_has_its_row(tracked: dict[str, str]) -> None:
    """docs/dependencies.md says of each package what it is for and its licence, and of no other."""
    projects = [text for path, text in tracked.items() if path.endswith("pyproject.toml")]
    listed = texts.listed_dependencies(tracked["docs/dependencies.md"])

    assert texts.dependencies(projects) == listed
    assert texts.dependencies(['project.dependencies = ["Left_Pad>=1"]']) == {"left-pad"}


def test_every_member_names_its_licence(tracked: dict[str, str]) -> None:
    """The fetcher is GPL-3.0 because aioimaplib is; everything else is Apache-2.0."""
    for path, text in tracked.items():
        if path.endswith("pyproject.toml") and path != "pyproject.toml":
            assert f'license = "{LICENCES.get(path, "Apache-2.0")}"' in text, path


def test_every_event_is_a_fact_with_a_type() -> None:
    """What a writer could append, every reader can name and decode."""
    assert_none(fault for event in _events() for fault in texts.event_faults(event, EVENTS))


def test_an_event_that_is_no_fact_is_found() -> None:
    """Each of the four faults of an event has its own complaint."""

    class UpdateMailbox(Event):
        TYPE: ClassVar[str] = "courrier.mailbox.UpdateMailbox"

    assert len(list(texts.event_faults(UpdateMailbox, EVENTS))) == 3
    assert len(list(texts.event_faults(EVENTS[0], ()))) == 1


def assert_none(complaints: Iterable[str]) -> None:
    """Fail with all complaints, one a line."""
    found = list(complaints)
    assert not found, "\n" + "\n".join(found)


def _events() -> set[type[Event]]:
    """Every event class that a module of ``families`` defines."""
    modules = [
        importlib.import_module(f"{families.__name__}.{found.name}")
        for found in pkgutil.iter_modules(families.__path__)
    ]
    here = {module.__name__ for module in modules}
    return {event for event in _subclasses(Event) if event.__module__ in here}


def _subclasses(kind: type[Event]) -> set[type[Event]]:
    direct = set(kind.__subclasses__())
    return direct | {each for child in direct for each in _subclasses(child)}
