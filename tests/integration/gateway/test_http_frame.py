"""What holds for every request: identity, problems, repeats, versions, odd bodies."""

import asyncio
import json

import httpx
import pytest

from .conftest import Running
from .house import ADMIN_LOGIN, ADMIN_PASSWORD

pytestmark = pytest.mark.integration

ODD_BODIES: list[bytes] = [
    b"",
    b"\0",
    b"null",
    b"[]",
    b'"text"',
    b"{",
    b"\xff\xfe\xfd",
    b'{"name": "\\u0000"}',
    b'{"name": "\\ud800"}',
    b'{"name": 1e999}',
    b'{"name": ' + b"9" * 5000 + b"}",
    b'{"custom": {"n": ' + b"9" * 4000 + b"}}",
    b'{"custom": {"n": NaN}}',
    b'{"custom": {"n": "\\ud800"}}',
    b'{"custom": {"\\u0000": 1}}',
    b'{"custom": ' + b'{"a":' * 50 + b"1" + b"}" * 50 + b"}",
    b"[" * 100_000,
    b'{"name": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    b'{"email_addresses": ["no address"]}',
    b'{"email_addresses": ["a@b.test\\r\\nBcc: c@d.test"]}',
    b'{"email_addresses": null}',
    b'{"fetch_since": "99999-01-01", "imap": {"port": 1e30}}',
    b'{"text": "x", "to": [{"address": "\\u0000@b.test"}], "send": true}',
    b'{"is_read": "maybe"}',
    b'{"login": "\\ud800", "password": "\\u0000"}',
    b'{"expires_at": "0001-01-01T00:00:00+14:00"}',
    b'{"expires_at": 1e18, "name": "x"}',
]
WRITES = [
    ("POST", "/records/contact"),
    ("PATCH", "/records/contact/" + "0" * 32),
    ("POST", "/email-accounts"),
    ("POST", "/session"),
    ("POST", "/tokens"),
    ("POST", "/users"),
    ("POST", "/emails"),
    ("PATCH", "/emails/" + "0" * 32),
    ("POST", "/emails/" + "0" * 32 + ":reply"),
]
ODD_READS = [
    "/emails/%00",
    "/emails/a%00b",
    "/emails/%ED%A0%80",
    "/emails?folder=%00",
    "/emails?thread=%00",
    "/emails?parent=contact:%00",
    "/emails?parent=%00",
    "/emails?cursor=%00",
    "/emails?cursor=AAAA",
    "/emails?limit=99999999999999999999999999",
    "/emails?limit=-1",
    "/emails?fields=%00,%ff",
    "/records/contact?cursor=" + "A" * 199,
    "/records/nonsense",
    "/records/contact/%00",
    "/people?q=%00",
    "/people?q=%25%5C_",
    "/people",
    "/jobs/%00",
    "/email-accounts/%00/status",
    "/emails/" + "0" * 32 + "/attachments/99999999999999999999",
    "/emails/" + "0" * 32 + "/attachments/x",
    "/schemas/%00",
    "/nothing",
]


def check_problem(answer: httpx.Response) -> None:
    """Assert that an answer is good, or a 4xx problem of RFC 9457 with a request id."""
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json", answer.text
        body = answer.json()
        assert {"type", "title", "status", "detail", "request_id"} <= body.keys()
        assert body["request_id"] == answer.headers["x-request-id"]


async def test_odd_bodies_are_the_clients_mistake(gateway: Running) -> None:
    """Whatever is sent wherever, there is never a 5xx."""
    for method, path in WRITES:
        for body in ODD_BODIES:
            headers = {"Content-Type": "application/json"}
            answer = await gateway.admin.request(method, path, content=body, headers=headers)
            check_problem(answer)


async def test_odd_addresses_are_the_clients_mistake(gateway: Running) -> None:
    """Neither in paths nor in queries nor in headers."""
    for path in ODD_READS:
        check_problem(await gateway.admin.get(path))
    for header in ("Courrier-After", "Last-Event-ID", "If-Match", "Authorization", "Cookie"):
        for value in (b"\xff\xfe", b"1.EMAIL:99999999999999999999", b"x" * 5000, b"Bearer \xe9"):
            headers = [(header.encode(), value)]
            check_problem(await gateway.admin.get("/records/contact", headers=headers))


async def test_bodies_of_another_type_are_refused(gateway: Running) -> None:
    """A form or a text is no JSON, even if it looks like some."""
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        headers = {"Content-Type": kind}
        body = b'{"name": "x"}'
        answer = await gateway.admin.post("/records/contact", content=body, headers=headers)
        assert answer.status_code == 415
        check_problem(answer)


async def test_a_body_over_the_limit_is_refused(gateway: Running) -> None:
    """And the client that is still sending gets to read why."""
    for path, size in (("/records/contact", 2), ("/emails/parse", 5), ("/emails/import", 5)):
        answer = await gateway.admin.post(path, content=b"x" * size * 1024 * 1024)
        assert answer.status_code in {413, 415}, path
        check_problem(answer)


async def test_the_field_at_fault_is_named(gateway: Running) -> None:
    """By JSON pointer, and nothing of what was sent is repeated."""
    body = {"email_addresses": ["ada@example.test", "secret nonsense"]}
    answer = await gateway.admin.post("/records/contact", json=body)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/email_addresses/1"
    assert "secret" not in answer.text


async def test_nobody_reads_anything(gateway: Running) -> None:
    """Every operation of the interface asks who is there, but those that say they do not."""
    document = (await gateway.admin.get("/openapi.json")).json()
    async with gateway.client() as nobody:
        for path, verbs in document["paths"].items():
            for verb, operation in verbs.items():
                if operation.get("security") == []:
                    continue
                url = path.removeprefix("/api/v1").replace("{record_type}", "contact")
                url = url.replace("{number}", "0").replace("{email_id}", "0").split("{")[0]
                answer = await nobody.request(verb, url)
                assert answer.status_code in {401, 404, 405, 415}, (verb, path, answer.text)


