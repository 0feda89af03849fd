"""The demo's mail server: IMAP and SMTP in one process, over the same mailboxes."""

import asyncio
import logging
import signal
import ssl
import warnings
from datetime import UTC, datetime
from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict
from pymap.parsing.message import AppendMessage

from .answers import Customers
from .certificates import ensure_certificates
from .filling import mail_directory
from .folder_names import INBOX
from .imap_server import configuration, open_mailboxes, serve_imap
from .kept_mailboxes import KeptMailboxes
from .people import ADDRESSES
from .smtp_server import Delivery, serve_smtp


class DemoSettings(BaseSettings):
    """Where the mailboxes are and which ports to use."""

    model_config = SettingsConfigDict(env_prefix="COURRIER_DEMO_", frozen=True)

    dir: Path
    password: SecretStr
    imap_port: int
    smtp_port: int


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    logging.basicConfig(level=logging.WARNING)
    # aiosmtpd warns at every connection of what is meant: TLS here is from the first byte.
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", message="Requiring AUTH", category=UserWarning)
    asyncio.run(serve(DemoSettings()))


async def serve(settings: DemoSettings) -> None:
    """Open the mailboxes, then listen; SMTP last, which is what readiness is asked of."""
    config = configuration()
    mailboxes = await open_mailboxes(mail_directory(settings.dir), ADDRESSES)
    files = ensure_certificates(settings.dir)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(files.certificate, files.key)
    password = settings.password.get_secret_value()
    async with Customers(settings.dir / "answered.json", _deliverer(mailboxes)) as customers:
        delivery = Delivery(ADDRESSES, customers.deliver)
        imap = await serve_imap(config, mailboxes, password, port=settings.imap_port, tls=tls)
        smtp = await serve_smtp(delivery, password, port=settings.smtp_port, tls=tls)
        await _stopped()
        imap.close()
        smtp.close()


class _Deliverer:
    def __init__(self, mailboxes: dict[str, KeptMailboxes]) -> None:
        self._mailboxes = mailboxes

    async def __call__(self, recipient: str, content: bytes) -> None:
        inbox = await self._mailboxes[recipient].get_mailbox(INBOX)
        await inbox.append(AppendMessage(content, datetime.now(UTC)), recent=True)


def _deliverer(mailboxes: dict[str, KeptMailboxes]) -> _Deliverer:
    return _Deliverer(mailboxes)


async def _stopped() -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
