"""``/healthz``, ``/readyz`` and ``/metrics`` of a process, answered by a thread of their own.

Liveness asks only whether the event loop turns; it touches no dependency. Readiness is what the
service says of itself. Metrics are Prometheus text.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from prometheus_client import make_wsgi_app

BEAT_S = 1.0
STUCK_S = 15.0


class Health:
    """What this process says of itself; safe to read from the health thread."""

    def __init__(self) -> None:
        self._waiting_for: set[str] = {"start"}
        self._beat = time.monotonic()

    def wait_for(self, *parts: str) -> None:
        """Be unready until each of these parts has called ``ready``."""
        self._waiting_for |= set(parts)

    def ready(self, part: str = "start") -> None:
        """Note that this part has caught up."""
        self._waiting_for.discard(part)

    @property
    def waiting_for(self) -> list[str]:
        """Parts that are not ready yet."""
        return sorted(self._waiting_for)

    @property
    def alive(self) -> bool:
        """Whether the event loop has turned lately."""
        return time.monotonic() - self._beat < STUCK_S

    async def beat(self) -> None:
        """Show for ever that the loop turns."""
        while True:
            self._beat = time.monotonic()
            await asyncio.sleep(BEAT_S)


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base's name
        """Probes come every second: nothing to log."""


def serve_health(health: Health, host: str, port: int) -> Callable[[], None]:
    """Answer probes on ``host:port`` from a daemon thread; return what stops it.

    Raises:
        OSError: the port is taken.
    """
    metrics = make_wsgi_app()

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO")
        if path == "/metrics":
            answer: Iterable[bytes] = metrics(environ, start_response)
            return answer
        status, text = _probe(health, path)
        start_response(status, [("Content-Type", "text/plain; charset=utf-8")])
        return [text.encode() + b"\n"]

    server = make_server(host, port, app, handler_class=_Quiet)
    threading.Thread(target=server.serve_forever, name="health", daemon=True).start()
    return server.shutdown


def _probe(health: Health, path: str | None) -> tuple[str, str]:
    if path == "/healthz":
        return ("200 OK", "alive") if health.alive else ("503 Stuck", "the event loop is stuck")
    if path == "/readyz":
        waiting = health.waiting_for
        return (
            ("503 Waiting", f"waiting for {', '.join(waiting)}") if waiting else ("200 OK", "ready")
        )
    return "404 Not Found", "only /healthz, /readyz and /metrics"
