"""What all routes of ours have in common: JSON bodies only where JSON is read, and repeats.

``Idempotency-Key`` on a POST or a PATCH: the first answer is kept for a day and given again; the
same key with another request is a 422, while the first one runs a 409. A refusal changed nothing
and is not kept: the repeat is judged anew. Nor is an answer that says ``Cache-Control: no-store``,
because it holds a secret: the repeat is carried out again, under the same ids, and derives the same
secret.
"""

import json
import re
from collections.abc import Awaitable, Callable
from hashlib import sha256

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.responses import Response
from typing_extensions import override

from courrier.gateway.adapters import kept_answers
from courrier.gateway.adapters.kept_answers import Kept
from courrier.gateway.ports import Gateway

from .caller import KEYED, gateway_of, identify
from .conditional import if_changed
from .problems import Problem

KEY = re.compile(r"[\x21-\x7e]{1,255}\Z")
KEPT_HEADERS = ("courrier-position", "etag", "location", "content-type")
NOT_KEPT = {"/api/v1/emails/parse", "/api/v1/emails/thread"}
"""These change nothing, and their answers are large."""

Handler = Callable[[Request], Awaitable[Response]]


class CourrierRoute(APIRoute):
    """A route under ``/api/v1``."""

    @override
    def get_route_handler(self) -> Handler:  # type: ignore[override]  # a Coroutine is an Awaitable
        """Return the handler with what all routes have in common around it."""
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            body = self.body_field
            if body is not None and (body.field_info.is_required() or _has_body(request)):
                _check_content_type(request)
            is_open = (self.openapi_extra or {}).get("security") == []
            if not is_open and _is_repeatable(request):
                return await _once(request, inner)
            return if_changed(request, await inner(request))

        return handle


def _has_body(request: Request) -> bool:
    chunked = "transfer-encoding" in request.headers
    return chunked or request.headers.get("content-length", "0") != "0"


def _check_content_type(request: Request) -> None:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise Problem(415, "send the body as application/json")


def _is_repeatable(request: Request) -> bool:
    if request.method not in KEYED or "idempotency-key" not in request.headers:
        return False
    if not KEY.match(request.headers["idempotency-key"]):
        raise Problem(400, "an Idempotency-Key has 1 to 255 visible ASCII characters")
    return request.url.path not in NOT_KEPT


async def _once(request: Request, inner: Handler) -> Response:
    gateway = gateway_of(request)
    user_id = (await identify(request)).person.id
    key = request.headers["idempotency-key"]
    digest = request.state.request_digest = await _digest(request, gateway)
    kept = await kept_answers.claim(gateway.pool, user_id, key, digest)
    if kept is not None:
        return _again(kept, digest) or await inner(request)
    try:
        response = await inner(request)
    except BaseException:
        await kept_answers.release(gateway.pool, user_id, key)
        raise
    answer = Kept(digest, response.status_code, _headers(response), _keepable(response))
    await kept_answers.keep(gateway.pool, user_id, key, answer)
    return response


def _keepable(response: Response) -> bytes | None:
    is_secret = response.headers.get("cache-control") == "no-store"
    return None if is_secret else bytes(response.body)


async def _digest(request: Request, gateway: Gateway) -> str:
    """Return a keyed digest of the request: bodies may hold passwords."""
    parts = [request.method, request.url.path, request.url.query]
    parts.append(sha256(await request.body()).hexdigest())
    return gateway.identity.sign("request", json.dumps(parts))


def _again(kept: Kept, digest: str) -> Response | None:
    """Return the kept answer; None if it was not kept."""
    if kept.request != digest:
        text = "this Idempotency-Key was used with another request; use a new one"
        raise Problem(422, text, slug="idempotency-key-reused")
    if kept.status is None:
        text = "the first request with this Idempotency-Key is still running"
        raise Problem(409, text, headers={"Retry-After": "1"}, slug="still-running")
    return None if kept.body is None else Response(kept.body, kept.status, kept.headers)


def _headers(response: Response) -> dict[str, str]:
    return {name: value for name, value in response.headers.items() if name in KEPT_HEADERS}
