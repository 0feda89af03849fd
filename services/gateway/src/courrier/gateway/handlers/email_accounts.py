"""Pause, resume and remove mailboxes; how one is set up stands in ``account_setup``."""

from dataclasses import dataclass

from courrier.events import subjects
from courrier.events.families.settings import Server, Tls
from courrier.events.store import EventStore
from courrier.gateway.domain.email_account import AccountCommand, email_account

from .facts import Cause, Written, carry_out


@dataclass(frozen=True, slots=True, kw_only=True)
class NewServer:
    """An IMAP or SMTP server and how to log in; the password is in clear here and nowhere else."""

    host: str
    port: int
    tls: Tls = "implicit"
    user: str | None = None
    password: str | None = None
    ca_pem: str | None = None
    certificate_sha256: str | None = None

    def __repr__(self) -> str:
        """Never show the password."""
        return f"NewServer({self.host}:{self.port})"

    def as_logged(self, secret: str | None) -> Server:
        """Return what the log may hold; ``secret`` names the vault record of the password."""
        return Server(
            host=self.host,
            port=self.port,
            tls=self.tls,
            user=self.user,
            secret=secret,
            ca_pem=self.ca_pem,
            certificate_sha256=self.certificate_sha256,
        )


async def change_account(
    store: EventStore, account_id: str, order: AccountCommand, cause: Cause
) -> Written:
    """Carry out an order on an account.

    Raises:
        AccountMissing: there is no such account.
    """
    subject = subjects.email_account(account_id)
    return await carry_out(store, subject, email_account, order, cause)
