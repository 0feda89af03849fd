"""Who the demo's company is and deals with: read from ``company.toml``, the same every time."""

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict

HERE = Path(__file__).parent


class Account(BaseModel):
    """A customer that is an organisation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str


class Person(BaseModel):
    """Somebody who writes. ``type`` None is nobody of the CRM; ``away`` answers by a machine."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    address: str
    type: str | None = None
    account: str | None = None
    status: str | None = None
    answers: str | None = None
    away: str | None = None


class Affair(BaseModel):
    """An opportunity (with a stage and an amount in euros) or a case (with a status)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    account: str
    contact: str | None = None
    stage: str | None = None
    status: str | None = None
    amount: str | None = None
    priority: str | None = None


class Task(BaseModel):
    """Something to do about an affair, ``about`` its type and id, ``days`` from the first start."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    about: str
    days: int
    priority: str | None = None


class Company(BaseModel):
    """The whole file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mailbox: str
    mailbox_name: str
    account: list[Account]
    person: list[Person]
    opportunity: list[Affair]
    case: list[Affair]
    task: list[Task]


COMPANY = Company.model_validate(tomllib.loads((HERE / "company.toml").read_text("utf-8")))
MAILBOX = COMPANY.mailbox
PEOPLE = {person.address: person for person in COMPANY.person}
BY_ID = {person.id: person for person in COMPANY.person}
ADDRESSES = (MAILBOX, *PEOPLE)
