"""Requests to the broker's JetStream API, with a time limit and errors as exceptions."""

import json
from typing import Any

import nats.errors
from nats.aio.client import Client

from courrier.events.store import StoreUnavailable

API_TIMEOUT_S = 5.0
NOT_FOUND = 404
PASSING = 503
"""'Temporarily unavailable', as between two leaders."""


class ApiError(RuntimeError):
    """The broker answered and declined: ``code`` as in HTTP, ``err_code`` the broker's own."""

    def __init__(self, subject: str, error: dict[str, Any]) -> None:
        self.code = int(error.get("code", 0))
        self.err_code = int(error.get("err_code", 0))
        super().__init__(f"{subject}: {error.get('description', 'declined')} ({self.err_code})")


async def request_api(
    client: Client, subject: str, body: object = None, *, missing_ok: bool = False
) -> dict[str, Any]:
    """Return the broker's answer to ``$JS.API.<subject>``; empty for a 404 that is ``missing_ok``.

    Raises:
        ApiError: the broker declined.
        StoreUnavailable: no answer within ``API_TIMEOUT_S``, or 'not now'.
    """
    payload = json.dumps(body).encode() if body is not None else b""
    try:
        message = await client.request(f"$JS.API.{subject}", payload, timeout=API_TIMEOUT_S)
    except (TimeoutError, nats.errors.Error) as error:
        raise StoreUnavailable(f"NATS did not answer {subject}: {error!r}") from error
    answer: dict[str, Any] = json.loads(message.data)
    if declined := answer.get("error"):
        if missing_ok and declined.get("code") == NOT_FOUND:
            return {}
        if declined.get("code") == PASSING:
            raise StoreUnavailable(f"{subject}: {declined.get('description')}")
        raise ApiError(subject, declined)
    return answer
