"""The forms of e-mail accounts and group accounts: what is sent, what is shown."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from courrier.events.families.settings import Distribution, GroupOptions, Privacy
from courrier.gateway.domain.email_account import Account
from courrier.gateway.handlers.email_accounts import NewServer
from courrier.gateway.projections.email_accounts import AccountRow

from .shapes import Shown, example
from .values import AddressText, Body, IdText, Line, LongText, Password, SignatureHtml

Json = dict[str, Any]
Sync = Literal["off", "from_server", "both"]
Folders = Annotated[tuple[Line, ...], Field(min_length=1, max_length=200)]
FolderMap = Annotated[dict[Line, IdText], Field(max_length=200)]
CaPem = Annotated[LongText, Field(max_length=30_000, pattern="-----BEGIN CERTIFICATE-----")]
Fingerprint = Annotated[str, Field(pattern="^(?:[0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}$")]
TeamIds = Annotated[tuple[IdText, ...], Field(max_length=200)]

SERVER: Json = {"host": "imap.example.org", "port": 993, "tls": "implicit", "user": "grace"}
ACCOUNT: Json = {
    "id": "a1b2c3d4e5f60718293a4b5c6d7e8f90",
    "version": "1",
    "owner_id": "b3f0c1d2e4a5968778695a4b3c2d1e0f",
    "name": "Work",
    "address": "grace@example.org",
    "imap": SERVER,
    "smtp": SERVER | {"host": "smtp.example.org", "port": 465},
    "monitored_folders": ["INBOX"],
    "fetch_since": "2026-01-01",
    "keep_unread": True,
    "fetch_period_s": None,
    "folder_id": None,
    "folder_map": {},
    "store_sent": False,
    "sent_folder": None,
    "sync": "off",
    "privacy": "shared",
    "signature_html": None,
    "group": None,
    "state": "working",
    "paused_reason": None,
}
GROUP: Json = GroupOptions(opens_cases=True, distribution="round_robin").model_dump(mode="json")
GROUP_ACCOUNT: Json = ACCOUNT | {
    "name": "Support",
    "address": "support@example.org",
    "group": GROUP,
}
NEW_ACCOUNT: Json = {
    "name": "Work",
    "address": "grace@example.org",
    "imap": {"host": "imap.example.org", "port": 993, "user": "grace", "password": "…"},
    "smtp": {"host": "smtp.example.org", "port": 465, "user": "grace", "password": "…"},
}
SERVERS = ("imap", "smtp")
RARE = ("oauth", "ca_pem", "certificate_sha256")


class ServerShown(Shown):
    """How a server is reached; never the password.

    With ``oauth`` somebody signed in with that provider; ``certificate_sha256`` is the one
    certificate that is trusted, ``ca_pem`` an authority that is trusted beside the usual ones.
    """

    host: str
    port: int
    tls: str
    user: str | None
    oauth: str | None = None
    ca_pem: str | None = None
    certificate_sha256: str | None = None


class AccountShown(Shown):
    """An e-mail account; ``state`` as in its status."""

    id: str
    version: str
    owner_id: str
    name: str
    address: str
    imap: ServerShown | None
    smtp: ServerShown | None
    monitored_folders: list[str]
    fetch_since: date | None
    keep_unread: bool
    fetch_period_s: int | None
    folder_id: str | None
    folder_map: dict[str, str]
    store_sent: bool
    sent_folder: str | None
    sync: str
    privacy: str
    signature_html: str | None
    group: dict[str, Any] | None
    state: str
    paused_reason: str | None = Field(description="As `folder-removed`; null unless paused.")


class FetchShown(Shown):
    """Fetching was asked for."""


class ServerBody(Body):
    """How to reach a server and log in; the password goes to the vault and never comes back.

    ``ca_pem``: authorities of your own to trust. ``certificate_sha256``, hex: the one certificate
    to trust, as ``:test`` shows it; for servers that signed theirs themselves.
    """

    host: Line
    port: int = Field(ge=1, le=65535)
    tls: Literal["implicit", "starttls", "none"] = "implicit"
    user: Line | None = None
    password: Password | None = None
    ca_pem: CaPem | None = None
    certificate_sha256: Fingerprint | None = None

    def server(self) -> NewServer:
        """Return it for the handler."""
        return NewServer(**self.model_dump())


class AccountFieldsBody(Body):
    """What personal and group accounts have in common, and may change.

    ``privacy`` unless given is the system's default. ``folder_id`` is where its mail is filed,
    ``folder_map`` says the same by folder of the server. With ``sync`` off and ``keep_unread``
    false, what is fetched is marked read on the server. ``fetch_period_s`` is for servers without
    push; None: as the system settings say.
    """

    imap: ServerBody | None = None
    smtp: ServerBody | None = None
    monitored_folders: Folders = ("INBOX",)
    fetch_since: date | None = None
    keep_unread: bool = True
    fetch_period_s: int | None = Field(default=None, ge=15, le=86_400)
    folder_id: IdText | None = None
    folder_map: FolderMap = Field(default_factory=dict)
    store_sent: bool = False
    sent_folder: Line | None = None
    sync: Sync = "off"
    privacy: Privacy = "shared"
    signature_html: SignatureHtml | None = None

    def named(self) -> Json:
        """Return what was sent, but the servers."""
        named = {name: getattr(self, name) for name in self.model_fields_set - set(SERVERS)}
        if "monitored_folders" in named:
            named["monitored_folders"] = tuple(dict.fromkeys(self.monitored_folders))
        return named

    def servers(self) -> Iterator[tuple[str, NewServer | None]]:
        """Yield the servers that were sent, by name; None takes one away."""
        for name in SERVERS:
            if name in self.model_fields_set:
                body: ServerBody | None = getattr(self, name)
                yield name, body.server() if body else None


class AccountBody(AccountFieldsBody):
    """A mailbox to set up; ``owner_id`` is the caller unless an administrator names another."""

    model_config = example(NEW_ACCOUNT)

    name: Line
    address: AddressText
    owner_id: IdText | None = None


class AccountChange(AccountFieldsBody):
    """What to change; a server without a password keeps the one it has, on the same host."""

    model_config = example({"fetch_since": "2025-01-01", "privacy": "private"})

    name: Line = "-"
    address: AddressText = "-"


class GroupBody(Body):
    """What makes a mailbox a team's; with ``opens_cases`` its threads become cases.

    ``reply_template_id`` answers people who write, each once in ``reply_period_s`` seconds.
    """

    team_ids: TeamIds = ()
    add_team_users: bool = True
    assigned_user_id: IdText | None = None
    group_folder_id: IdText | None = None
    opens_cases: bool = False
    distribution: Distribution = "none"
    case_team_id: IdText | None = None
    target_position: Line | None = None
    reply_template_id: IdText | None = None
    reply_from_name: Line | None = None
    reply_to: AddressText | None = None
    reply_period_s: int = Field(default=86_400, ge=600, le=31_536_000)

    def options(self) -> GroupOptions:
        """Return them for the order."""
        return GroupOptions(**self.model_dump())


class GroupAccountBody(AccountBody):
    """A shared mailbox to set up."""

    model_config = example(
        NEW_ACCOUNT | {"name": "Support", "address": "support@example.org", "group": GROUP}
    )

    group: GroupBody = Field(default_factory=GroupBody)


class GroupAccountChange(AccountChange):
    """What to change; ``group`` replaces all of it."""

    model_config = example({"group": GROUP})

    group: GroupBody = Field(default_factory=GroupBody)


def account_json(row: AccountRow) -> Json:
    """Return an account as answers show it; never a password or the name of a secret."""
    return {
        "id": row.id,
        "version": str(row.version),
        "owner_id": row.owner_id,
        "name": row.name,
        "address": row.address,
        "imap": _shown(row.imap),
        "smtp": _shown(row.smtp),
        "monitored_folders": row.monitored_folders,
        "fetch_since": row.fetch_since,
        "keep_unread": row.keep_unread,
        **row.options,
        "state": row.state,
        "paused_reason": row.paused,
    }


def account_shown(account: Account, state: str) -> Json:
    """Return an account that was just set up or changed, in the same form."""
    secret = {"secret": True}
    hidden: Json = {"account_id": True, "imap": secret, "smtp": secret}
    fields = account.facts.model_dump(mode="json", exclude=hidden)
    fields |= {name: _shown(fields[name]) for name in SERVERS}
    known = {"id": account.account_id, "version": str(account.version), "state": state}
    return {**known, **fields, "paused_reason": account.paused_reason}


def _shown(server: Json | None) -> Json | None:
    """What is rare is there only where it is so."""
    if server is None:
        return None
    rare = {name: server[name] for name in RARE if server.get(name)}
    return {name: server.get(name) for name in ("host", "port", "tls", "user")} | rare
