"""What every answer carries: ids, safe headers; what every request is bounded by."""

import pytest
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from courrier.events import subjects
from courrier.gateway.settings import GatewaySettings
from support.waiting import eventually

from .conftest import Running
from .house import instance
from .test_http_frame import check_problem

pytestmark = pytest.mark.integration

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


async def test_an_answer_can_be_found_in_log_and_events(gateway: Running) -> None:
    """By the id of the request; the caller's trace is taken over, queries are not logged."""
    with capture_logs(processors=[merge_contextvars]) as lines:
        parent = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
        written = await gateway.admin.post(
            "/records/lead?secret=word", json={"name": "Ada"}, headers=parent
        )
        path = "/api/v1/records/lead"
        await eventually(lambda: any(path == line.get("path") for line in lines))
    answered = next(line for line in lines if path == line.get("path"))
    (recorded,) = await gateway.feeder.store.load(subjects.record("lead", written.json()["id"]))

    assert ("POST", "/api/v1/records/lead", 201) == (
        answered["method"],
        answered["path"],
        answered["status"],
    )
    assert gateway.admin_id == answered["person"]
    assert TRACE == answered["trace_id"]
    assert "word" not in str(lines)
    assert written.headers["X-Request-Id"] == recorded.correlation_id
    assert answered["command"] == recorded.causation_id


async def test_every_answer_tells_browsers_to_be_careful(gateway: Running) -> None:
    """Data is not shown as a page and not kept for others; what a route says itself stands."""
    for path in ("/me", "/nothing", "/users"):
        headers = (await gateway.admin.get(path)).headers
        assert "nosniff" == headers["X-Content-Type-Options"]
        assert "default-src 'none'; frame-ancestors 'none'" == headers["Content-Security-Policy"]
        assert "private, no-cache" == headers["Cache-Control"]
    docs = await gateway.admin.get("/docs")
    assert "style-src" in docs.headers["Content-Security-Policy"]


async def test_an_address_may_not_be_endless(gateway: Running) -> None:
    """414, as a problem."""
    for path in ("/records/" + "x" * 9000, "/emails?q=" + "x" * 9000):
        answer = await gateway.admin.get(path)
        assert 414 == answer.status_code
        check_problem(answer)


async def test_head_is_get_without_its_body(gateway: Running) -> None:
    """And OPTIONS says what a resource does, as 405 does."""
    read = await gateway.admin.get("/me")
    head = await gateway.admin.head("/me")
    options = await gateway.admin.options("/emails/x:reply")
    wrong = await gateway.admin.put("/records/lead/x")

    assert (200, b"") == (head.status_code, head.content)
    assert read.headers["Content-Length"] == head.headers["Content-Length"]
    assert (204, "OPTIONS, POST") == (options.status_code, options.headers["Allow"])
    assert (405, "DELETE, GET, HEAD, OPTIONS, PATCH") == (wrong.status_code, wrong.headers["Allow"])
    check_problem(wrong)


async def test_what_did_not_change_is_not_sent_again(gateway: Running) -> None:
    """One resource by its version, a list by what is in it."""
    written = await gateway.admin.post("/records/lead", json={"name": "Ada"})
    path = written.headers["Location"].removeprefix("/api/v1")
    after = {"Courrier-After": written.headers["Courrier-Position"]}
    one, many = [await gateway.admin.get(each, headers=after) for each in (path, "/records/lead")]
    same = [
        await gateway.admin.get(each, headers={"If-None-Match": f'"x", {read.headers["ETag"]}'})
        for each, read in ((path, one), ("/records/lead", many))
    ]
    changed = await gateway.admin.patch(path, json={"name": "Eve"}, headers=after)
    after = {"Courrier-After": changed.headers["Courrier-Position"]}
    others = [
        await gateway.admin.get(each, headers={"If-None-Match": read.headers["ETag"]} | after)
        for each, read in ((path, one), ("/records/lead", many))
    ]

    assert [(304, b""), (304, b"")] == [(each.status_code, each.content) for each in same]
    assert [one.headers["ETag"], many.headers["ETag"]] == [each.headers["ETag"] for each in same]
    assert [200, 200] == [each.status_code for each in others]


async def test_a_program_that_runs_wild_is_told_to_wait(
    gateway: Running, settings: GatewaySettings
) -> None:
    """Every answer says what is left; one request too many is a 429 that says how long."""
    grace, _ = await gateway.add_user("grace")
    narrow = settings.model_copy(update={"gateway_requests_per_minute": 2})
    async with instance(narrow) as url:
        tries = [await grace.get(f"{url}/api/v1/me") for _ in "123"]
        admin = await gateway.admin.get(f"{url}/api/v1/me")
    await grace.aclose()

    assert [200, 200, 429] == [each.status_code for each in tries]
    assert '"person";q=2;w=60' == tries[0].headers["RateLimit-Policy"]
    assert tries[1].headers["RateLimit"].startswith('"person";r=0;t=')
    assert 1 <= int(tries[2].headers["Retry-After"]) <= 61
    assert "RateLimit" not in admin.headers
    check_problem(tries[2])
