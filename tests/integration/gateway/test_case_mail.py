"""E-mail to case as people see it: gateway and linker as services, mail on the log, HTTP."""

from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from courrier.events.families.mailbox import MessageReceived
from courrier.gateway.settings import GatewaySettings
from courrier.linker.settings import LinkerSettings
from integration.linker.services import running
from support.builders import example
from support.waiting import eventually

from .conftest import Running
from .test_configured import made

pytestmark = [pytest.mark.integration, pytest.mark.own_servers, pytest.mark.long]

WITHIN_S = 30.0
SUPPORT = {"name": "Support", "address": "support@example.test"}


def message(account: str, number: int, **changes: Any) -> MessageReceived:
    """A customer's message to the group, from somebody whom nobody knows."""
    usual: dict[str, Any] = {
        "account_id": account,
        "uid": number,
        "message_id": f"{number}@customer.test",
        "subject": "The lamp is broken",
        "received_at": datetime.now(UTC),
        "date": datetime.now(UTC),
    }
    return example(MessageReceived, **(usual | changes))


async def cases(person: httpx.AsyncClient) -> list[dict[str, Any]]:
    """The cases there are."""
    items: list[dict[str, Any]] = (await person.get("/records/case")).json()["items"]
    return items


async def parents(person: httpx.AsyncClient) -> list[tuple[str, str] | None]:
    """What each e-mail of the inbox is about, and why; oldest first."""
    items = (await person.get("/emails", params={"folder": "inbox"})).json()["items"]
    found = [each["parent"] for each in reversed(items)]
    return [(each["id"], each["reason"]["rule"]) if each else None for each in found]


async def test_mail_to_a_team_becomes_a_case_and_brings_it_back(
    gateway: Running, settings: GatewaySettings
) -> None:
    """Its member is told and has it; later mail joins; an answer to a closed case reopens it."""
    fields = settings.model_dump(include={"nats_url", "database_url", "master_key"})
    team = await made(gateway.admin, "/teams", name="Support")
    ann, ann_id = await gateway.add_user("ann", team_ids=[team["id"]])
    group = {"team_ids": [team["id"]], "opens_cases": True, "distribution": "round_robin"}
    account = (await made(gateway.admin, "/group-accounts", **SUPPORT, group=group))["id"]
    feed = gateway.feeder.feed
    async with running(LinkerSettings(**fields)), aclosing(ann):
        await feed(message(account, 1))
        await eventually(lambda: _all_have_a_case(ann, 1), WITHIN_S)
        (case,) = await cases(ann)
        told = (await ann.get("/notifications")).json()["items"]
        about = {"in_reply_to": "1@customer.test", "references": ("1@customer.test",)}
        closed = await ann.patch(f"/records/case/{case['id']}", json={"status": "Closed"})
        await feed(message(account, 2, subject="Re: The lamp is broken", **about))
        await eventually(lambda: _all_have_a_case(ann, 2), WITHIN_S)
        await eventually(lambda: _is_open(ann, case["id"]), WITHIN_S)
        await feed(message(account, 3, subject=f"[#{case['number']}] The lamp again"))
        await feed(message(account, 4, auto_reply=True, subject="I am away"))
        await eventually(lambda: _all_have_a_case(ann, 3), WITHIN_S)
        seen = await parents(ann)
        there = await cases(ann)

    assert (ann_id, "The lamp is broken") == (case["assigned_user_id"], case["name"])
    assert {"assignment", "mail"} == {each["kind"] for each in told}
    assert 200 == closed.status_code
    assert [case["id"]] == [each["id"] for each in there]
    assert [(case["id"], "case-opened"), (case["id"], "case-number")] == [seen[0], seen[2]]
    assert [case["id"], None] == [seen[1] and seen[1][0], seen[3]]


async def _all_have_a_case(person: httpx.AsyncClient, count: int) -> bool:
    found = await parents(person)
    return len([each for each in found if each]) == count


async def _is_open(person: httpx.AsyncClient, case_id: str) -> bool:
    case = (await person.get(f"/records/case/{case_id}")).json()
    return bool(case["status"] == "Assigned")
