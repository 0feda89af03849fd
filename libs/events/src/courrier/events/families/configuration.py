"""What people and administrators set up (stream ``SETTINGS``, written by the gateway only).

``settings.<p>.<kind>.<id>`` with the kinds ``folder``, ``group_folder``, ``filter``, ``template``
and ``smtp_account``; ``preferences.<user id>`` and ``system.settings`` are there from the start
and only change. ``fields`` are always all of them, as they are now. Secrets are in the vault.
"""

from typing import ClassVar, Literal

from pydantic import Field

from courrier.events.base import Event, Value
from courrier.events.families.settings import OAuthProvider, Privacy, Server

FilterScope = Literal["global", "user", "account", "group"]
FilterAction = Literal["skip", "move", "group_move", "none"]


class FolderFields(Value):
    """A person's own folder; ``skip_notification`` keeps its mail quiet."""

    owner_id: str
    name: str
    order: int = 0
    skip_notification: bool = False


class FolderAdded(Event):
    """A person made a folder."""

    TYPE: ClassVar[str] = "courrier.settings.FolderAdded.v1"

    folder_id: str
    fields: FolderFields


class FolderChanged(Event):
    """The folder was renamed, moved in the list, or silenced."""

    TYPE: ClassVar[str] = "courrier.settings.FolderChanged.v1"

    folder_id: str
    fields: FolderFields


class FolderRemoved(Event):
    """The folder is gone; its mail is in the Inbox again."""

    TYPE: ClassVar[str] = "courrier.settings.FolderRemoved.v1"

    folder_id: str


class GroupFolderFields(Value):
    """A folder that the members of its teams share."""

    name: str
    order: int = 0
    team_ids: tuple[str, ...] = ()


class GroupFolderAdded(Event):
    """An administrator made a folder for teams."""

    TYPE: ClassVar[str] = "courrier.settings.GroupFolderAdded.v1"

    group_folder_id: str
    fields: GroupFolderFields


class GroupFolderChanged(Event):
    """The folder has another name, place, or teams."""

    TYPE: ClassVar[str] = "courrier.settings.GroupFolderChanged.v1"

    group_folder_id: str
    fields: GroupFolderFields


class GroupFolderRemoved(Event):
    """The folder is gone; its mail is in its readers' Inbox."""

    TYPE: ClassVar[str] = "courrier.settings.GroupFolderRemoved.v1"

    group_folder_id: str


class FilterFields(Value):
    """A rule on arriving mail: all criteria that are set must match; with none it never does.

    ``from_``, ``to`` and ``subject`` may hold ``*``; ``size_over`` is bytes. What it keeps out can
    be had back for ``recovery_delay_s``. ``paused_reason``: an unwanted rest, ``folder-removed``.
    """

    name: str
    scope: FilterScope
    owner_id: str | None = None
    account_id: str | None = None
    from_: str | None = Field(default=None, alias="from")
    to: str | None = None
    subject: str | None = None
    body_contains: tuple[str, ...] = ()
    body_contains_all: tuple[str, ...] = ()
    has_attachment: bool | None = None
    list_id: str | None = None
    size_over: int | None = None
    action: FilterAction = "none"
    folder_id: str | None = None
    mark_read: bool = False
    important: bool = False
    skip_notification: bool = False
    order: int = 0
    active: bool = True
    recovery_delay_s: int = Field(default=3600, ge=0, le=2_592_000)
    paused_reason: str | None = None


class FilterAdded(Event):
    """A filter works from now on."""

    TYPE: ClassVar[str] = "courrier.settings.FilterAdded.v1"

    filter_id: str
    fields: FilterFields


class FilterChanged(Event):
    """The filter works differently from now on; what it did stays."""

    TYPE: ClassVar[str] = "courrier.settings.FilterChanged.v1"

    filter_id: str
    fields: FilterFields


class FilterRemoved(Event):
    """The filter is gone; what it did stays."""

    TYPE: ClassVar[str] = "courrier.settings.FilterRemoved.v1"

    filter_id: str


class TemplateFields(Value):
    """A text to write with; ``one_off`` retires it after its mass mail.

    ``attachment_ids`` are of uploads. ``category`` is a free word.
    """

    owner_id: str | None = None
    name: str
    subject: str = ""
    html: str | None = None
    text: str | None = None
    one_off: bool = False
    active: bool = True
    category: str | None = None
    team_ids: tuple[str, ...] = ()
    attachment_ids: tuple[str, ...] = ()


