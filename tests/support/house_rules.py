"""The rules of CONTRIBUTING that a program can check, each a function from a file to complaints.

A complaint is one line, ``path:line: what is wrong and what to do``; no complaint, no line.
"""

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

LONGEST_FILE = 300
LONGEST_TEST_FILE = 350
LONGEST_BODY = 40
MOST_PARAMETERS = 5
MOST_POSITIONAL = 3

NAMELESS = {"util", "utils", "helper", "helpers", "manager", "managers", "common"}
SQL_PLACES = re.compile(
    r"/(adapters|projections|migrations)/|courrier/events/postgres/|courrier/local/postgres_|^tests/"
)
SQL = re.compile(
    r"^\s*(SELECT\s.+|INSERT\s+INTO\s.+|UPDATE\s+\S+\s+SET\s.+|DELETE\s+FROM\s.+"
    r"|(CREATE|ALTER|DROP)\s+(TABLE|INDEX|SCHEMA|DATABASE|EXTENSION|ROLE|VIEW)\s.+"
    r"|WITH\s+\w+\s+AS\s.+|GRANT\s.+\sTO\s.+)",
    re.DOTALL,
)
ALL_COLUMNS = re.compile(r"\bSELECT\s+(\w+\.)?\*", re.IGNORECASE)

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """One Python file of the repository; ``path`` is relative to its root."""

    path: PurePosixPath
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """Its syntax tree."""
        return ast.parse(self.text)

    @property
    def is_test(self) -> bool:
        """Whether it is a test, where fixtures are parameters and names are sentences."""
        return self.path.parts[0] == "tests"

    def complain(self, line: int, text: str) -> str:
        """Return one complaint."""
        return f"{self.path}:{line}: {text}"


Rule = Callable[[Source], Iterable[str]]


def packages_hold_a_docstring_only(source: Source) -> Iterator[str]:
    """Importing a module runs its packages, which no import contract sees."""
    if source.path.name != "__init__.py":
        return
    if source.path.parent.name == "courrier":
        yield source.complain(1, "courrier is a namespace: delete this __init__.py")
    for statement in source.tree.body[1 if ast.get_docstring(source.tree) else 0 :]:
        yield source.complain(statement.lineno, "an __init__.py is a docstring only: move this")


def modules_open_with_a_docstring(source: Source) -> Iterator[str]:
    """The first line of a module says what is true because it exists; tests have sentences."""
    is_needed = not source.path.name.startswith("test_")
    if is_needed and not ast.get_docstring(source.tree):
        yield source.complain(1, "begin with a docstring: what is true because this file exists")


def files_are_short(source: Source) -> Iterator[str]:
    """One idea a file; tests may take longer over one, since each is read alone."""
    most = LONGEST_TEST_FILE if source.is_test else LONGEST_FILE
    if (length := len(source.text.splitlines())) > most:
        yield source.complain(length, f"{length} lines, at most {most}: make two files")


def functions_are_short(source: Source) -> Iterator[str]:
    """Docstrings do not count, comments do."""
    for function in _functions(source):
        body = function.body[1:] if ast.get_docstring(function) else function.body
        length = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
        if length > LONGEST_BODY:
            text = f"the body of {function.name} has {length} lines, at most {LONGEST_BODY}"
            yield source.complain(function.lineno, text)


def functions_take_few_parameters(source: Source) -> Iterator[str]:
    """Not of tests, hooks, routes and overrides: libraries decide how those are called."""
    inner = {id(method) for method in _methods_of_private_classes(source)}
    for function in _functions(source):
        if source.is_test or function.decorator_list or function.name.startswith("handle_"):
            continue
        positional = [*function.args.posonlyargs, *function.args.args]
        if positional and positional[0].arg in ("self", "cls"):
            positional = positional[1:]
        count = len(positional) + len(function.args.kwonlyargs)
        if count > MOST_PARAMETERS:
            text = f"{function.name} takes {count} parameters, at most {MOST_PARAMETERS}"
            yield source.complain(function.lineno, f"{text}: some of them are one value")
        elif id(function) not in inner and _may_be_swapped(function, positional):
            text = f"{function.name} has parameters of one type that a caller may swap"
            yield source.complain(function.lineno, f"{text}: keyword-only from the third")


def _may_be_swapped(function: Function, positional: list[ast.arg]) -> bool:
    """Mypy finds a swap of parameters whose types differ; readers find one among three.

    A first parameter of a type of its own is what the function works on, as ``self`` would be.
    """
    types = [ast.unparse(each.annotation) for each in positional if each.annotation]
    others = types[1:] if types and types[0] not in types[1:] else types
    is_private = function.name.startswith("_") and not function.name.startswith("__")
    return not is_private and len(others) > MOST_POSITIONAL and len(set(others)) < len(others)


def sql_has_its_places(source: Source) -> Iterator[str]:
    """SQL is a constant in adapters and projections, formatted by nobody, its columns listed."""
    documented = _docstrings(source)
    for node in ast.walk(source.tree):
        text = _text_of(node)
        if not SQL.match(text) or id(node) in documented:
            continue
        if not SQL_PLACES.search(str(source.path)):
            yield source.complain(_line_of(node), "SQL belongs into adapters/ or projections/")
        if isinstance(node, ast.JoinedStr) and not source.is_test:
            yield source.complain(node.lineno, "SQL in an f-string: use $1 parameters")
        if ALL_COLUMNS.search(text) and not source.is_test:
            yield source.complain(_line_of(node), "SELECT *: list the columns")


def names_say_the_thing(source: Source) -> Iterator[str]:
    """A name that fits everything says nothing."""
    for part in (*source.path.parts[:-1], source.path.stem):
        if found := NAMELESS & set(part.lower().split("_")):
            yield source.complain(1, f"{found.pop()!r} says nothing: name what is in {part}")
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ClassDef):
            words = {word.lower() for word in re.findall("[A-Z][a-z]+", node.name)}
            if found := NAMELESS & words:
                text = f"{found.pop()!r} says nothing: what does {node.name} do?"
                yield source.complain(node.lineno, text)


def errors_are_not_swallowed(source: Source) -> Iterator[str]:
    """What may be ignored is named by contextlib.suppress, with as few statements as can be."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ExceptHandler) and all(map(_does_nothing, node.body)):
            text = "an error is swallowed: handle it, or contextlib.suppress it by name"
            yield source.complain(node.lineno, text)


def _does_nothing(statement: ast.stmt) -> bool:
    is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return is_text or isinstance(statement, ast.Pass)


def _functions(source: Source) -> Iterator[Function]:
    return (node for node in ast.walk(source.tree) if isinstance(node, Function))


def _methods_of_private_classes(source: Source) -> Iterator[ast.AST]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ClassDef) and node.name.startswith("_"):
            yield from ast.walk(node)


def _docstrings(source: Source) -> set[int]:
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    bodies = (node.body for node in ast.walk(source.tree) if isinstance(node, owners))
    return {id(body[0].value) for body in bodies if body and isinstance(body[0], ast.Expr)}


def _text_of(node: ast.AST) -> str:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            return "".join(_text_of(value) or "{}" for value in values)
        case _:
            return ""


def _line_of(node: ast.AST) -> int:
    return int(getattr(node, "lineno", 1))


RULES: tuple[Rule, ...] = (
    packages_hold_a_docstring_only,
    modules_open_with_a_docstring,
    files_are_short,
    functions_are_short,
    functions_take_few_parameters,
    sql_has_its_places,
    names_say_the_thing,
    errors_are_not_swallowed,
)
