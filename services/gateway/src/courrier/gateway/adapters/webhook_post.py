"""Calls to other people's servers: no private address, no redirect, bounded in time and size.

A name is looked up once and the call goes to the address that was looked at: whoever answers the
second question differently (DNS rebinding) is not asked.
"""

import asyncio
import socket
from urllib.parse import urlsplit, urlunsplit

import httpx

from courrier.gateway.domain.webhooks import is_public
from courrier.gateway.ports import Answered

LOOK_UP_S = 5.0
CALL_S = 15.0
ANSWER_BYTES = 2048
PORTS = {"https": 443, "http": 80}


class HttpWebhookPost:
    """POST over HTTP; ``private_allowed`` is for receivers on the company's own network."""

    def __init__(self, *, private_allowed: bool) -> None:
        self.private_allowed = private_allowed

    async def post(self, url: str, headers: dict[str, str], body: bytes) -> Answered:
        """Send it and return the answer; trouble on the way is an answer too."""
        try:
            async with asyncio.timeout(CALL_S):
                address = await self._address(url)
                return await self._call(url, address, headers, body)
        except TimeoutError:
            return Answered(None, f"no answer within {CALL_S:.0f} s")
        except _Refused as error:
            return Answered(None, str(error))
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            return Answered(None, f"{type(error).__name__}: {error}"[:ANSWER_BYTES])

    async def _address(self, url: str) -> str:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
        try:
            async with asyncio.timeout(LOOK_UP_S):
                found = await asyncio.get_running_loop().getaddrinfo(
                    host, port, type=socket.SOCK_STREAM
                )
        except socket.gaierror as error:
            raise _Refused(f"the name {host} is not found") from error
        addresses = [str(each[4][0]) for each in found]
        if not self.private_allowed and not all(map(is_public, addresses)):
            raise _Refused(f"{host} is not on the public internet: it is not called")
        return addresses[0]

    async def _call(self, url: str, address: str, headers: dict[str, str], body: bytes) -> Answered:
        parts = urlsplit(url)
        host = f"[{address}]" if ":" in address else address
        at = f"{host}:{parts.port or PORTS[parts.scheme]}"
        request = httpx.Request(
            "POST",
            urlunsplit((parts.scheme, at, parts.path or "/", parts.query, "")),
            headers=headers | {"host": parts.netloc},
            content=body,
            extensions={"sni_hostname": parts.hostname},
        )
        async with httpx.AsyncClient(trust_env=False, timeout=CALL_S) as client:
            answer = await client.send(request, stream=True)
            try:
                return Answered(answer.status_code, await _beginning(answer))
            finally:
                await answer.aclose()


class _Refused(Exception):
    """We do not call this address."""


async def _beginning(answer: httpx.Response) -> str:
    """Return the first characters of an answer; the rest is not read."""
    found = b""
    async for chunk in answer.aiter_raw(ANSWER_BYTES):
        found += chunk
        if len(found) >= ANSWER_BYTES:
            break
    return found[:ANSWER_BYTES].decode("utf-8", "replace").replace("\0", "")
