"""Who uses Courrier and how it is set up (stream ``SETTINGS``, written by the gateway only).

``settings.<p>.user.<id>``, ``settings.<p>.account.<id>``, ``settings.<p>.erasure.<id>``.
Secrets are in the vault; an event carries the name of the vault record.
"""

from datetime import date
from typing import ClassVar, Literal

from pydantic import Field

from courrier.events.base import Event, UtcTime, Value

Tls = Literal["implicit", "starttls", "none"]


class Server(Value):
    """How to reach and log in to an IMAP or SMTP server; ``secret`` names the vault record."""

    host: str
    port: int = Field(ge=1, le=65535)
    tls: Tls = "implicit"
    user: str | None = None
    secret: str | None = None


class UserAdded(Event):
    """A person may use Courrier. ``email_addresses`` are those they may send from."""

    TYPE: ClassVar[str] = "courrier.settings.UserAdded.v1"

    user_id: str
    login: str
    name: str
    email_addresses: tuple[str, ...] = ()
    is_admin: bool = False
    language: str = "en"


class PasswordSet(Event):
    """The person's password changed; its argon2id hash is in the vault under ``secret``."""

    TYPE: ClassVar[str] = "courrier.settings.PasswordSet.v1"

    user_id: str
    secret: str


class TokenIssued(Event):
    """An API token exists. ``digest`` is the hex SHA-256 of its 256 random bits."""

    TYPE: ClassVar[str] = "courrier.settings.TokenIssued.v1"

    token_id: str
    user_id: str
    name: str
    digest: str
    scopes: tuple[str, ...] = ()
    expires_at: UtcTime | None = None


class TokenRevoked(Event):
    """The token opens nothing any more."""

    TYPE: ClassVar[str] = "courrier.settings.TokenRevoked.v1"

    token_id: str
    user_id: str


class EmailAccountAdded(Event):
    """A mailbox is to be fetched, or written from, for ``owner_id``."""

    TYPE: ClassVar[str] = "courrier.settings.EmailAccountAdded.v1"

    account_id: str
    owner_id: str
    name: str
    address: str
    imap: Server | None = None
    smtp: Server | None = None
    monitored_folders: tuple[str, ...] = ("INBOX",)
    fetch_since: date | None = None
    keep_unread: bool = True


class EmailAccountPaused(Event):
    """Nothing is fetched from the account until it is resumed."""

    TYPE: ClassVar[str] = "courrier.settings.EmailAccountPaused.v1"

    account_id: str
    reason: str = "asked"


class EmailAccountResumed(Event):
    """The account is fetched again."""

    TYPE: ClassVar[str] = "courrier.settings.EmailAccountResumed.v1"

    account_id: str


class EmailAccountRemoved(Event):
    """The account is gone; its e-mails stay with their holders."""

    TYPE: ClassVar[str] = "courrier.settings.EmailAccountRemoved.v1"

    account_id: str


class ErasureStarted(Event):
    """An administrator had an address, or one e-mail, erased; the counts are those of the plan.

    ``erasure_id`` is the keyed hash of the address, or the e-mail's id. Without an
    ``ErasureFinished`` after it, the erasure is half done: giving the order again resumes it.
    """

    TYPE: ClassVar[str] = "courrier.settings.ErasureStarted.v1"

    erasure_id: str
    kind: Literal["address", "email"]
    planned: dict[str, int] = Field(default_factory=dict)


class ErasureFinished(Event):
    """Nothing that was asked for is left in any store; ``removed`` counts what went, by kind."""

    TYPE: ClassVar[str] = "courrier.settings.ErasureFinished.v1"

    erasure_id: str
    removed: dict[str, int] = Field(default_factory=dict)


SettingsEvent = (
    UserAdded
    | PasswordSet
    | TokenIssued
    | TokenRevoked
    | EmailAccountAdded
    | EmailAccountPaused
    | EmailAccountResumed
    | EmailAccountRemoved
    | ErasureStarted
    | ErasureFinished
)
