"""The API as Python: ``with Courrier(url, token) as api: api.records("contact")``."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Self
from urllib.parse import quote

import httpx

from .requests import Requests

Json = dict[str, Any]

POLL_S = 0.5
PAGE = 200
ENDED = ("done", "failed", "cancelled")


class Courrier:
    """One caller. Everything is repeated safely; problems are ``ApiProblem``.

    A read shows whatever this client wrote before. Not for several threads at once.
    """

    def __init__(
        self, url: str, token: str, *, transport: httpx.BaseTransport | None = None
    ) -> None:
        self.requests = Requests(url, token, transport=transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self.requests.http.close()

    def get(self, path: str, **params: Any) -> Json:
        """Return one resource."""
        return _object(self.requests.ask("GET", path, params=_given(params)))

    def post(
        self, path: str, body: Mapping[str, Any] | None = None, key: str | None = None
    ) -> Json:
        """Do something, once: a ``key`` of your own makes it once also across processes."""
        headers = {"Idempotency-Key": key} if key else {}
        content = {} if body is None else {"json": dict(body)}
        return _object(self.requests.ask("POST", path, headers=headers, **content))

    def patch(self, path: str, body: Mapping[str, Any], version: str | None = None) -> Json:
        """Change some fields; with ``version`` only if nobody changed it since."""
        headers = {"If-Match": f'"{version}"'} if version else {}
        return _object(self.requests.ask("PATCH", path, headers=headers, json=dict(body)))

    def delete(self, path: str) -> None:
        """Remove something; what is gone already is no problem on a repeat."""
        self.requests.ask("DELETE", path)

    def pages(self, path: str, **params: Any) -> Iterator[Json]:
        """Yield all items of a list, page by page as they are asked for."""
        query = {"limit": PAGE, **_given(params)}
        while True:
            page = self.get(path, **query)
            yield from page["items"]
            if page["next"] is None:
                return
            query["cursor"] = page["next"]

    def me(self) -> Json:
        """Return who this is."""
        return self.get("/me")

    def users(self) -> Iterator[Json]:
        """Yield the users."""
        return self.pages("/users")

    def email_accounts(self) -> Iterator[Json]:
        """Yield the e-mail accounts that this caller may see."""
        return self.pages("/email-accounts")

    def records(self, record_type: str, **filters: Any) -> Iterator[Json]:
        """Yield records of a type."""
        return self.pages(f"/records/{record_type}", **filters)

    def emails(self, **filters: Any) -> Iterator[Json]:
        """Yield e-mails, newest first."""
        return self.pages("/emails", **filters)

    def parse(self, raw: bytes) -> Json:
        """Read a raw message; nothing is stored."""
        return _object(self.requests.ask("POST", "/emails/parse", **_message(raw)))

    def import_message(
        self, raw: bytes, *, folder: str | None = None, holder: str | None = None, key: str
    ) -> tuple[int, Json]:
        """Archive a raw message: 201 and the e-mail, 200 if held already, 202 and a job."""
        content = _message(raw) | {"params": _given({"folder": folder, "holder": holder})}
        headers = {"Idempotency-Key": key} | content.pop("headers")
        answer = self.requests.ask("POST", "/emails/import", headers=headers, **content)
        return answer.status_code, _object(answer)

    def wait_for(
        self,
        job_id: str,
        *,
        longest_s: float = 3600,
        seen: Callable[[Json], None] | None = None,
    ) -> Json:
        """Return a job once it has ended; ``seen`` is called with it each time it is looked at.

        Raises:
            TimeoutError: it goes on after ``longest_s``.
        """
        deadline = time.monotonic() + longest_s
        while True:
            job = self.get(f"/jobs/{quote(job_id, safe='')}")
            if seen:
                seen(job)
            if job["state"] in ENDED:
                return job
            if time.monotonic() > deadline:
                raise TimeoutError(f"job {job_id} goes on after {longest_s} s")
            time.sleep(POLL_S)

    def events(self, last: str | None = None) -> Iterator[tuple[str, str, Json]]:
        """Yield id, name and data of this caller's view changes as they happen.

        Ends when the connection does: call again with the last id to miss nothing.
        """
        headers = {"Last-Event-ID": last} if last else {}
        event: dict[str, str] = {}
        timeout = httpx.Timeout(30.0)
        http = self.requests.http
        with http.stream("GET", "/events", headers=headers, timeout=timeout) as answer:
            for line in answer.iter_lines():
                if line:
                    name, _, value = line.partition(": ")
                    event[name] = value
                elif "event" in event:
                    yield event.get("id", ""), event["event"], json.loads(event["data"])
                    event = {}


def _message(raw: bytes) -> Json:
    return {"content": raw, "headers": {"Content-Type": "message/rfc822"}}


def _given(params: Mapping[str, Any]) -> Json:
    return {name: value for name, value in params.items() if value is not None}


def _object(answer: httpx.Response) -> Json:
    found = answer.json() if answer.content else {}
    return found if isinstance(found, dict) else {"items": found, "next": None}