async def test_a_browser_session_needs_its_csrf_token(gateway: Running) -> None:
    """The cookie alone writes nothing; logging out ends it."""
    async with gateway.client() as browser:
        log_in = {"login": ADMIN_LOGIN.upper(), "password": ADMIN_PASSWORD}
        opened = await browser.post("/session", json=log_in)
        cookie = opened.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        csrf = {"X-CSRF-Token": opened.json()["csrf_token"]}

        assert (await browser.get("/me")).json()["csrf_token"] == csrf["X-CSRF-Token"]
        assert (await browser.post("/records/lead", json={"name": "x"})).status_code == 403
        written = await browser.post("/records/lead", json={"name": "x"}, headers=csrf)
        assert written.status_code == 201
        assert (await browser.delete("/session", headers=csrf)).status_code == 204
        assert (await browser.get("/me")).status_code == 401


async def test_a_wrong_password_opens_nothing(gateway: Running) -> None:
    """Nor does an unknown login; both sound the same, and guessing gets slow."""
    async with gateway.client() as client:
        wrong = await client.post("/session", json={"login": ADMIN_LOGIN, "password": "guess"})
        unknown = await client.post("/session", json={"login": "nobody", "password": "guess"})
        assert (401, 401) == (wrong.status_code, unknown.status_code)
        assert wrong.json()["detail"] == unknown.json()["detail"]
        tries = [
            await client.post("/session", json={"login": "nobody", "password": "guess"})
            for _ in range(6)
        ]
        assert tries[-1].status_code == 429
        assert int(tries[-1].headers["retry-after"]) >= 1


async def test_a_revoked_token_opens_nothing(gateway: Running) -> None:
    """From the moment that its revocation can be read."""
    issued = await gateway.admin.post("/tokens", json={"name": "x", "scopes": ["read"]})
    after = {"Courrier-After": issued.headers["Courrier-Position"]}
    listed = (await gateway.admin.get("/tokens", headers=after)).json()["items"]
    async with gateway.client(issued.json()["token"]) as reader:
        assert issued.json()["id"] in {token["id"] for token in listed}
        assert issued.json()["token"] not in json.dumps(listed)
        assert (await reader.get("/me")).status_code == 200
        assert (await reader.post("/records/lead", json={"name": "x"})).status_code == 403

        revoked = await gateway.admin.delete(f"/tokens/{issued.json()['id']}")
        after = {"Courrier-After": revoked.headers["Courrier-Position"]}
        await gateway.admin.get("/tokens", headers=after)
        assert (await reader.get("/me")).status_code == 401


async def test_a_repeated_post_is_done_once(gateway: Running) -> None:
    """Same key and body, same answer; another body is refused; so it is for tokens."""
    key = {"Idempotency-Key": "k1"}
    first = await gateway.admin.post("/records/lead", json={"name": "Ada"}, headers=key)
    again = await gateway.admin.post("/records/lead", json={"name": "Ada"}, headers=key)
    other = await gateway.admin.post("/records/lead", json={"name": "Eve"}, headers=key)
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert first.headers["Courrier-Position"] == again.headers["Courrier-Position"]
    assert other.status_code == 422


async def test_a_repeated_secret_is_the_same_and_kept_nowhere(gateway: Running) -> None:
    """It is derived anew; another request under its key is refused all the same."""
    key = {"Idempotency-Key": "k4"}
    tokens = [await gateway.admin.post("/tokens", json={"name": "x"}, headers=key) for _ in "12"]
    other = await gateway.admin.post("/tokens", json={"name": "y"}, headers=key)
    kept = await gateway.pool.fetch("SELECT body FROM kept_answers")

    assert tokens[0].json() == tokens[1].json()
    assert tokens[0].headers["Cache-Control"] == "no-store"
    assert other.status_code == 422
    assert [None] == [row["body"] for row in kept]


async def test_a_refusal_is_judged_anew(gateway: Running) -> None:
    """It changed nothing: once its cause is mended, the same key carries out the request."""
    key = {"Idempotency-Key": "k5"}
    refused = await gateway.admin.post("/records/lead", json={"nmae": "Ada"}, headers=key)
    mended = await gateway.admin.post("/records/lead", json={"name": "Ada"}, headers=key)

    assert (422, 201) == (refused.status_code, mended.status_code)


async def test_repeats_at_the_same_time_make_one_record(gateway: Running) -> None:
    """One is carried out, the others hear that it runs or get its answer."""
    key = {"Idempotency-Key": "k2"}
    tries = [
        gateway.admin.post("/records/lead", json={"name": "Ada"}, headers=key) for _ in range(8)
    ]
    answers = await asyncio.gather(*tries)

    assert {201} <= {answer.status_code for answer in answers} <= {201, 409}
    assert len({a.json()["id"] for a in answers if a.status_code == 201}) == 1


async def test_a_repeat_after_a_crash_makes_no_second_record(gateway: Running) -> None:
    """The answer was lost, the fact was not: its id follows from the person and the key."""
    key = {"Idempotency-Key": "k3"}
    first = await gateway.admin.post("/records/lead", json={"name": "Ada"}, headers=key)
    pool = gateway.pool
    await pool.execute("DELETE FROM gateway_state.kept_answers")
    again = await gateway.admin.post("/records/lead", json={"name": "Ada"}, headers=key)

    assert again.status_code == 201
    assert first.json()["id"] == again.json()["id"]
