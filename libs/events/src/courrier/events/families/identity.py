"""Teams, roles and what became of people (stream ``SETTINGS``, written by the gateway only).

``settings.<p>.user.<id>``, ``settings.<p>.login.<key>``, ``settings.<p>.team.<id>``,
``settings.<p>.role.<id>``. Who was let in is told by ``families/settings.py``.
"""

from typing import ClassVar, Literal

from pydantic import Field

from courrier.events.base import Event, Value

Level = Literal["no", "own", "team", "all"]
"""How far a right reaches: nothing, what is assigned to the person, their teams' too, all."""

OBJECT_TYPES = (
    "account",
    "contact",
    "lead",
    "opportunity",
    "case",
    "task",
    "email",
    "template",
    "target_list",
    "mass_mail",
)
"""The types that roles give rights to."""


class Permission(Value):
    """What a role lets people do with the objects of one type."""

    create: bool = False
    read: Level = "no"
    edit: Level = "no"
    delete: Level = "no"


class RoleFields(Value):
    """A role: rights by object type; a type that is not named is left as it is without roles."""

    name: str
    rights: dict[str, Permission] = Field(default_factory=dict)


class TeamFields(Value):
    """A team; its members have its roles besides their own."""

    name: str
    role_ids: tuple[str, ...] = ()


class UserFields(Value):
    """What is known of a person; ``email_addresses`` are those they may send from.

    Whoever has ``totp_required`` does nothing before they have set up a second factor.
    ``positions`` are words for what they do in a team, by its id.
    """

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


class UserChanged(Event):
    """A person's fields are now ``fields``, all of them; ``changed`` names those that differ."""

    TYPE: ClassVar[str] = "courrier.settings.UserChanged.v1"

    user_id: str
    fields: UserFields
    changed: tuple[str, ...]


class UserDeactivated(Event):
    """The person may not use Courrier any more: sessions end, nothing of theirs runs."""

    TYPE: ClassVar[str] = "courrier.settings.UserDeactivated.v1"

    user_id: str


class UserReactivated(Event):
    """The person may use Courrier again, with a new log-in and new tokens."""

    TYPE: ClassVar[str] = "courrier.settings.UserReactivated.v1"

    user_id: str


class TotpEnabled(Event):
    """The person shows a one-time code at log-in; its secret is in the vault under ``secret``.

    ``recovery`` are SHA-256 digests of codes of 80 random bits, each of which lets them in once.
    """

    TYPE: ClassVar[str] = "courrier.settings.TotpEnabled.v1"

    user_id: str
    secret: str
    recovery: tuple[str, ...]


class TotpDisabled(Event):
    """The password alone lets the person in."""

    TYPE: ClassVar[str] = "courrier.settings.TotpDisabled.v1"

    user_id: str


class RecoveryCodesReplaced(Event):
    """The earlier recovery codes let nobody in any more, these do."""

    TYPE: ClassVar[str] = "courrier.settings.RecoveryCodesReplaced.v1"

    user_id: str
    recovery: tuple[str, ...]


class RecoveryCodeUsed(Event):
    """A recovery code let the person in, and never will again."""

    TYPE: ClassVar[str] = "courrier.settings.RecoveryCodeUsed.v1"

    user_id: str
    digest: str


class LoginClaimed(Event):
    """A log-in name belongs to a user from now on, also after they took another.

    ``login_key`` follows from the name; a name once used is never given to somebody else.
    """

    TYPE: ClassVar[str] = "courrier.settings.LoginClaimed.v1"

    login_key: str
    user_id: str


class TeamCreated(Event):
    """A team exists."""

    TYPE: ClassVar[str] = "courrier.settings.TeamCreated.v1"

    team_id: str
    fields: TeamFields


class TeamChanged(Event):
    """A team's fields are now ``fields``, all of them."""

    TYPE: ClassVar[str] = "courrier.settings.TeamChanged.v1"

    team_id: str
    fields: TeamFields


class TeamRemoved(Event):
    """The team is gone, and with it what its members had by it."""

    TYPE: ClassVar[str] = "courrier.settings.TeamRemoved.v1"

    team_id: str


class RoleCreated(Event):
    """A role exists."""

    TYPE: ClassVar[str] = "courrier.settings.RoleCreated.v1"

    role_id: str
    fields: RoleFields


class RoleChanged(Event):
    """A role's fields are now ``fields``, all of them."""

    TYPE: ClassVar[str] = "courrier.settings.RoleChanged.v1"

    role_id: str
    fields: RoleFields


class RoleRemoved(Event):
    """The role is gone, and what it gave with it."""

    TYPE: ClassVar[str] = "courrier.settings.RoleRemoved.v1"

    role_id: str


class PrivateMailOpened(Event):
    """An administrator looked into mail that was not for them; its holders are shown who and why.

    It was open to them for an hour.
    """

    TYPE: ClassVar[str] = "courrier.settings.PrivateMailOpened.v1"

    email_id: str
    user_id: str
    reason: str


IdentityEvent = (
    UserChanged
    | UserDeactivated
    | UserReactivated
    | TotpEnabled
    | TotpDisabled
    | RecoveryCodesReplaced
    | RecoveryCodeUsed
    | LoginClaimed
    | TeamCreated
    | TeamChanged
    | TeamRemoved
    | RoleCreated
    | RoleChanged
    | RoleRemoved
    | PrivateMailOpened
)
