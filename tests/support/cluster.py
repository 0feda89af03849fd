"""A cluster of three NATS servers on loopback, whose members are killed, frozen and started again.

Streams have three replicas. Nothing is authenticated; each server keeps its directory and ports.
"""

import asyncio
import json
import os
import signal
import urllib.request
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nats.aio.client import Client

from courrier.events.jetstream.accounts import MAX_PAYLOAD_BYTES
from courrier.events.jetstream.api import ApiError, request_api
from courrier.events.jetstream.connection import Broker, connect
from courrier.events.jetstream.streams import apply_streams
from courrier.events.store import StoreUnavailable
from courrier.local import nats_server
from courrier.local.launch import Launch, Running, base_environment
from courrier.local.ports import HOST, free_port
from support.waiting import eventually

SIZE = 3
READY_S = 30.0
PROBE_S = 1.0

CONFIGURATION = """
server_name: {name}
listen: "{host}:{port}"
http: "{host}:{monitor_port}"
max_payload: {max_payload}
jetstream {{ store_dir: "{store}", sync_interval: 2m }}
cluster {{ name: courrier, listen: "{host}:{route_port}", routes: [{routes}] }}
"""


@dataclass(slots=True)
class Node:
    """One server of the cluster; ``running`` is None while it is dead."""

    name: str
    directory: Path
    port: int = field(default_factory=free_port)
    monitor_port: int = field(default_factory=free_port)
    route_port: int = field(default_factory=free_port)
    running: Running | None = None

    @property
    def url(self) -> str:
        """Where clients find it."""
        return f"nats://{HOST}:{self.port}"

    def configure(self, others: Sequence["Node"]) -> None:
        """Write its configuration."""
        self.directory.mkdir(parents=True, exist_ok=True)
        routes = ", ".join(f'"nats://{HOST}:{other.route_port}"' for other in others)
        (self.directory / "nats.conf").write_text(
            CONFIGURATION.format(
                name=self.name,
                host=HOST,
                port=self.port,
                monitor_port=self.monitor_port,
                route_port=self.route_port,
                max_payload=MAX_PAYLOAD_BYTES,
                store=self.directory / "store",
                routes=routes,
            )
        )

    def start(self) -> None:
        """Start it, the first time or again."""
        self.running = Running(
            Launch(
                name=self.name,
                argv=(str(nats_server.binary()), "-c", str(self.directory / "nats.conf")),
                log=self.directory / "nats.log",
                env=base_environment(),
            )
        )

    def kill(self) -> None:
        """End it between any two instructions."""
        if self.running:
            self.running.kill()
            self.running = None

    def freeze(self) -> None:
        """Let it do nothing more, its connections open."""
        assert self.running
        os.killpg(self.running.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        assert self.running
        os.killpg(self.running.pid, signal.SIGCONT)

    def asked(self, path: str) -> dict[str, Any]:
        """Return what its monitoring port says; empty while it says nothing."""
        try:
            url = f"http://{HOST}:{self.monitor_port}{path}"
            with urllib.request.urlopen(url, timeout=PROBE_S) as answer:
                return dict(json.load(answer))
        except (OSError, ValueError):
            return {}


@dataclass(slots=True)
class Cluster:
    """Three servers."""

    nodes: list[Node]

    @property
    def url(self) -> str:
        """All of them, for ``Broker.url``."""
        return ",".join(node.url for node in self.nodes)

    def named(self, name: str) -> Node:
        """Return a server by name."""
        return next(node for node in self.nodes if node.name == name)

    async def connect(self, name: str, *, only: Node | None = None) -> Client:
        """Connect to any of them, or to one in particular (the others are found from there)."""
        return await connect(Broker(only.url if only else self.url, name))

    async def leader(self, client: Client, stream: str) -> Node:
        """Return the stream's leader, once it has one."""
        found: list[str] = []

        async def has_one() -> bool:
            try:
                answer = await request_api(client, f"STREAM.INFO.{stream}")
            except (StoreUnavailable, ApiError):
                return False
            found[:] = [answer.get("cluster", {}).get("leader") or ""]
            return bool(found[0])

        await eventually(has_one, READY_S)
        return self.named(found[0])

    async def is_whole(self, client: Client, stream: str) -> bool:
        """Tell whether all replicas of a stream are there and up to date."""
        try:
            answer = await request_api(client, f"STREAM.INFO.{stream}")
        except (StoreUnavailable, ApiError):
            return False
        replicas = answer.get("cluster", {}).get("replicas") or []
        return len(replicas) == SIZE - 1 and all(
            each.get("current") and not each.get("offline") for each in replicas
        )


@asynccontextmanager
async def start_cluster(directory: Path) -> AsyncIterator[Cluster]:
    """Run a cluster with all streams, until the block ends."""
    nodes = [Node(f"n{number}", directory / f"n{number}") for number in range(SIZE)]
    for node in nodes:
        node.configure([other for other in nodes if other is not node])
        node.start()
    cluster = Cluster(nodes)
    try:
        await eventually(lambda: all(node.asked("/healthz") for node in nodes), READY_S)
        await _declare(cluster)
        yield cluster
    finally:
        for node in nodes:
            node.kill()


async def _declare(cluster: Cluster) -> None:
    client = await cluster.connect("admin")
    try:

        async def is_declared() -> bool:
            try:
                await apply_streams(client, SIZE)
            except (ApiError, StoreUnavailable):  # no leader of all streams yet
                return False
            return True

        await eventually(is_declared, READY_S)
        await eventually(lambda: _have_leaders(client), READY_S)
    finally:
        await client.close()


async def _have_leaders(client: Client) -> bool:
    answer = await asyncio.wait_for(request_api(client, "STREAM.LIST"), READY_S)
    streams = answer.get("streams") or []
    return bool(streams) and all(each.get("cluster", {}).get("leader") for each in streams)
