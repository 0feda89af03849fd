"""Whether a part serves, asked the way an orchestrator would ask."""

import asyncio

from .ports import HOST

PROBE_TIMEOUT_S = 2.0
STATUS_LINE_BYTES = 64


async def http_ok(port: int, path: str) -> bool:
    """Return whether ``GET path`` on this port of loopback is answered 200 in time."""
    try:
        async with asyncio.timeout(PROBE_TIMEOUT_S):
            return await _status(port, path) == b"200"
    except (OSError, TimeoutError, EOFError):
        return False


async def accepts(port: int) -> bool:
    """Return whether something accepts connections on this port of loopback."""
    try:
        async with asyncio.timeout(PROBE_TIMEOUT_S):
            _, writer = await asyncio.open_connection(HOST, port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True


async def _status(port: int, path: str) -> bytes:
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        request = f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n"
        writer.write(request.encode())
        words = (await reader.readline())[:STATUS_LINE_BYTES].split()
    finally:
        writer.close()
    return words[1] if len(words) > 1 else b""