class TemplateAdded(Event):
    """A template exists."""

    TYPE: ClassVar[str] = "courrier.settings.TemplateAdded.v1"

    template_id: str
    fields: TemplateFields


class TemplateChanged(Event):
    """The template reads differently; ``aggregateversion`` tells its versions apart."""

    TYPE: ClassVar[str] = "courrier.settings.TemplateChanged.v1"

    template_id: str
    fields: TemplateFields


class TemplateRemoved(Event):
    """The template is gone."""

    TYPE: ClassVar[str] = "courrier.settings.TemplateRemoved.v1"

    template_id: str


class SmtpAccountFields(Value):
    """A way out that is nobody's own: the ``system``'s, or one granted to teams (``shared``).

    The system's sends invitations and the like; with ``is_shared`` everybody may write from it.
    """

    name: str
    scope: Literal["system", "shared"] = "shared"
    address: str
    from_name: str | None = None
    smtp: Server
    is_shared: bool = False
    team_ids: tuple[str, ...] = ()


class SmtpAccountAdded(Event):
    """Mail may leave by this server."""

    TYPE: ClassVar[str] = "courrier.settings.SmtpAccountAdded.v1"

    smtp_account_id: str
    fields: SmtpAccountFields


class SmtpAccountChanged(Event):
    """It is reached, or shared, differently."""

    TYPE: ClassVar[str] = "courrier.settings.SmtpAccountChanged.v1"

    smtp_account_id: str
    fields: SmtpAccountFields


class SmtpAccountRemoved(Event):
    """Nothing leaves by it any more."""

    TYPE: ClassVar[str] = "courrier.settings.SmtpAccountRemoved.v1"

    smtp_account_id: str


class PreferenceFields(Value):
    """How a person likes it. ``smtp`` is their own way out, ``undo_send_s`` a delay in seconds."""

    signature_html: str | None = None
    reply_above: bool = True
    default_account_id: str | None = None
    undo_send_s: int = Field(default=10, ge=0, le=120)
    notify_new_mail: bool = True
    notify_robots: bool = False
    smtp: Server | None = None


class PreferencesChanged(Event):
    """A person likes it otherwise from now on."""

    TYPE: ClassVar[str] = "courrier.settings.PreferencesChanged.v1"

    user_id: str
    fields: PreferenceFields


class SystemFields(Value):
    """What holds for everybody; sizes in bytes. ``site_url`` is where links in mail lead.

    ``fetch_period_s`` is how often mailboxes without push are asked, unless an account says
    otherwise; none is asked more often than every ``fetch_period_min_s``. In ``b2c`` a contact may
    be the parent of mail.
    """

    site_url: str | None = None
    default_language: str = "en"
    languages: tuple[str, ...] = ("en", "fr")
    default_time_zone: str = "UTC"
    b2c: bool = False
    fetch_period_s: int = Field(default=300, ge=15, le=86_400)
    fetch_period_min_s: int = Field(default=60, ge=15, le=86_400)
    max_message_bytes: int = Field(default=50 * 1024 * 1024, ge=1024)
    max_attachment_bytes: int = Field(default=25 * 1024 * 1024, ge=1024)
    default_privacy: Privacy = "shared"
    privacy_levels: tuple[Privacy, ...] = ("private", "trace", "shared")
    personal_accounts: bool = True
    may_ignore_opt_out: bool = False
    oauth_providers: dict[str, OAuthProvider] = Field(default_factory=dict)


class SystemSettingsChanged(Event):
    """An administrator changed what holds for everybody."""

    TYPE: ClassVar[str] = "courrier.settings.SystemSettingsChanged.v1"

    fields: SystemFields


ConfigurationEvent = (
    FolderAdded
    | FolderChanged
    | FolderRemoved
    | GroupFolderAdded
    | GroupFolderChanged
    | GroupFolderRemoved
    | FilterAdded
    | FilterChanged
    | FilterRemoved
    | TemplateAdded
    | TemplateChanged
    | TemplateRemoved
    | SmtpAccountAdded
    | SmtpAccountChanged
    | SmtpAccountRemoved
    | PreferencesChanged
    | SystemSettingsChanged
)
