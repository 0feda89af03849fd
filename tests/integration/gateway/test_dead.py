"""Parked events over HTTP: an administrator sees what waits and has it taken again."""

from typing import ClassVar

import pytest
from nats.aio.client import Client

from courrier.events import envelope, subjects
from courrier.events.catalogue import EVENTS, Catalogue
from courrier.events.envelope import encode
from courrier.events.families.crm import RecordRemoved
from integration.gateway.conftest import Running
from support.builders import example, new_event
from support.waiting import eventually

pytestmark = [pytest.mark.integration, pytest.mark.own_servers]

RECORD = "7" * 32


class RecordRested(RecordRemoved):
    """What only a newer version knows."""

    TYPE: ClassVar[str] = "courrier.crm.RecordRested.v9"


NEXT = Catalogue((*EVENTS, RecordRested), ())


async def test_a_parked_event_is_seen_and_taken_when_its_type_is_known(
    gateway: Running, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the fix it stays, and says why; afterwards nothing is parked any more."""
    subject = subjects.record("contact", RECORD)
    newer = new_event(RecordRested.model_validate(example(RecordRemoved).model_dump()), subject)
    headers, body = encode(newer)
    await client.jetstream().publish(subject, body, headers=dict(headers))
    ada, _ = await gateway.add_user("ada")

    async def parked() -> list[dict[str, object]]:
        return list((await gateway.admin.get("/dead")).json()["items"])

    await eventually(parked)
    (case,) = await parked()
    early = (await gateway.admin.post(f"/dead/{case['id']}:replay")).json()
    refused = await ada.get("/dead")
    monkeypatch.setattr(envelope, "CATALOGUE", NEXT)
    late = (await gateway.admin.post(f"/dead/{case['id']}:replay")).json()

    assert ("gateway.read-models", "unknown-type") == (case["consumer"], case["reason"])
    assert 403 == refused.status_code
    assert (False, "stays parked") == (early["done"], early["text"][:12])
    assert {"id": case["id"], "done": True, "text": "replayed"} == late
    assert [] == await parked()
    assert 404 == (await gateway.admin.post(f"/dead/{case['id']}:replay")).status_code
