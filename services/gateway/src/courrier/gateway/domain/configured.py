"""Decide on what people set up: folders, filters, templates, ways out, preferences, settings.

Kinds differ in their fields and in who may touch them; their course is one: added, changed,
removed. What is there from the start (preferences, system settings) is only changed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, assert_never

from pydantic import ValidationError

from courrier.events.base import Event, Value
from courrier.events.decider import Decider
from courrier.events.families import configuration as facts
from courrier.events.families import webhooks

from .refusals import InTheWay, NotThere, Unfit, VersionChanged

F = TypeVar("F", bound=Value)


class ItemMissing(NotThere):
    """There is no such thing, or it was removed."""


class ItemExists(InTheWay):
    """The id is taken, or was."""


@dataclass(frozen=True, slots=True)
class Kind(Generic[F]):
    """One kind of thing: its name in subjects, the field that holds its id, and its facts.

    ``added`` and ``removed`` are None for what everybody has from the start.
    """

    name: str
    key: str | None
    fields: type[F]
    changed: type[Event]
    added: type[Event] | None = None
    removed: type[Event] | None = None

    def fact(self, event: type[Event], item_id: str, fields: F | None = None) -> Event:
        """Return a fact of this kind."""
        named: dict[str, Any] = {self.key: item_id} if self.key else {}
        return event.model_validate(named if fields is None else named | {"fields": fields})

    def id_of(self, event: Event) -> str:
        """Return whose fact this is."""
        return str(getattr(event, self.key)) if self.key else SYSTEM_ID


FOLDER = Kind(
    "folder",
    "folder_id",
    facts.FolderFields,
    facts.FolderChanged,
    facts.FolderAdded,
    facts.FolderRemoved,
)
GROUP_FOLDER = Kind(
    "group_folder",
    "group_folder_id",
    facts.GroupFolderFields,
    facts.GroupFolderChanged,
    facts.GroupFolderAdded,
    facts.GroupFolderRemoved,
)
FILTER = Kind(
    "filter",
    "filter_id",
    facts.FilterFields,
    facts.FilterChanged,
    facts.FilterAdded,
    facts.FilterRemoved,
)
TEMPLATE = Kind(
    "template",
    "template_id",
    facts.TemplateFields,
    facts.TemplateChanged,
    facts.TemplateAdded,
    facts.TemplateRemoved,
)
SMTP_ACCOUNT = Kind(
    "smtp_account",
    "smtp_account_id",
    facts.SmtpAccountFields,
    facts.SmtpAccountChanged,
    facts.SmtpAccountAdded,
    facts.SmtpAccountRemoved,
)
WEBHOOK = Kind(
    "webhook",
    "webhook_id",
    webhooks.WebhookFields,
    webhooks.WebhookChanged,
    webhooks.WebhookAdded,
    webhooks.WebhookRemoved,
)
PREFERENCES = Kind("preferences", "user_id", facts.PreferenceFields, facts.PreferencesChanged)
SYSTEM = Kind("system", None, facts.SystemFields, facts.SystemSettingsChanged)
SYSTEM_ID = "settings"
SYSTEM_FOLDERS = ("inbox", "sent", "archive", "trash", "junk")
"""What everybody has; own folders stand beside them."""
SHOWN_FOLDERS = ("inbox", "important", "snoozed", "sent", "archive", "junk", "trash")
"""What everybody sees, in this order; ``important`` and ``snoozed`` take no mail by hand."""
OUT_OF_USE = frozenset({"trash", "junk"})
"""Folders whose mail is in no view of all mail."""
KINDS: tuple[Kind[Any], ...] = (
    FOLDER,
    GROUP_FOLDER,
    FILTER,
    TEMPLATE,
    SMTP_ACCOUNT,
    WEBHOOK,
    PREFERENCES,
    SYSTEM,
)


@dataclass(frozen=True, slots=True)
class AddItem:
    """Set up something new under ``item_id``."""

    item_id: str
    fields: Value


@dataclass(frozen=True, slots=True)
class ChangeItem:
    """Change these fields, the others stay; ``version`` is what the caller saw, None for any."""

    item_id: str
    changes: Mapping[str, Any]
    version: int | None = None


@dataclass(frozen=True, slots=True)
class RemoveItem:
    """Take it away."""

    version: int | None = None


@dataclass(frozen=True, slots=True)
class RestoreItem:
    """Take a removal back; nothing where it is there."""


@dataclass(frozen=True, slots=True)
class Absent:
    """Never set up; ``usual`` are the fields of what everybody has from the start."""

    usual: Value | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """As it is now; ``version`` counts its facts."""

    item_id: str
    fields: Value
    version: int


@dataclass(frozen=True, slots=True)
class Gone:
    """Removed: its id is used again only by who takes that back; ``fields`` are its last ones."""

    item_id: str
    fields: Value
    version: int


ItemState = Absent | Item | Gone
ItemCommand = AddItem | ChangeItem | RemoveItem | RestoreItem


def decider_of(kind: Kind[Any]) -> Decider[ItemState, ItemCommand, Event]:
    """Return how things of this kind are decided.

    ``decide`` raises ``ItemMissing``, ``ItemExists``, ``VersionChanged`` and ``Unfit``.
    """
    initial = Absent(kind.fields() if kind.added is None else None)
    return Decider(
        initial,
        lambda state, command: _decide(kind, state, command),
        lambda state, event: _evolve(kind, state, event),
    )


def _decide(kind: Kind[Any], state: ItemState, command: ItemCommand) -> list[Event]:
    match command:
        case AddItem(item_id, fields):
            if not isinstance(state, Absent) or kind.added is None:
                raise ItemExists("this id is taken")
            return [kind.fact(kind.added, item_id, fields)]
        case ChangeItem(item_id, changes, version):
            before = _fields_of(state)
            check_version(_version_of(state), version)
            after = _changed(before, changes)
            return [] if after == before else [kind.fact(kind.changed, item_id, after)]
        case RestoreItem():
            if not isinstance(state, Gone) or kind.added is None:
                return []
            return [kind.fact(kind.added, state.item_id, state.fields)]
        case RemoveItem(version):
            if not isinstance(state, Item) or kind.removed is None:
                raise ItemMissing("there is no such thing, or no longer")
            check_version(state.version, version)
            return [kind.fact(kind.removed, state.item_id)]
        case _:
            assert_never(command)


def _evolve(kind: Kind[Any], state: ItemState, event: Event) -> ItemState:
    if kind.removed is not None and isinstance(event, kind.removed):
        if isinstance(state, Item):
            return Gone(state.item_id, state.fields, state.version + 1)
        return state
    fields = getattr(event, "fields", None)
    if not isinstance(fields, kind.fields):
        return state
    version = state.version + 1 if isinstance(state, Item | Gone) else 1
    return Item(kind.id_of(event), fields, version)


def _fields_of(state: ItemState) -> Value:
    if isinstance(state, Item):
        return state.fields
    if isinstance(state, Absent) and state.usual is not None:
        return state.usual
    raise ItemMissing("there is no such thing, or no longer")


def _version_of(state: ItemState) -> int:
    return state.version if isinstance(state, Item) else 0


def check_version(now: int, seen: int | None) -> None:
    """Let pass whoever saw what there is now, or does not say what they saw.

    Raises:
        VersionChanged: it is another version by now.
    """
    if seen not in {None, now}:
        raise VersionChanged("somebody changed it since you read it: read it again")


def _changed(before: Value, changes: Mapping[str, Any]) -> Value:
    try:
        return type(before).model_validate(before.model_dump() | dict(changes))
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        pointer = "/" + "/".join(str(part) for part in fault["loc"])
        raise Unfit(str(fault["msg"]), pointer=pointer) from error
