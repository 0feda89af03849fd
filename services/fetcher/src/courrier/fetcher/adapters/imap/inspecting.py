"""Try a mailbox as an account would use it, and find out within nine seconds what is wrong."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Literal, cast

from cryptography import x509

from courrier.events.commands.mailboxes import CertificateSeen, Step
from courrier.events.families.settings import Server
from courrier.events.runtime.tls import fingerprint, unchecked
from courrier.fetcher.adapters.imap import session
from courrier.fetcher.adapters.imap.connection import ImapConnection
from courrier.fetcher.adapters.imap.errors import FAILURES, failure
from courrier.fetcher.adapters.imap.protocol import ImapProtocol
from courrier.fetcher.domain.failures import CannotFetch, FolderMissing, trouble
from courrier.fetcher.domain.folders import Folder, find
from courrier.fetcher.ports import Inspected

CONNECT_S = 5.0
"""Seconds to a greeting; slower servers are too slow for a person who waits."""
LOOK_S = 2.0
"""Seconds for a second look at what stands in the way."""
WHOLE_S = 7.0


async def inspect(
    way: session.Way, server: Server, secret: str, wanted: Sequence[str]
) -> Inspected:
    """Return what was found; whatever goes wrong on the way is part of it."""
    look = _Look(replace(way, within_s=CONNECT_S), server)
    try:
        async with asyncio.timeout(WHOLE_S):
            return await look.at(secret, wanted)
    except FAILURES as error:
        found = failure(error, server)
    finally:
        look.end()
    return await look.explained(found)


class _Look:
    def __init__(self, way: session.Way, server: Server) -> None:
        self._way = way
        self._server = server
        self._step: Step = "connect"
        self._protocol: ImapProtocol | None = None
        self._seen = Inspected("connect")

    async def at(self, secret: str, wanted: Sequence[str]) -> Inspected:
        self._protocol = await session.connect(self._server, self._way)
        self._step = "log-in"
        can = await session.log_in(self._protocol, self._server, secret)
        self._step = "folder"
        connection = ImapConnection(self._protocol, self._server, can)
        await connection.enable_utf8_names()
        listing = tuple(await connection.folders())
        self._seen = Inspected("folder", folders=listing, capabilities=can)
        for name in wanted:
            await connection.open(_there(name, listing).name)
        return replace(self._seen, step="done")

    def end(self) -> None:
        if self._protocol is not None:
            self._protocol.abort()

    async def explained(self, found: CannotFetch) -> Inspected:
        """Return the failure with what a second look tells of it."""
        step = cast("Step", found.step)
        if found.problem in {"timed-out", "disconnected"}:
            step = self._step
            if step == "connect" and await self._wants_tls():
                return replace(self._seen, step="tls", failure=self._trouble("tls-wanted"))
        seen = replace(self._seen, step=step, failure=found)
        if step != "tls" or self._server.tls == "none":
            return seen
        return replace(seen, certificate=await _certificate(self._server, self._way))

    async def _wants_tls(self) -> bool:
        """Tell whether a server that says nothing in clear speaks TLS."""
        if self._server.tls == "implicit":
            return False
        return await _certificate(self._as("implicit"), self._way) is not None

    def _as(self, tls: Literal["implicit"]) -> Server:
        return self._server.model_copy(update={"tls": tls})

    def _trouble(self, problem: str) -> CannotFetch:
        return trouble(problem, host=self._server.host, port=self._server.port)


def _there(name: str, listing: Sequence[Folder]) -> Folder:
    folder = find(name, listing)
    if folder is None:
        raise FolderMissing(name)
    return folder


async def _certificate(server: Server, way: session.Way) -> CertificateSeen | None:
    """Return the certificate that a server shows, whoever signed it; nothing is sent to it."""
    anybody = server.model_copy(update={"certificate_sha256": None})
    with suppress(CannotFetch, *FAILURES):
        open_way = replace(way, context=unchecked(), within_s=LOOK_S)
        protocol = await session.connect(anybody, open_way)
        try:
            shown = protocol.transport and protocol.transport.get_extra_info("ssl_object")
            return _read(shown.getpeercert(binary_form=True), fingerprint(shown)) if shown else None
        finally:
            protocol.abort()
    return None


def _read(der: bytes, sha256: str) -> CertificateSeen | None:
    with suppress(ValueError):
        certificate = x509.load_der_x509_certificate(der)
        return CertificateSeen(
            sha256=sha256,
            subject=certificate.subject.rfc4514_string()[:300],
            issuer=certificate.issuer.rfc4514_string()[:300],
            not_before=certificate.not_valid_before_utc,
            not_after=certificate.not_valid_after_utc,
        )
    return None
