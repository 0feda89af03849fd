"""``/preferences`` of a person and ``/settings`` of the system: there from the start, changed."""

from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import Field, StringConstraints
from starlette.responses import Response

from courrier.events.base import Value
from courrier.events.families.configuration import PreferenceFields, SystemFields
from courrier.events.families.settings import Privacy
from courrier.gateway.domain.configured import PREFERENCES, SYSTEM, SYSTEM_ID, ChangeItem, Kind
from courrier.gateway.domain.settings import check_language, check_settings
from courrier.gateway.handlers.configuring import configure, keep_server
from courrier.gateway.handlers.preferences import change_preferences
from courrier.gateway.projections import configured

from .account_forms import ServerBody, ServerShown
from .answers import Facts, answer, answers
from .caller import AdminDep, Caller, CallerDep, GatewayDep, cause_of
from .freshness import Fresh
from .resource import Json
from .routing import CourrierRoute
from .shapes import Shown, example
from .users import Language, TimeZone
from .values import Body, IdText, Line, SignatureHtml
from .versions import SeenVersion

router = APIRouter(route_class=CourrierRoute)

SERVER: Json = {"host": "smtp.example.org", "port": 465, "tls": "implicit", "user": "grace"}
MINE: Json = {
    "language": "en",
    "time_zone": "Europe/Paris",
    "signature_html": "<p>Grace Hopper</p>",
    "reply_above": True,
    "default_account_id": None,
    "undo_send_s": 10,
    "notify_new_mail": True,
    "notify_robots": False,
    "smtp": SERVER,
}
SETTINGS: Json = SystemFields(site_url="https://crm.example.org").model_dump(mode="json")


class PreferencesShown(Shown):
    """How a person likes it."""

    language: str
    time_zone: str
    signature_html: str | None
    reply_above: bool
    default_account_id: str | None
    undo_send_s: int
    notify_new_mail: bool
    notify_robots: bool
    smtp: ServerShown | None


class PreferencesChange(Body):
    """What to change; what is left out stays. ``undo_send_s``: how long a sent mail waits."""

    model_config = example({"signature_html": "<p>Grace Hopper</p>", "language": "fr"})

    language: Language = "en"
    time_zone: TimeZone = "UTC"
    signature_html: SignatureHtml | None = None
    reply_above: bool = True
    default_account_id: IdText | None = None
    undo_send_s: Annotated[int, Field(ge=0, le=120)] = 10
    notify_new_mail: bool = True
    notify_robots: bool = False
    smtp: ServerBody | None = None


class SettingsShown(Shown):
    """What holds for everybody; sizes in bytes, times in seconds."""

    site_url: str | None
    default_language: str
    languages: list[str]
    default_time_zone: str
    b2c: bool
    fetch_period_s: int
    fetch_period_min_s: int
    max_message_bytes: int
    max_attachment_bytes: int
    default_privacy: str
    privacy_levels: list[str]
    personal_accounts: bool
    may_ignore_opt_out: bool


Site = Annotated[Line, StringConstraints(pattern=r"^https?://[^\s/]+(/\S*)?$")]
Bytes = Annotated[int, Field(ge=1024, le=2**31)]


class SettingsChange(Body):
    """What to change for everybody; what is left out stays.

    ``fetch_period_s`` is for servers without push; none is asked more often than every
    ``fetch_period_min_s``.
    """

    model_config = example({"b2c": True, "fetch_period_s": 120})

    site_url: Site | None = None
    default_language: Language = "en"
    languages: Annotated[tuple[Language, ...], Field(min_length=1, max_length=10)] = ("en",)
    default_time_zone: TimeZone = "UTC"
    b2c: bool = False
    fetch_period_s: Annotated[int, Field(ge=15, le=86_400)] = 300
    fetch_period_min_s: Annotated[int, Field(ge=15, le=86_400)] = 60
    max_message_bytes: Bytes = 1024
    max_attachment_bytes: Bytes = 1024
    default_privacy: Privacy = "shared"
    privacy_levels: Annotated[tuple[Privacy, ...], Field(min_length=1, max_length=3)] = ("private",)
    personal_accounts: bool = True
    may_ignore_opt_out: bool = False


@router.get(
    "/preferences",
    tags=["preferences"],
    dependencies=[Fresh],
    responses=answers(MINE, shape=PreferencesShown),
)
async def read_preferences(gateway: GatewayDep, caller: CallerDep) -> Response:
    """How I like it."""
    row = await configured.item_by_id(gateway.pool, PREFERENCES, caller.person.id)
    fields = row.fields if row else PreferenceFields()
    version = row.version if row else 0
    return answer(_mine(caller, fields, {}), 200, Facts(version=str(version)))


@router.patch(
    "/preferences", tags=["preferences"], responses=answers(MINE, 200, 412, shape=PreferencesShown)
)
async def change_my_preferences(
    body: PreferencesChange,
    request: Request,
    gateway: GatewayDep,
    caller: CallerDep,
    seen: SeenVersion,
) -> Response:
    """Like it otherwise; the new signature holds from the next message on."""
    named: dict[str, Any] = {name: getattr(body, name) for name in body.model_fields_set}
    check_language(await configured.system_settings(gateway.pool), named.get("language"))
    if body.smtp is not None:
        secret = f"user.{caller.person.id}.smtp"
        named["smtp"] = await keep_server(gateway.vault, secret, body.smtp.server())
    order = ChangeItem(caller.person.id, named, seen)
    written = await change_preferences(
        gateway.store, caller.person.id, order, cause_of(request, caller)
    )
    shown = _mine(caller, written.fields, named)
    return answer(shown, 200, Facts(written.position, str(written.version)))


@router.get(
    "/settings",
    tags=["settings"],
    dependencies=[Fresh],
    responses=answers(SETTINGS, shape=SettingsShown),
)
async def read_settings(gateway: GatewayDep, _: CallerDep) -> Response:
    """What holds for everybody."""
    row = await configured.item_by_id(gateway.pool, SYSTEM, SYSTEM_ID)
    fields = row.fields if row else SystemFields()
    return answer(_settings(fields), 200, Facts(version=str(row.version if row else 0)))


@router.patch(
    "/settings", tags=["settings"], responses=answers(SETTINGS, 200, 403, 412, shape=SettingsShown)
)
async def change_settings(
    body: SettingsChange, request: Request, gateway: GatewayDep, caller: AdminDep, seen: SeenVersion
) -> Response:
    """Change what holds for everybody; services follow within seconds."""
    named: dict[str, Any] = {name: getattr(body, name) for name in body.model_fields_set}
    check_settings(await configured.system_settings(gateway.pool), named)
    order = ChangeItem(SYSTEM_ID, named, seen)
    cause = cause_of(request, caller)
    kind: Kind[SystemFields] = SYSTEM
    written = await configure(gateway.store, kind, SYSTEM_ID, order, cause)
    shown = _settings(written.fields) if written.fields else SETTINGS
    return answer(shown, 200, Facts(written.position, str(written.version)))


def _settings(fields: Value) -> Json:
    """Providers that people sign in with are at ``/oauth-providers``."""
    return fields.model_dump(mode="json", exclude={"oauth_providers"})


def _mine(caller: Caller, fields: PreferenceFields, changed: dict[str, Any]) -> Json:
    shown = fields.model_dump(mode="json", exclude={"smtp": {"secret"}})
    person = {"language": caller.person.language, "time_zone": caller.person.time_zone}
    return person | {name: changed[name] for name in person if name in changed} | shown
