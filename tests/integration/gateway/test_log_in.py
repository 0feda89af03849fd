"""The door: sessions that can be seen and ended, guesses that wait, a second factor."""

import asyncio
import time
from base64 import b32decode

import httpx
import pytest

from courrier.gateway.domain.throttle import PATIENCE
from courrier.gateway.domain.totp import STEP_S, code_at
from courrier.gateway.settings import GatewaySettings

from .conftest import Running
from .house import instance

pytestmark = pytest.mark.integration

PASSWORD = "a good password"


class Browser:
    """A client with a cookie and its CSRF token."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.csrf: dict[str, str] = {}

    async def log_in(self, login: str, **more: str) -> httpx.Response:
        """Try to log in."""
        body = {"login": login, "password": PASSWORD} | more
        answer = await self.client.post("/session", json=body)
        if answer.status_code == 201:
            self.csrf = {"X-CSRF-Token": answer.json()["csrf_token"]}
        return answer

    async def post(self, path: str, **body: str) -> httpx.Response:
        """Send a body."""
        return await self.client.post(path, json=body, headers=self.csrf)


def secret_of(key: str) -> bytes:
    """Return the bytes of a key as an authenticator reads them."""
    return b32decode(key + "=" * (-len(key) % 8))


def code_now(secret: bytes, steps_ahead: int = 0) -> str:
    """Return what an authenticator shows."""
    return code_at(secret, int(time.time()) // STEP_S + steps_ahead)


async def test_sessions_are_seen_and_ended_at_once(gateway: Running) -> None:
    """One by one, all the others, by an administrator; nobody ends another's."""
    _, grace_id = await gateway.add_user("grace")
    here, there = Browser(gateway.client()), Browser(gateway.client())
    for browser in (here, there):
        assert 201 == (await browser.log_in("grace")).status_code

    listed = (await here.client.get("/sessions")).json()["items"]
    other = next(each for each in listed if not each["is_current"])
    mine = next(each for each in listed if each["is_current"])
    linus, _ = await gateway.add_user("linus")
    assert 403 == (await linus.get(f"/sessions?user={grace_id}")).status_code
    assert 404 == (await linus.delete(f"/sessions/{other['id']}")).status_code
    path = f"/sessions/{other['id']}"
    assert 403 == (await here.client.delete(path)).status_code
    assert 204 == (await here.client.delete(path, headers=here.csrf)).status_code
    assert 401 == (await there.client.get("/me")).status_code
    assert 200 == (await here.client.get("/me")).status_code
    ended = await gateway.admin.delete(f"/sessions/{mine['id']}?user={grace_id}")
    assert (204, 401) == (ended.status_code, (await here.client.get("/me")).status_code)


async def test_a_new_password_ends_every_session(gateway: Running) -> None:
    """It takes the old one, and a browser: a token is not the person."""
    token, _ = await gateway.add_user("grace")
    here, there = Browser(gateway.client()), Browser(gateway.client())
    for browser in (here, there):
        await browser.log_in("grace")
    change = {"password": PASSWORD, "new_password": "a better password"}

    assert 403 == (await token.post("/me/password", json=change)).status_code
    assert 403 == (await here.post("/me/password", **(change | {"password": "x"}))).status_code
    assert 422 == (await here.post("/me/password", **(change | {"new_password": "x"}))).status_code
    assert 204 == (await here.post("/me/password", **change)).status_code
    assert {401} == {(await each.client.get("/me")).status_code for each in (here, there)}
    assert 401 == (await here.log_in("grace")).status_code
    assert 201 == (await here.log_in("grace", password="a better password")).status_code


async def test_guesses_wait_on_every_instance(gateway: Running, settings: GatewaySettings) -> None:
    """A login that is nobody's waits the same; many at once are counted one by one."""
    await gateway.add_user("grace")
    async with instance(settings) as second:
        other = httpx.AsyncClient(base_url=f"{second}/api/v1", timeout=15)
        for login in ("grace", "nobody"):
            clients = [gateway.client(), other] * PATIENCE["pair"].free
            bodies = {"login": login, "password": "wrong"}
            tries = [client.post("/session", json=bodies) for client in clients]
            answers = await asyncio.gather(*tries)
            statuses = [answer.status_code for answer in answers]
            assert PATIENCE["pair"].free == statuses.count(401), statuses
            assert {401, 429} == set(statuses)
            late = next(each for each in answers if each.status_code == 429)
            assert int(late.headers["Retry-After"]) >= 1
        await other.aclose()


async def test_a_second_factor_is_set_up_used_and_lost(gateway: Running) -> None:
    """A code lets one in once, a recovery code once ever, an administrator takes it away."""
    _, grace_id = await gateway.add_user("grace")
    browser = Browser(gateway.client())
    await browser.log_in("grace")
    assert 422 == (await browser.post("/me/totp:confirm", code="123456")).status_code
    offered = (await browser.post("/me/totp", password=PASSWORD)).json()
    secret = secret_of(offered["key"])
    assert offered["qr_svg"].startswith("<svg")
    assert 422 == (await browser.post("/me/totp:confirm", code="000000")).status_code
    confirmed = await browser.post("/me/totp:confirm", code=code_now(secret))
    assert 200 == confirmed.status_code, confirmed.text
    codes = confirmed.json()["recovery_codes"]

    new = Browser(gateway.client())
    needed = await new.log_in("grace")
    assert (401, "code-needed") == (needed.status_code, needed.json()["type"].split("/")[-1])
    assert "wrong-log-in" in (await new.log_in("grace", password="x", code="1")).json()["type"]
    code = code_now(secret, steps_ahead=1)
    assert 201 == (await new.log_in("grace", code=code)).status_code
    again = await new.log_in("grace", code=code)
    assert (401, "wrong-code") == (again.status_code, again.json()["type"].split("/")[-1])
    assert 201 == (await new.log_in("grace", code=codes[0].upper())).status_code
    assert 401 == (await new.log_in("grace", code=codes[0])).status_code

    renewed = await new.post("/me/recovery-codes", code=codes[1])
    assert 200 == renewed.status_code, renewed.text
    assert 401 == (await new.log_in("grace", code=codes[2])).status_code
    removed = await gateway.admin.post(f"/users/{grace_id}/totp:remove")
    assert 204 == removed.status_code
    assert 401 == (await browser.client.get("/me")).status_code
    assert 201 == (await browser.log_in("grace")).status_code


async def test_who_has_to_set_up_a_second_factor_does_nothing_before(gateway: Running) -> None:
    """An administrator may ask for it."""
    _, grace_id = await gateway.add_user("grace")
    change = await gateway.admin.patch(f"/users/{grace_id}", json={"totp_required": True})
    after = {"Courrier-After": change.headers["Courrier-Position"]}
    await gateway.admin.get("/users", headers=after)
    browser = Browser(gateway.client())

    assert (await browser.log_in("grace")).json()["user"]["must_enrol"]
    assert 403 == (await browser.client.get("/emails")).status_code
    offered = (await browser.post("/me/totp", password=PASSWORD)).json()
    code = code_now(secret_of(offered["key"]))
    confirmed = await browser.post("/me/totp:confirm", code=code)

    after = {"Courrier-After": confirmed.headers["Courrier-Position"]}
    await gateway.admin.get("/users", headers=after)
    assert 200 == (await browser.client.get("/emails")).status_code
