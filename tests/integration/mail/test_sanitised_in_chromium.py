"""What a browser makes of a message's HTML: nothing runs or is fetched, and it reads as told."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, Route

from courrier.mail.html.sanitise import safe_html
from courrier.mail.html.text import html_to_text
from support.browsers import chromium
from support.html_attacks import ATTACKS

pytestmark = pytest.mark.integration

HOME = "http://mail.test/"
DOCUMENT = "<!doctype html><script>window.ran=0;function hit(){ran++}</script><div id=home></div>"
TRIES = """sources => {
  const home = document.getElementById('home'), changed = [];
  for (const source of sources) {
    home.innerHTML = source;
    const once = home.innerHTML;
    home.innerHTML = once;
    if (once !== source || home.innerHTML !== once) changed.push([source, once]);
    for (const each of home.querySelectorAll('*'))
      if (each.namespaceURI !== 'http://www.w3.org/1999/xhtml'
          || getComputedStyle(each).position !== 'static') changed.push([source, each.outerHTML]);
  }
  return changed;
}"""
CONTROL = "<img src=data:, onerror=hit()>"


@dataclass
class Watched:
    """A page without any content policy, and what it asked the network for."""

    page: Page
    asked: list[str] = field(default_factory=list)

    def note(self, request: Request) -> None:
        """Remember a request; a `cid:` reaches no server."""
        if not request.url.startswith(("cid:", "data:")):
            self.asked.append(request.url)


def _answer(route: Route) -> None:
    if route.request.url == HOME:
        route.fulfill(body=DOCUMENT, content_type="text/html")
    else:
        route.abort()


@pytest.fixture(scope="module")
def watched() -> Iterator[Watched]:
    """An empty page in a browser."""
    with chromium() as browser:
        page = browser.new_page()
        page.route("**/*", _answer)
        page.goto(HOME)
        watched = Watched(page)
        page.on("request", watched.note)
        yield watched


def _mixed(seed: int) -> list[str]:
    """Attacks behind one another, so that one may open what the next closes."""
    order = random.Random(seed)
    return ["".join(order.sample(ATTACKS, 4)) for _ in range(1_500)]


@pytest.mark.parametrize("sources", [ATTACKS, _mixed(1), _mixed(2)], ids=["alone", "one", "two"])
def test_a_browser_runs_nothing_and_fetches_nothing(watched: Watched, sources: list[str]) -> None:
    """The browser's tree is the one that was judged, twice; a control shows that it would run."""
    before = watched.page.evaluate("ran")

    changed = watched.page.evaluate(TRIES, [safe_html([(each, True)]) for each in sources])
    ran = watched.page.evaluate("ran")
    watched.page.evaluate(
        "source => document.body.insertAdjacentHTML('beforeend', source)", CONTROL
    )
    watched.page.wait_for_function("before => ran > before", arg=before)

    assert [] == changed
    assert before == ran
    assert watched.page.evaluate("ran") == before + 1
    assert [] == watched.asked


SHOWN = """source => {
  const home = document.getElementById('home');
  home.innerHTML = source;
  return home.innerText;
}"""
CORPUS = Path(__file__).parents[2] / "corpus"
# Letters without size and what is see-through count as shown for a browser, an image's words not.
UNSEEN = re.compile(r"Preheader secret|Our shoes")


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", UNSEEN.sub("", text))


@pytest.mark.parametrize("path", sorted(CORPUS.glob("html-*.eml")), ids=lambda path: path.stem)
def test_the_text_is_what_a_browser_shows(watched: Watched, path: Path) -> None:
    """The same words in the same order, from the sanitised HTML too."""
    source = path.read_text("utf-8").partition("\n\n")[2]
    safe = safe_html([(source, True)])

    shown = watched.page.evaluate(SHOWN, safe)

    assert _words(shown) == _words(html_to_text(source))
    assert _words(shown) == _words(html_to_text(safe))
