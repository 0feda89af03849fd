"""A real Chromium, and axe in it; the Debian package is asked for by name where it is missing."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # has none
from playwright.sync_api import Browser, Page, sync_playwright

ARGUMENTS = ("--no-sandbox", "--disable-dev-shm-usage")
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
MISSING = "there is no chromium on this machine: run 'make test-packages' as root, then try again"


@contextmanager
def chromium() -> Iterator[Browser]:
    """Lend a browser.

    Raises:
        FileNotFoundError: none is installed; the text says what to do.
    """
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        raise FileNotFoundError(MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        yield browser
        browser.close()


def accessibility_faults(page: Page) -> list[str]:
    """Return what axe finds wrong on a page by WCAG 2.2 AA and good practice."""
    found: dict[str, Any] = Axe().run(page, options={"runOnly": list(RULES)}).response
    return [
        f"{each['id']}: {node['html']}" for each in found["violations"] for node in each["nodes"]
    ]
