"""Who uses Courrier and how it is set up (stream ``SETTINGS``, written by the gateway only).

``settings.<p>.user.<id>``, ``settings.<p>.account.<id>``, ``settings.<p>.erasure.<id>``.
Secrets are in the vault; an event carries the name of the vault record.
"""

from datetime import date
from typing import ClassVar, Literal

from pydantic import Field

from courrier.events.base import Event, UtcTime, Value

Tls = Literal["implicit", "starttls", "none"]
Privacy = Literal["private", "trace", "shared"]
Distribution = Literal["none", "direct", "round_robin", "least_busy"]


class Server(Value):
    """How to reach and log in to an IMAP or SMTP server; ``secret`` names the vault record.

    With ``oauth``, a provider's name, that record holds tokens in place of a password.
    ``ca_pem`` are authorities to trust beside the usual ones. ``certificate_sha256``, hex, is the
    one certificate to trust, whatever its name and date.
    """

    host: str
    port: int = Field(ge=1, le=65535)
    tls: Tls = "implicit"
    user: str | None = None
    secret: str | None = None
    oauth: str | None = None
    ca_pem: str | None = None
    certificate_sha256: str | None = None


class OAuthProvider(Value):
    """How people sign in with a provider (RFC 6749, RFC 7636), and as whom we ask it.

    ``secret`` names the vault record of the client's secret; None for a public client.
    """

    name: str
    client_id: str
    authorize_url: str
    token_url: str
    revoke_url: str | None = None
    scopes: tuple[str, ...] = ()
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
    time_zone: str = "UTC"
    team_ids: tuple[str, ...] = ()
    role_ids: tuple[str, ...] = ()
    totp_required: bool = False
    positions: dict[str, str] = Field(default_factory=dict)


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


class GroupOptions(Value):
    """What makes a mailbox a team's: who holds its mail, and what else its mail starts.

    Holders are the members of ``team_ids``, unless ``add_team_users`` is false. With
    ``opens_cases`` the first message of a thread opens a case, given out by ``distribution`` within
    ``case_team_id``, or to ``assigned_user_id`` where that is ``direct``. ``reply_template_id``
    answers each sender once in ``reply_period_s``; ``reply_to`` is where their answers go.
    """

    team_ids: tuple[str, ...] = ()
    add_team_users: bool = True
    assigned_user_id: str | None = None
    group_folder_id: str | None = None
    opens_cases: bool = False
    distribution: Distribution = "none"
    case_team_id: str | None = None
    target_position: str | None = None
    reply_template_id: str | None = None
    reply_from_name: str | None = None
    reply_to: str | None = None
    reply_period_s: int = Field(default=86_400, ge=600, le=31_536_000)


class EmailAccountFields(Value):
    """All that is set up about a mailbox; ``group`` only where it is a team's (shared) one.

    ``folder_id`` is where its mail is filed, ``folder_map`` says the same by folder of the server.
    ``sync`` is whether read, flagged and moved go both ways. ``fetch_since`` is the first day whose
    messages are wanted. ``keep_unread`` leaves messages unread on the server. ``fetch_period_s``
    is how often it is asked where there is no push; None: as the system settings say.
    """

    account_id: str
    owner_id: str
    name: str
    address: str
    imap: Server | None = None
    smtp: Server | None = None
    monitored_folders: tuple[str, ...] = ("INBOX",)
    fetch_since: date | None = None
    keep_unread: bool = True
    fetch_period_s: int | None = Field(default=None, ge=15, le=86_400)
    folder_id: str | None = None
    folder_map: dict[str, str] = Field(default_factory=dict)
    store_sent: bool = False
    sent_folder: str | None = None
    sync: Literal["off", "from_server", "both"] = "off"
    privacy: Privacy = "shared"
    signature_html: str | None = None
    group: GroupOptions | None = None


class EmailAccountAdded(EmailAccountFields, Event):
    """A mailbox is to be fetched, or written from, for ``owner_id``."""

    TYPE: ClassVar[str] = "courrier.settings.EmailAccountAdded.v1"


class EmailAccountChanged(EmailAccountFields, Event):
    """The mailbox is set up like this from now on."""

    TYPE: ClassVar[str] = "courrier.settings.EmailAccountChanged.v1"


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
    | EmailAccountChanged
    | EmailAccountPaused
    | EmailAccountResumed
    | EmailAccountRemoved
    | ErasureStarted
    | ErasureFinished
)
