"""What operations on people share: where people are written, and how they are shown."""

from typing import Any

from courrier.gateway.domain.user import User
from courrier.gateway.handlers.people import Registry
from courrier.gateway.ports import Gateway
from courrier.gateway.projections.users import UserRow

from .shapes import Shown

USER: dict[str, Any] = {
    "id": "b3f0c1d2e4a5968778695a4b3c2d1e0f",
    "version": "1",
    "login": "ada",
    "name": "Ada Lovelace",
    "email_addresses": ["ada@example.org"],
    "is_admin": False,
    "language": "en",
    "time_zone": "Europe/Paris",
    "team_ids": [],
    "role_ids": [],
    "totp_required": False,
    "positions": {},
    "has_totp": False,
    "is_active": True,
}


class UserShown(Shown):
    """A user as administrators see them."""

    id: str
    version: str
    login: str
    name: str
    email_addresses: list[str]
    is_admin: bool
    language: str
    time_zone: str
    team_ids: list[str]
    role_ids: list[str]
    totp_required: bool
    positions: dict[str, str]
    has_totp: bool
    is_active: bool


def registry_of(gateway: Gateway) -> Registry:
    """Return where people are written."""
    return Registry(gateway.store, gateway.vault, gateway.passwords)


def user_json(user: User | UserRow) -> dict[str, Any]:
    """Return a user as administrators see them."""
    return {
        "id": user.id,
        "version": str(user.version),
        **user.fields.model_dump(mode="json"),
        "has_totp": user.totp is not None if isinstance(user, User) else user.has_totp,
        "is_active": user.is_active,
    }
