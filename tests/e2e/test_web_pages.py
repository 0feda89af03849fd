"""The web page as a person uses it, in a real Chromium, on the whole running system."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from courrier.local.data_directory import DataDirectory
from courrier.local.passwords import load_or_generate
from courrier.local.ports import free_port
from support.browsers import accessibility_faults, chromium

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

COURRIER = (sys.executable, "-c", "from courrier.events.cli.main import main; main()")
CUSTOMER = "Inès Caldwell"
DESK = (1440, 900)
PHONE = (360, 740)
MAIL_MS = 30_000
STOP_S = 20.0
UNREAD = "#rows .row.unread"


@dataclass(frozen=True)
class Site:
    """A running system and its administrator's password."""

    url: str
    data_dir: Path
    password: str

    def run(self, *words: str, told: str = "") -> str:
        """Run a ``courrier`` command beside it."""
        env = {**os.environ, "COURRIER_DATA_DIR": str(self.data_dir)}
        done = subprocess.run(
            [*COURRIER, *words], env=env, input=told, capture_output=True, text=True, check=True
        )
        return done.stdout


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """``courrier up`` with the demo in it."""
    directory = tmp_path_factory.mktemp("web") / "data"
    chosen = {"COURRIER_DATA_DIR": str(directory), "COURRIER_PORT": str(free_port())}
    process = subprocess.Popen(
        [*COURRIER, "up", "--json"],
        env={**os.environ, **chosen},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, process.communicate()[1]
    password = load_or_generate(DataDirectory(directory).secrets).admin
    yield Site(json.loads(line)["url"], directory, password)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=STOP_S)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of this file."""
    with chromium() as found:
        yield found


NewContext = Callable[..., BrowserContext]


@pytest.fixture
def new_context(browser: Browser) -> Iterator[NewContext]:
    """A maker of clean profiles; all of them are closed with the test."""
    made: list[BrowserContext] = []

    def make(size: tuple[int, int] = DESK, **options: object) -> BrowserContext:
        viewport = {"width": size[0], "height": size[1]}
        options = {"locale": "en-GB", "reduced_motion": "reduce", **options}
        made.append(browser.new_context(viewport=viewport, **options))  # type: ignore[arg-type]  # plain names
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def page(site: Site, new_context: NewContext) -> Page:
    """The inbox of the administrator on a desk, with mail in it."""
    return log_in(new_context().new_page(), site)


def log_in(page: Page, site: Site) -> Page:
    """Log in and wait for the demo's mail."""
    page.goto(site.url)
    page.get_by_label("Login").fill("admin")
    page.get_by_label("Password").fill(site.password)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Inbox")).to_be_visible()
    expect(row(page, CUSTOMER).first).to_be_visible(timeout=MAIL_MS)
    return page


def row(page: Page, text: str) -> Locator:
    """Return the rows of the list with this text."""
    return page.locator("#rows .row").filter(has_text=text)


def open_row(page: Page, text: str) -> None:
    """Open the newest e-mail with this text in the list."""
    row(page, text).first.locator(".open").click()
    expect(page.locator(".email.chosen")).to_be_visible()


def unread(page: Page) -> int:
    """Return what the counter beside the inbox says."""
    counter = page.locator("#folders li").first.locator(".counter [aria-hidden]")
    return int(counter.inner_text()) if counter.count() else 0


def every_page(page: Page, site: Site) -> Iterator[str]:
    """Visit one page of each kind and yield its name while it is shown."""
    yield "inbox"
    for kind, text in (("text", CUSTOMER), ("html", "The Spoke Letter")):
        page.goto(site.url)
        open_row(page, text)
        for summary in page.locator(".chosen .more > summary").all():
            summary.click()
        yield kind
    page.goto(site.url)
    row(page, CUSTOMER).first.locator("a.chip").click()
    expect(page.get_by_role("heading", name="History")).to_be_visible()
    yield "account"
    page.goto(site.url)
    open_row(page, CUSTOMER)
    page.locator(".chosen .heads").get_by_role("link", name=CUSTOMER).click()
    expect(page.get_by_role("heading", name=CUSTOMER, level=1)).to_be_visible()
    yield "contact"
    page.goto(f"{site.url}/accounts")
    expect(page.get_by_text("Working")).to_be_visible(timeout=MAIL_MS)
    yield "accounts"
    page.goto(f"{site.url}/emails/none")
    yield "problem"


