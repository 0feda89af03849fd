"""Who sees which mail: by holding it, by a record, by what accounts share, by a reason given."""

from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from courrier.events.families.email import EmailImported
from courrier.events.families.settings import EmailAccountAdded
from support.builders import ME, example

from .conftest import Running

pytestmark = pytest.mark.integration

LEVELS = ("shared", "trace", "private")


@dataclass
class Scene:
    """Linus holds mail linked to a contact of Grace's, one by each privacy, and one among us."""

    gateway: Running
    linus: httpx.AsyncClient
    grace: httpx.AsyncClient
    contact: str
    history: str
    emails: dict[str, str]

    async def seen_by(self, client: httpx.AsyncClient) -> set[str]:
        """Return the names of the e-mails in the contact's history."""
        items = (await client.get(self.history)).json()["items"]
        return {name for name, id_ in self.emails.items() if id_ in {i["id"] for i in items}}


@pytest.fixture
async def scene(gateway: Running) -> Scene:
    """The people, the contact, the accounts and the mail."""
    linus, linus_id = await gateway.add_user("linus", email_addresses=["linus@example.test"])
    grace, grace_id = await gateway.add_user("grace", email_addresses=["grace@example.test"])
    contact = await gateway.admin.post(
        "/records/contact", json={"last_name": "Ada", "assigned_user_id": grace_id}
    )
    accounts = {level: str(number) * 32 for number, level in enumerate(LEVELS)}
    fed = [
        example(
            EmailAccountAdded,
            account_id=account_id,
            owner_id=linus_id,
            address=f"{level}@example.test",
            privacy=level,
        )
        for level, account_id in accounts.items()
    ]
    position = await gateway.feeder.feed(*fed)
    emails = {name: name[0] * 32 for name in (*LEVELS, "among us", "unlinked")}
    link = {
        "record": {"type": "contact", "id": contact.json()["id"]},
        "parent": True,
        "reason": {"rule": "address"},
    }
    for name, email_id in emails.items():
        mail: dict[str, Any] = {"email_id": email_id, "links": [] if name == "unlinked" else [link]}
        account = accounts.get(name, accounts["shared"])
        reason = {"rule": "inbox"}
        mail["holdings"] = [
            {"holder_id": linus_id, "folder": "inbox", "account_id": account, "reason": reason}
        ]
        if name == "among us":
            mail |= {"from": ME, "to": [{"address": "LINUS@example.test"}]}
        latest = await gateway.feeder.feed(example(EmailImported, **mail))
    after = {"Courrier-After": f"{position},{latest},{contact.headers['Courrier-Position']}"}
    await gateway.admin.get("/me", headers=after)
    history = f"/records/contact/{contact.json()['id']}/history"
    await grace.get(history, headers=after)
    return Scene(gateway, linus, grace, contact.json()["id"], history, emails)


async def test_a_records_reader_sees_what_accounts_share(scene: Scene) -> None:
    """Shared mail whole, traces without content, and of private and internal mail nothing."""
    answer = (await scene.grace.get(scene.history)).json()

    assert {"shared"} == await scene.seen_by(scene.grace)
    (trace,) = answer["traces"]
    assert ["Linus"] == [holder["name"] for holder in trace["holders"]]
    assert {"date", "from", "to", "cc", "holders"} == trace.keys()
    for name, email_id in scene.emails.items():
        parts = ["", "/holders", "/explanation"]
        hidden = ["/html", "/raw", "/attachments/0"]
        for part in parts if name == "shared" else [*parts, *hidden]:
            read = await scene.grace.get(f"/emails/{email_id}{part}")
            assert read.status_code == (200 if name == "shared" else 404), (name, part)


async def test_an_administrator_gives_a_reason(scene: Scene) -> None:
    """Private mail is closed to them, opens for an hour, and its holder is shown why."""
    path = f"/emails/{scene.emails['private']}"
    admin = scene.gateway.admin
    assert {"shared"} == await scene.seen_by(admin)
    assert 404 == (await admin.get(path)).status_code
    assert 422 == (await admin.post(f"{path}:open", json={})).status_code
    assert 403 == (await scene.grace.post(f"{path}:open", json={"reason": "x"})).status_code
    assert 404 == (await admin.post("/emails/none:open", json={"reason": "x"})).status_code

    opened = await admin.post(f"{path}:open", json={"reason": "a leak is looked into"})

    assert 200 == opened.status_code, opened.text
    assert 200 == (await admin.get(path)).status_code
    told = (await scene.linus.get(f"{path}/explanation")).json()[-1]
    assert ("opened", "Administrator") == (told["decision"], told["actor"]["name"])
    assert "a leak is looked into" == told["evidence"]["value"]
    assert 404 == (await scene.grace.get(path)).status_code


async def test_without_a_right_to_mail_there_is_none(scene: Scene) -> None:
    """Neither one's own nor shared, in no list, counter or stream."""
    admin = scene.gateway.admin
    role = await admin.post("/roles", json={"name": "No mail", "rights": {"email": {}}})
    linus_id = (await scene.linus.get("/me")).json()["user"]["id"]
    body = {"role_ids": [role.json()["id"]]}
    changed = await admin.patch(f"/users/{linus_id}", json=body)
    after = {"Courrier-After": changed.headers["Courrier-Position"]}

    emails = await scene.linus.get("/emails", headers=after)

    assert [] == emails.json()["items"]
    assert 404 == (await scene.linus.get(f"/emails/{scene.emails['shared']}")).status_code
    assert 403 == (await scene.linus.get("/folders")).status_code
