"""The small pages beside the log-in, as a browser without script uses them."""

import re
import time

import httpx
import pytest

from courrier.gateway.domain.totp import STEP_S, code_at
from support.waiting import eventually

from .conftest import Running
from .test_entry_codes import NEW, PASSWORD, Mailed, mailed
from .test_log_in import secret_of

__all__ = ["mailed"]

pytestmark = pytest.mark.integration

CSRF = re.compile(r'name="csrf" value="([^"]+)"')
KEY = re.compile(r"[A-Z2-7]{32}")


def browser(gateway: Running) -> httpx.AsyncClient:
    """Return a browser that follows where it is led."""
    return httpx.AsyncClient(base_url=gateway.url, timeout=15, follow_redirects=True)


async def log_in(page: httpx.AsyncClient, password: str, **more: str) -> httpx.Response:
    """Send the log-in form."""
    form = await page.get("/login")
    csrf = CSRF.search(form.text)
    assert csrf
    fields = {"login": "grace", "password": password, "csrf": csrf[1]} | more
    return await page.post("/login", data=fields)


async def test_a_forgotten_password_is_replaced_by_links(gateway: Running, mailed: Mailed) -> None:
    """The link may be looked at by a scanner of mail: only the form uses the code."""
    await gateway.add_user("grace", email_addresses=["grace@example.test"])
    async with browser(gateway) as page:
        assert "/forgot" in (await page.get("/login")).text
        told = [await page.post("/forgot", data={"login": login}) for login in ("grace", "x")]
        assert [200, 200] == [each.status_code for each in told]
        assert told[0].text == told[1].text
        await eventually(lambda: mailed.orders)
        code = await mailed.code()
        for _ in range(2):
            assert code in (await page.get(f"/r/{code}")).text
        short = await page.post("/r", data={"code": code, "password": "x"})
        assert 422 == short.status_code
        done = await page.post("/r", data={"code": code, "password": NEW})
        assert (200, "/login") == (done.status_code, done.url.path)
        assert "/" == (await log_in(page, NEW)).url.path


async def test_who_has_to_is_led_to_a_second_factor(gateway: Running) -> None:
    """And finds the inbox behind it; the next log-in asks for a code."""
    _, grace_id = await gateway.add_user("grace")
    changed = await gateway.admin.patch(f"/users/{grace_id}", json={"totp_required": True})
    await gateway.admin.get("/me", headers={"Courrier-After": changed.headers["Courrier-Position"]})
    async with browser(gateway) as page:
        begin = await log_in(page, PASSWORD)
        assert "/second-factor" == begin.url.path
        csrf = CSRF.search(begin.text)
        assert csrf
        fields = {"csrf": csrf[1], "password": PASSWORD}
        wrong = await page.post("/second-factor", data=fields | {"password": "x"})
        assert 422 == wrong.status_code
        scan = await page.post("/second-factor", data=fields)
        assert "<svg" in scan.text
        key = KEY.search(scan.text)
        assert key
        secret = secret_of(key[0])
        code = {"csrf": csrf[1], "code": code_at(secret, int(time.time()) // STEP_S)}
        kept = await page.post("/second-factor", data=code)
        recovery = re.search(r"[a-z2-7]{4}(-[a-z2-7]{4}){3}", kept.text)
        assert recovery
    async with browser(gateway) as page:
        asked = await log_in(page, PASSWORD)
        assert 401 == asked.status_code
        assert 'name="code"' in asked.text
        assert "/" == (await log_in(page, PASSWORD, code=recovery[0])).url.path