def test_a_stranger_is_led_to_the_log_in_and_then_to_the_page_asked_for(
    site: Site, new_context: NewContext
) -> None:
    """A wrong password is told and nothing more; a right one leads on."""
    page = new_context().new_page()
    page.goto(f"{site.url}/accounts")
    assert accessibility_faults(page) == []
    page.get_by_label("Login").fill("admin")
    page.get_by_label("Password").fill("not it")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_have_text("Wrong login or password.")
    page.get_by_label("Login").fill("admin")
    page.get_by_label("Password").fill(site.password)
    page.get_by_role("button", name="Log in").click()

    expect(page).to_have_url(f"{site.url}/accounts")
    page.get_by_role("button", name="Log out").click()
    expect(page).to_have_url(f"{site.url}/login")
    page.goto(site.url)
    expect(page).to_have_url(re.compile("/login"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_wrong(site: Site, new_context: NewContext, scheme: str) -> None:
    """WCAG 2.2 AA on each page; and the policy of the pages blocks nothing of ours."""
    page = new_context(color_scheme=scheme).new_page()
    blocked: list[str] = []
    page.on("console", lambda said: blocked.append(said.text))
    log_in(page, site)

    faults = {name: accessibility_faults(page) for name in every_page(page, site)}

    assert {name: [] for name in faults} == faults
    assert [] == [text for text in blocked if "Security Policy" in text]


def test_nothing_is_cut_off_on_a_phone(site: Site, new_context: NewContext) -> None:
    """360 pixels are enough for each page: nobody scrolls sideways."""
    page = log_in(new_context(PHONE).new_page(), site)

    too_wide = {
        name: page.evaluate("document.documentElement.scrollWidth - innerWidth")
        for name in every_page(page, site)
    }

    assert dict.fromkeys(too_wide, 0) == too_wide


def test_an_email_says_who_wrote_what_it_is_linked_to_and_why(page: Page) -> None:
    """The person behind the address, the record, and the decisions in words."""
    open_row(page, CUSTOMER)
    chosen = page.locator(".email.chosen")

    expect(chosen.locator(".heads")).to_contain_text("ines.caldwell@northlight.example")
    expect(page.locator(".linked a.chip")).to_contain_text("Northlight Hotels")
    chosen.get_by_text("Why is this here?").click()
    expect(chosen.locator(".why")).to_contain_text("Filed into Inbox.")
    expect(chosen.locator(".why")).to_contain_text("It came to your mailbox hello@halcyon.example.")


def test_what_is_looked_at_is_read_and_the_counter_is_true(page: Page) -> None:
    """Without reload the mark and the counter go; they are the same after one."""
    before = unread(page)
    page.locator(f"{UNREAD} .open").first.click()
    subject = page.locator("[aria-current=true].open")
    expect(page.locator("#rows .row", has=subject)).not_to_have_class(re.compile("unread"))
    page.wait_for_function(f"!document.title.startsWith('({before})')")
    after = unread(page)
    page.reload()

    assert after < before
    assert after == unread(page)


def test_html_mail_is_shown_in_a_frame_that_runs_nothing(page: Page) -> None:
    """The sandbox gives neither scripts nor our origin."""
    open_row(page, "The Spoke Letter")
    frame = page.locator(".chosen iframe")

    expect(frame).to_have_attribute("sandbox", "allow-popups allow-popups-to-escape-sandbox")
    expect(page.frame_locator(".chosen iframe").locator("body")).to_contain_text("eleven lights")


def test_keys_walk_the_list_open_and_answer(page: Page) -> None:
    """j, k, Enter, r and u; switched off they do nothing."""
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.locator("#rows .open").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".email.chosen")).to_be_visible()
    page.keyboard.press("r")
    expect(page.get_by_label("Your reply")).to_be_focused()
    page.get_by_label("Your reply").blur()
    page.keyboard.press("u")
    expect(page.locator(".email.chosen")).to_have_count(0)
    page.get_by_text("Keyboard").click()
    page.get_by_label("Use these keys").uncheck()
    page.locator("body").press("j")
    expect(page.locator("#rows .open:focus")).to_have_count(0)


