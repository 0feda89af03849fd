"""Uvicorn on a socket of ours, ended gently."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI
from typing_extensions import override

from courrier.gateway.adapters.bell import NatsBell

STOP_S = 1
BACKLOG = 512


class PortTaken(OSError):
    """The address to serve on is in use or not ours; the text says which."""


class _Server(uvicorn.Server):
    """Uvicorn without its own signal handlers: the process has some."""

    @override
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve_http(app: FastAPI, listener: socket.socket, bell: NatsBell) -> None:
    """Answer requests until cancelled; then let those under way finish for ``STOP_S``."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=STOP_S,
        backlog=BACKLOG,
    )
    server = _Server(config)
    serving = asyncio.ensure_future(server.serve(sockets=[listener]))
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        bell.stop()
        server.should_exit = True
        await serving
        raise


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens.

    Raises:
        PortTaken: somebody else does.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Without the protocol's number asyncio would leave Nagle's algorithm on: 40 ms an answer.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        text = f"cannot serve on {host}:{port} ({error.strerror}); set COURRIER_GATEWAY_PORT"
        raise PortTaken(text) from error
    listener.listen(BACKLOG)
    return listener
