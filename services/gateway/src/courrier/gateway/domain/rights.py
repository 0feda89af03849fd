"""What roles add up to: for each type of object the most that any of a person's roles gives.

A type that none of the roles names is as without roles (``DEFAULTS``); a role forbids by naming
a type with level ``no``, and another role of the same person may give what it does not.
"""

from collections.abc import Iterable, Mapping
from typing import Literal

from courrier.events.families.identity import OBJECT_TYPES, Level, Permission, RoleFields

from .refusals import Unfit

Action = Literal["read", "edit", "delete"]
Rights = Mapping[str, Permission]

LEVELS: tuple[Level, ...] = ("no", "own", "team", "all")
OWN = Permission(create=True, read="own", edit="own", delete="own")
EVERYTHING = Permission(create=True, read="all", edit="all", delete="all")
SHARED = Permission(create=True, read="all", edit="own", delete="own")
NOTHING = Permission()

DEFAULTS: Rights = dict.fromkeys(OBJECT_TYPES, OWN) | {"email": SHARED, "template": SHARED}
"""Without a role: one's own records; one's own mail and what others share by their records."""

ADMINISTRATION: Rights = dict.fromkeys(OBJECT_TYPES, EVERYTHING)


class UnknownObjectType(Unfit):
    """A role names a type that nothing is of."""


class WiderThanReading(Unfit):
    """A role lets people change or delete what it does not let them read."""


def effective(roles: Iterable[Rights], *, is_admin: bool = False) -> Rights:
    """Return the rights of somebody with these roles, for every type."""
    if is_admin:
        return ADMINISTRATION
    found = dict(DEFAULTS)
    given: dict[str, Permission] = {}
    for role in roles:
        for name, permission in role.items():
            given[name] = _wider(given.get(name, NOTHING), permission)
    return found | given


def allows(rights: Rights, object_type: str, action: Action) -> Level:
    """Return how far an action reaches; nothing for a type that is not known."""
    permission = rights.get(object_type, NOTHING)
    level: Level = getattr(permission, action)
    return level


def check_role(fields: RoleFields) -> None:
    """Let a role pass that can be given.

    Raises:
        UnknownObjectType: it names a type that does not exist.
        WiderThanReading: it lets people change or delete more than it lets them read.
    """
    for name, permission in fields.rights.items():
        if name not in OBJECT_TYPES:
            raise UnknownObjectType("there is no such type of object", pointer="/rights")
        reading = LEVELS.index(permission.read)
        for action, level in (("edit", permission.edit), ("delete", permission.delete)):
            if LEVELS.index(level) > reading:
                text = "nobody changes or deletes what they may not read"
                raise WiderThanReading(text, pointer=f"/rights/{name}/{action}")


def _wider(one: Permission, other: Permission) -> Permission:
    def most(action: Action) -> Level:
        return max(getattr(one, action), getattr(other, action), key=LEVELS.index)

    return Permission(
        create=one.create or other.create,
        read=most("read"),
        edit=most("edit"),
        delete=most("delete"),
    )
