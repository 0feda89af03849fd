"""Every text of pages and answers, as translators would extract it from templates and modules."""

import ast
from collections.abc import Iterator
from importlib.resources import files

from courrier.gateway.api.words import DEFAULT
from courrier.gateway.web.rendering import environment

MARKERS = {"_", "noted"}


def texts() -> set[str]:
    """Return all texts that are translated where they are shown; of plurals the singular."""
    return set(_of_templates()) | set(_of_modules())


def _of_templates() -> Iterator[str]:
    found = environment(DEFAULT)
    for name in found.list_templates():
        source = files("courrier.gateway.web").joinpath("templates", name).read_text()
        for _, _, message in found.extract_translations(source):  # type: ignore[attr-defined]  # the extension adds it
            if message is not None:  # a variable, whose texts are noted elsewhere
                yield message if isinstance(message, str) else message[0]


def _of_modules() -> Iterator[str]:
    for package in ("courrier.gateway.api", "courrier.gateway.web"):
        for file in files(package).iterdir():
            if file.name.endswith(".py"):
                yield from _of_module(ast.parse(file.read_text()))


def _of_module(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            first = node.args[0] if node.args else None
            if node.func.id in MARKERS and isinstance(first, ast.Constant):
                yield str(first.value)
