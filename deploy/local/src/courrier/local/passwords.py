"""Every secret of one system, generated once and kept in a file that only the owner reads."""

import base64
import os
import secrets
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from courrier.events.jetstream.accounts import ALL_USERS
from courrier.events.jetstream.permissions import SERVICES

from .files import read_object, write_json
from .refusal import Refused

MASTER_KEY_BYTES = 32
PASSWORD_BYTES = 24
SPOKEN_BYTES = 9  # of those that people type: 72 bits


def _generated() -> str:
    return secrets.token_urlsafe(PASSWORD_BYTES)


def _spoken() -> str:
    return secrets.token_urlsafe(SPOKEN_BYTES)


def _master_key() -> str:
    return base64.b64encode(os.urandom(MASTER_KEY_BYTES)).decode()


def _with_every_user(kept: dict[str, str]) -> dict[str, str]:
    """A user that is newer than the file gets a password too."""
    return {user: _generated() for user in ALL_USERS} | kept


class Passwords(BaseModel):
    """``nats`` by user, ``database`` by role; ``admin`` and ``demo`` are typed by people."""

    model_config = ConfigDict(frozen=True, extra="allow")

    master_key: str = Field(default_factory=_master_key, repr=False)
    nats: Annotated[dict[str, str], AfterValidator(_with_every_user)] = Field(
        default_factory=dict, validate_default=True, repr=False
    )
    database: dict[str, str] = Field(
        default_factory=lambda: {role: _generated() for role in SERVICES}, repr=False
    )
    superuser: str = Field(default_factory=_generated, repr=False)
    admin: str = Field(default_factory=_spoken, repr=False)
    demo: str = Field(default_factory=_spoken, repr=False)


def load_or_generate(path: Path) -> Passwords:
    """Return what is in the file; what is missing there is generated and written first.

    Raises:
        Refused: the file is damaged; nothing is overwritten, since the master key is in it.
    """
    try:
        kept = read_object(path) or {}
        passwords = Passwords.model_validate(kept)
    except (ValueError, ValidationError):
        raise Refused(f"{path} is damaged: restore a copy, it holds the master key") from None
    if passwords.model_dump() != kept:
        write_json(path, passwords.model_dump())
    return passwords