def test_a_reply_goes_out_and_the_answer_comes_in_without_moving_the_list(
    site: Site, page: Page, new_context: NewContext
) -> None:
    """The reply stands in the conversation at once; its answer is announced, not pushed in."""
    watcher = log_in(new_context().new_page(), site)
    first = watcher.locator("#rows .row").first.get_attribute("id")
    open_row(page, CUSTOMER)
    text = page.get_by_label("Your reply")
    quoted = text.input_value()
    text.fill(f"The sizes are right.{quoted}")
    page.get_by_role("button", name="Send").click()

    mine = page.locator(".email", has_text="The sizes are right.").last
    expect(mine.locator(".state")).to_have_text("Accepted", timeout=MAIL_MS)
    expect(watcher.locator("#news")).to_have_text("1 new message", timeout=MAIL_MS)
    assert first == watcher.locator("#rows .row").first.get_attribute("id")
    watcher.locator("#news").click()
    expect(row(watcher, "exactly what I needed")).to_be_visible()


def test_an_empty_reply_is_not_sent(page: Page) -> None:
    """Nor one that only quotes."""
    open_row(page, "Ruth Adeyemi")
    page.get_by_role("button", name="Send").click()

    expect(page.get_by_role("alert")).to_have_text("Not sent: Write something first.")


def test_everything_works_without_javascript(site: Site, new_context: NewContext) -> None:
    """Log in, read, mark, answer: by links and forms alone."""
    page = log_in(new_context(java_script_enabled=False).new_page(), site)
    before = unread(page)
    page.locator(f"{UNREAD} .open").first.click()
    marking = page.locator(".chosen").get_by_role("button", name="Mark as read")
    expect(marking).to_be_visible()
    assert before == unread(page)
    with page.expect_navigation():
        marking.click()
    assert before - 1 == unread(page)
    page.get_by_label("Your reply").fill("Written without a script.")
    page.get_by_role("button", name="Send").click()

    expect(page.locator(".email", has_text="Written without a script.")).to_be_visible()


def test_a_form_of_another_site_changes_nothing(site: Site, page: Page) -> None:
    """A session's cookie alone is not enough: each form needs the session's token."""
    target = page.locator("#rows .open").first.get_attribute("href")
    cookies = {each["name"]: each["value"] for each in page.context.cookies()}

    with httpx.Client(base_url=site.url, cookies=cookies) as client:
        refused = [
            client.post(path, data={"csrf": "0" * 32, "text": "spam"}).status_code
            for path in (f"{target}/reply", f"{target}/read", "/logout")
        ]

    assert [403, 403, 403] == refused


def test_whoever_reads_french_gets_french(site: Site, new_context: NewContext) -> None:
    """The browser's language before the log-in, the user's own after it."""
    site.run("user", "add", "amelie", "--language", "fr", "--password-stdin", told="tres secret\n")
    page = new_context(locale="fr-FR").new_page()
    page.goto(site.url)
    page.get_by_label("Identifiant").fill("amelie")
    page.get_by_label("Mot de passe").fill("tres secret")
    page.get_by_role("button", name="Se connecter").click()

    expect(page.get_by_role("heading", name="Réception")).to_be_visible()
    expect(page.get_by_text("encore configurée pour vous")).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "fr"
