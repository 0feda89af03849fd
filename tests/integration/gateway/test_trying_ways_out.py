"""``:test`` of ways out over HTTP, with a sender on the other side of the broker."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from nats.aio.client import Client

from courrier.events.commands.mailboxes import InspectOutgoing
from courrier.events.jetstream.bus import NatsCommandBus, NatsCommandServer
from courrier.events.jetstream.vault import JetStreamVault
from courrier.events.runtime.tls import Contexts, client_context
from courrier.sender.adapters.smtp_inspecting import SmtpInspection
from courrier.sender.handlers.inspecting import Inspecting
from courrier.sender.handlers.log_in_secrets import LogInSecrets
from integration.gateway.conftest import Running
from integration.gateway.test_configured import changed, made, pointer_of
from support.certificates import Certificates
from support.smtp_sink import PASSWORD, USER, SmtpSink

pytestmark = pytest.mark.integration

Json = dict[str, Any]


@pytest.fixture(autouse=True)
async def sender(
    gateway: Running, client: Client, vault: JetStreamVault, certificates: Certificates
) -> AsyncIterator[None]:
    """What answers the order to try a way out."""
    assert gateway
    inspection = SmtpInspection(
        Contexts(client_context(certificates.ca_file)), "x.test", reply_s=1.0
    )
    secrets = LogInSecrets(vault, NatsCommandBus(client), lambda: datetime.now(UTC))
    inspecting = Inspecting(inspection, vault, secrets)
    async with asyncio.TaskGroup() as tasks:
        await NatsCommandServer(client, tasks).serve(InspectOutgoing, inspecting.answer)
        yield


def server(sink: SmtpSink, **more: Any) -> Json:
    """Return settings of the sink that are right."""
    there = {"host": sink.host, "port": sink.port, "tls": "starttls", "user": USER}
    return there | {"password": PASSWORD} | more


async def tried(gateway: Running, path: str, **body: Any) -> Json:
    """Return what a try told."""
    answer = await gateway.admin.post(path, json=body)
    assert answer.status_code == 200, answer.text
    assert PASSWORD not in answer.text
    return dict(answer.json())


async def test_the_systems_way_out_is_tried_before_and_after_it_is_saved(
    gateway: Running, smtp_sink: SmtpSink
) -> None:
    """With the password of the vault where none is given; on its own host only."""
    form = {"name": "CRM", "scope": "system", "address": "crm@x.test"}
    new = await tried(gateway, "/smtp-accounts:test", smtp=server(smtp_sink), **form)
    saved = await made(gateway.admin, "/smtp-accounts", smtp=server(smtp_sink), **form)
    one = f"/smtp-accounts/{saved['id']}:test"
    again = await tried(gateway, one)
    changed_user = await tried(gateway, one, smtp=server(smtp_sink, password=None, user="eve"))
    elsewhere = await gateway.admin.post(
        one, json={"smtp": server(smtp_sink, password=None, port=1)}
    )
    missing = await gateway.admin.post("/smtp-accounts/nothing:test")

    assert (True, "done", None) == (new["ok"], new["step"], new["problem"])
    assert [True, "log-in-refused"] == [again["ok"], changed_user["problem"]]
    assert "/smtp/password" == pointer_of(elsewhere)
    assert 404 == missing.status_code
    assert [] == smtp_sink.messages


async def test_my_own_server_is_tried_in_my_language(gateway: Running, smtp_sink: SmtpSink) -> None:
    """Before it is saved, as it is saved, and there must be one."""
    zoe, _ = await gateway.add_user("zoe", language="fr", email_addresses=["zoe@x.test"])
    path = "/preferences:test"
    nothing = await zoe.post(path)
    wrong = (await zoe.post(path, json={"smtp": server(smtp_sink, password="no")})).json()
    await changed(zoe, "/preferences", smtp=server(smtp_sink))
    right = (await zoe.post(path)).json()
    nobody = await gateway.admin.post(path)

    assert "/smtp" == pointer_of(nothing)
    assert ("log-in-refused", True) == (wrong["problem"], "a refusé la connexion" in wrong["text"])
    assert (True, True) == (right["ok"], "zoe@x.test" in right["text"])
    assert "/address" == pointer_of(nobody)


@pytest.mark.parametrize("path", ["/email-accounts", "/group-accounts"])
async def test_the_outgoing_half_of_an_account_is_tried(
    gateway: Running, smtp_sink: SmtpSink, path: str
) -> None:
    """Alone where the account fetches nothing; what is in the way stands first, and in its half."""
    form = {"name": "Work", "address": "admin@x.test"}
    new = await tried(gateway, f"{path}:test", smtp=server(smtp_sink), **form)
    unnamed = await gateway.admin.post(f"{path}:test", json={"smtp": server(smtp_sink)})
    saved = await made(gateway.admin, path, smtp=server(smtp_sink), **form)
    smtp_sink.answer("MAIL", "553 5.7.1 not yours", times=1)
    refused = await tried(gateway, f"{path}/{saved['id']}:test")

    assert (True, "done", True) == (new["ok"], new["step"], new["smtp"]["ok"])
    assert 422 == unnamed.status_code
    assert (False, "sender-refused") == (refused["ok"], refused["problem"])
    assert ("sender", False) == (refused["smtp"]["step"], refused["smtp"]["ok"])
