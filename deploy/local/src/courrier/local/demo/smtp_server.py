"""SMTP over TLS that really delivers, to the addresses of the demo and to nobody else.

A message to any other address is refused, so that nothing typed into the demo leaves the machine.
"""

import asyncio
import hmac
import ssl
from collections.abc import Awaitable, Callable, Container

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from courrier.local.ports import HOST

MAX_MESSAGE_BYTES = 25 * 1024 * 1024
SESSION_TIMEOUT_S = 300.0

Deliver = Callable[[str, str, bytes], Awaitable[None]]
"""Takes the envelope's sender, one recipient, and the message."""


class Delivery:
    """aiosmtpd's handler: who is accepted, and what happens to a message."""

    def __init__(self, known: Container[str], deliver: Deliver) -> None:
        """``known`` are the addresses delivered to, in lower case."""
        self._known = known
        self._deliver = deliver

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name and arguments
        self,
        server: SMTP,  # noqa: ARG002 - aiosmtpd's arguments
        session: Session,  # noqa: ARG002
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        """Accept the addresses of the demo."""
        if address.lower() not in self._known:
            return "550 5.1.1 the demo delivers to its own customers only"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self,
        server: SMTP,  # noqa: ARG002 - aiosmtpd's arguments
        session: Session,  # noqa: ARG002
        envelope: Envelope,
    ) -> str:
        """Put the message into every recipient's mailbox before it is accepted."""
        content = envelope.content
        if not isinstance(content, bytes):
            return "451 4.3.0 no content"
        sender = envelope.mail_from or ""
        for recipient in envelope.rcpt_tos:
            await self._deliver(sender, recipient.lower(), content)
        return "250 2.0.0 delivered"


async def serve_smtp(
    delivery: Delivery, password: str, *, port: int, tls: ssl.SSLContext
) -> asyncio.Server:
    """Listen; whoever sends must log in with the one password."""
    loop = asyncio.get_running_loop()

    def authenticate(
        server: SMTP,  # noqa: ARG001 - aiosmtpd's arguments
        session: Session,  # noqa: ARG001
        envelope: Envelope,  # noqa: ARG001
        mechanism: str,  # noqa: ARG001
        given: object,
    ) -> AuthResult:
        known = isinstance(given, LoginPassword) and hmac.compare_digest(
            given.password, password.encode()
        )
        return AuthResult(success=known, handled=False)  # it answers 235 or 535 itself

    def connection() -> SMTP:
        return SMTP(
            delivery,
            data_size_limit=MAX_MESSAGE_BYTES,
            enable_SMTPUTF8=True,
            hostname="localhost",
            ident="Courrier demo",
            timeout=SESSION_TIMEOUT_S,
            auth_required=True,
            auth_require_tls=False,  # the port speaks TLS from the first byte
            authenticator=authenticate,
            loop=loop,
        )

    return await loop.create_server(connection, HOST, port, ssl=tls)
