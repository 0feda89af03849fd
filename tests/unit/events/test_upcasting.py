"""Old versions of an event are read for ever, as the newest version."""

import json
from typing import Any, ClassVar

import pytest

from courrier.events.base import Event
from courrier.events.catalogue import Catalogue, Superseded, UnknownType


class Greeted(Event):
    """The third way to write a greeting down."""

    TYPE: ClassVar[str] = "courrier.email.Greeted.v3"

    first_name: str
    last_name: str
    loud: bool


def _named(body: dict[str, Any]) -> dict[str, Any]:
    return {"name": body["who"]}


def _split(body: dict[str, Any]) -> dict[str, Any]:
    first, _, last = body["name"].partition(" ")
    return {"first_name": first, "last_name": last, "loud": False}


CATALOGUE = Catalogue(
    [Greeted],
    [
        Superseded("courrier.email.Greeted.v1", "courrier.email.Greeted.v2", _named),
        Superseded("courrier.email.Greeted.v2", "courrier.email.Greeted.v3", _split),
        Superseded("courrier.email.Waved.v1", "courrier.email.Waved.v2", _named),
    ],
)
ADA = Greeted(first_name="Ada", last_name="Lovelace", loud=False)


@pytest.mark.parametrize(
    ("type_name", "body"),
    [
        ("courrier.email.Greeted.v1", {"who": "Ada Lovelace"}),
        ("courrier.email.Greeted.v2", {"name": "Ada Lovelace"}),
        ("courrier.email.Greeted.v3", ADA.model_dump()),
    ],
)
def test_every_version_reads_as_the_newest(type_name: str, body: dict[str, Any]) -> None:
    """Upcasters follow each other; nobody behind the decoder sees an old version."""
    assert ADA == CATALOGUE.read(type_name, json.dumps(body).encode())


def test_a_chain_that_leads_nowhere_is_an_unknown_type() -> None:
    """The type that is missing is the one that is named."""
    with pytest.raises(UnknownType, match=r"Waved\.v2"):
        CATALOGUE.read("courrier.email.Waved.v1", b'{"who": "Ada"}')


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"\xff", b'{"who": 1}'])
def test_a_damaged_old_body_is_a_value_error(body: bytes) -> None:
    """As a damaged new one is; the decoder adds the place in the log."""
    with pytest.raises(ValueError, match=r"."):
        CATALOGUE.read("courrier.email.Greeted.v1", body)
