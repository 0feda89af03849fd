"""Who may see and change what is set up: the part of ``access`` for folders, filters and the like.

The same two sets as everywhere: a thing's audience and a person's keys, which meet for one object
here and in SQL for lists. Own folders and filters are nobody else's business, administrators
included; what is for all is theirs to change; templates follow the roles.
"""

from courrier.events.base import Value
from courrier.events.families.configuration import (
    FilterFields,
    FolderFields,
    GroupFolderFields,
    SmtpAccountFields,
    TemplateFields,
)
from courrier.events.families.webhooks import WebhookFields

from .access import LinkedRecord, Person, reach
from .rights import Action

FOR_ADMINISTRATORS = ("group_folder/all", "filter/all", "smtp_account/all")
_OWNED = {FolderFields: "folder/user", WebhookFields: "webhook/administrator"}


def audience_of(fields: Value) -> tuple[str, ...]:
    """Return the keys by which people may have a right to a thing with these fields."""
    match fields:
        case FolderFields() | WebhookFields():
            return (f"{_OWNED[type(fields)]}/{fields.owner_id}",)
        case GroupFolderFields():
            return ("group_folder/all", *(f"group_folder/team/{each}" for each in fields.team_ids))
        case FilterFields():
            return (f"filter/user/{fields.owner_id}" if fields.owner_id else "filter/all",)
        case TemplateFields():
            return LinkedRecord("template", fields.owner_id, fields.team_ids).audience
        case SmtpAccountFields():
            return ("smtp_account/all",)
        case _:
            return ()


def keys_of(person: Person, action: Action = "read") -> tuple[str, ...]:
    """Return what the person holds: what lists show is whatever has one of these."""
    own = (f"folder/user/{person.id}", f"filter/user/{person.id}")
    for_all = (*FOR_ADMINISTRATORS, f"webhook/administrator/{person.id}") if person.is_admin else ()
    teams = tuple(f"group_folder/team/{each}" for each in person.team_ids if action == "read")
    return (*own, *for_all, *teams, *reach(person, action).keys)


def may_touch(person: Person, action: Action, fields: Value) -> bool:
    """Tell whether the person may do this with a thing that has these fields."""
    return not set(keys_of(person, action)).isdisjoint(audience_of(fields))
