"""Senders who look like somebody known, as the reader of one e-mail is warned."""

from typing import Any

import httpx
import pytest

from integration.gateway.conftest import Running
from integration.gateway.linking import receive
from integration.gateway.test_configured import made

pytestmark = pytest.mark.integration

INES = "ines@northlight.example"


async def warned(person: httpx.AsyncClient, email_id: str) -> list[tuple[str, str]]:
    """Return what a person is warned of, each with who is imitated."""
    shown: dict[str, Any] = (await person.get(f"/emails/{email_id}")).json()
    return [(each["kind"], each["of"]) for each in shown["warnings"]]


async def test_a_stranger_who_looks_like_a_customer_is_told_from_the_customer(
    gateway: Running,
) -> None:
    """By name and by domain, in the reader's words; never the customer, never somebody new."""
    contact = {"first_name": "Ines", "last_name": "Caldwell", "email_addresses": [INES]}
    await made(gateway.admin, "/records/contact", **contact)
    ada, ada_id = await gateway.add_user("ada", language="fr")
    senders = {
        "1" * 32: {"name": "Ines Caldwell", "address": INES},
        "2" * 32: {"name": "ines caldwell", "address": "boss@elsewhere.example"},
        "3" * 32: {"name": "Accounts", "address": "pay@northl1ght.example"},
        "4" * 32: {"name": "Somebody New", "address": "new@customer.example"},
    }
    for email_id, sender in senders.items():
        people = (gateway.admin_id, ada_id)
        await receive(gateway, *people, email_id=email_id, **{"from": sender})
    french = (await ada.get(f"/emails/{'3' * 32}")).json()["warnings"][0]["text"]

    assert [] == await warned(gateway.admin, "1" * 32)
    assert [("name", "ines caldwell")] == await warned(gateway.admin, "2" * 32)
    assert [("domain", "northlight.example")] == await warned(gateway.admin, "3" * 32)
    assert [] == await warned(gateway.admin, "4" * 32)
    assert french.startswith("northl1ght.example ressemble à northlight.example")
