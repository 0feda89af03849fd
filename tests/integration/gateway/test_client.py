"""The Python client against a running gateway: paged, repeated safely, reading its writes."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import TypeVar

import httpx
import pytest
from typing_extensions import override

from courrier.gateway.client.courrier import Courrier
from courrier.gateway.client.problems import ApiProblem, Unreachable

from .conftest import Running
from .test_live import mail

pytestmark = pytest.mark.integration

T = TypeVar("T")
LEADS = [f"Lead {number}" for number in range(5)]


class LosesAnswers(httpx.HTTPTransport):
    """A network on which the first answer to every write is lost after the write."""

    def __init__(self) -> None:
        super().__init__()
        self.lost: set[str] = set()

    @override
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = super().handle_request(request)
        key = f"{request.method} {request.url.path} {request.headers.get('idempotency-key')}"
        if request.method != "GET" and key not in self.lost:
            self.lost.add(key)
            raise httpx.ReadError("the connection was reset")
        return answer


async def using(gateway: Running, work: Callable[[Courrier], T], *, lossy: bool = False) -> T:
    """Do something with the client, in a thread: it is for programs that are not asynchronous."""
    transport = LosesAnswers() if lossy else None
    token = gateway.admin.headers["Authorization"].removeprefix("Bearer ")

    @contextmanager
    def opened() -> Iterator[Courrier]:
        with Courrier(gateway.url, token, transport=transport) as api:
            yield api

    def run() -> T:
        with opened() as api:
            return work(api)

    return await asyncio.to_thread(run)


async def test_a_client_reads_what_it_wrote(gateway: Running) -> None:
    """At once, in pages that it asks for itself."""

    def work(api: Courrier) -> tuple[list[str], str]:
        for name in LEADS:
            api.post("/records/lead", {"name": name, "force": True})
        pages = api.pages("/records/lead", limit=2, fields="name")
        return sorted(each["name"] for each in pages), api.me()["user"]["login"]

    assert (LEADS, "admin") == await using(gateway, work)


async def test_lost_answers_lose_nothing_and_double_nothing(gateway: Running) -> None:
    """The client asks again with the same key."""

    def work(api: Courrier) -> list[str]:
        made = api.post("/records/lead", {"name": "Ada"})
        path = f"/records/lead/{made['id']}"
        api.patch(path, {"status": "new"}, version=made["version"])
        gone = api.post("/records/lead", {"name": "Quite another"})
        api.delete(f"/records/lead/{gone['id']}")
        return [f"{each['name']} {each['status']}" for each in api.records("lead")]

    assert ["Ada new"] == await using(gateway, work, lossy=True)


async def test_view_changes_come_as_they_happen_and_resume(gateway: Running) -> None:
    """A line that was closed goes on behind the last id: nothing is missed, nothing comes twice."""
    after = {"Courrier-After": await gateway.feeder.feed(mail(gateway, 1))}
    await gateway.admin.get("/folders", headers=after)

    def work(api: Courrier) -> list[str]:
        begun = list(islice(api.events(last="0"), 1))
        rest = list(islice(api.events(last=begun[-1][0]), 2))
        return [name for _, name, _ in (*begun, *rest)]

    assert ["email", "counters", "notification"] == await using(gateway, work)


async def test_a_problem_is_an_exception_that_says_what_to_do(gateway: Running) -> None:
    """With the fields at fault; a gateway that is not there is told as such."""

    def wrong(api: Courrier) -> None:
        api.post("/records/contact", {"email_addresses": ["nonsense"]})

    with pytest.raises(ApiProblem) as caught:
        await using(gateway, wrong)

    assert (422, "unfit-value") == (caught.value.status, caught.value.slug)
    assert "/email_addresses/0" in str(caught.value)


def test_nobody_there_is_said_plainly() -> None:
    """After a few tries."""
    with Courrier("http://127.0.0.1:9", "courrier_x") as api, pytest.raises(Unreachable):
        api.requests.ask("GET", "/me")
