"""Folders, filters, templates, ways out, preferences and settings, through HTTP and the log."""

from typing import Any

import httpx
import pytest

from courrier.events import subjects
from courrier.events.families.configuration import SmtpAccountAdded, SmtpAccountChanged
from courrier.events.families.settings import EmailAccountPaused
from integration.gateway.conftest import Running

pytestmark = pytest.mark.integration

SERVER = {"host": "smtp.example.test", "port": 465, "user": "crm", "password": "a good password"}


async def made(client: httpx.AsyncClient, path: str, **fields: Any) -> dict[str, Any]:
    """Set something up and wait until it is shown."""
    created = await client.post(path, json=fields)
    assert created.status_code == 201, created.text
    await client.get("/folders", headers={"Courrier-After": created.headers["Courrier-Position"]})
    return dict(created.json())


async def changed(client: httpx.AsyncClient, path: str, **fields: Any) -> dict[str, Any]:
    """Change something and wait until it is shown."""
    answer = await client.patch(path, json=fields)
    assert answer.status_code == 200, answer.text
    after = {"Courrier-After": answer.headers.get("Courrier-Position", "")}
    await client.get("/folders", headers=after if after["Courrier-After"] else {})
    return dict(answer.json())


def pointer_of(answer: httpx.Response) -> str:
    """Return the field at fault of a refusal."""
    assert answer.status_code == 422, answer.text
    return str(answer.json()["errors"][0]["pointer"])


async def test_folders_are_made_renamed_and_listed_in_their_order(gateway: Running) -> None:
    """Own folders stand between the system's and all mail, for their owner alone."""
    ada, _ = await gateway.add_user("ada")
    second = await made(ada, "/folders", name="Orders", order=2)
    first = await made(ada, "/folders", name="Invoices", order=1, skip_notification=True)
    renamed = await changed(ada, f"/folders/{second['id']}", name="Sales")

    listed = (await ada.get("/folders")).json()["items"]
    foreign = await gateway.admin.get(f"/folders/{first['id']}")
    assert "2" == renamed["version"]
    assert [("Invoices", "own"), ("Sales", "own")] == [
        (each["name"], each["type"]) for each in listed if each["type"] != "system"
    ]
    assert 404 == foreign.status_code
    assert first["skip_notification"] is True


async def test_what_somebody_else_changed_is_not_overwritten(gateway: Running) -> None:
    """If-Match names the version that was read."""
    folder = await made(gateway.admin, "/folders", name="Orders")
    path = f"/folders/{folder['id']}"
    read = await gateway.admin.get(path)
    await changed(gateway.admin, path, name="Sales")

    late = await gateway.admin.patch(
        path, json={"name": "Late"}, headers={"If-Match": read.headers["ETag"]}
    )

    assert ('"1"', 412) == (read.headers["ETag"], late.status_code)


async def test_a_removed_folder_rests_what_files_into_it(gateway: Running) -> None:
    """Its filters stand still and its accounts are paused, with the reason, in the same batch."""
    folder = await made(gateway.admin, "/folders", name="Orders")
    rule = await made(
        gateway.admin,
        "/filters",
        name="Orders",
        subject="*order*",
        action="move",
        folder_id=folder["id"],
    )
    account = await made(
        gateway.admin,
        "/email-accounts",
        name="Work",
        address="admin@example.test",
        folder_id=folder["id"],
    )

    removed = await gateway.admin.delete(f"/folders/{folder['id']}")
    after = {"Courrier-After": removed.headers["Courrier-Position"]}
    shown = (await gateway.admin.get(f"/filters/{rule['id']}", headers=after)).json()
    status = (await gateway.admin.get(f"/email-accounts/{account['id']}/status")).json()

    assert 204 == removed.status_code
    assert (False, "2") == (shown["active"], shown["version"])
    assert "folder-removed" == shown["paused_reason"] == status["paused"]
    assert "was removed" in shown["warning"]
    assert "was removed" in status["why"]
    assert "paused" == status["state"]
    assert 404 == (await gateway.admin.get(f"/folders/{folder['id']}")).status_code


async def test_a_filter_has_to_make_sense(gateway: Running) -> None:
    """Each scope has its actions, a move its folder, and the folder is the filter's owner's."""
    ada, _ = await gateway.add_user("ada")
    theirs = await made(gateway.admin, "/folders", name="Orders")
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"action": "group_move"}, "/action"),
        ({"action": "move"}, "/folder_id"),
        ({"action": "move", "folder_id": theirs["id"]}, "/folder_id"),
        ({"action": "none"}, "/action"),
        ({"scope": "account", "account_id": "nobody", "action": "skip"}, "/account_id"),
        ({"action": "burn"}, "/action"),
    ]

    pointers = [
        pointer_of(await ada.post("/filters", json={"name": "X"} | body)) for body, _ in wrong
    ]
    everybody = await ada.post("/filters", json={"name": "X", "scope": "global", "action": "skip"})

    assert [pointer for _, pointer in wrong] == pointers
    assert 403 == everybody.status_code


async def test_filters_are_their_owners_and_global_ones_the_administrators(
    gateway: Running,
) -> None:
    """Each list shows what its reader may change."""
    ada, ada_id = await gateway.add_user("ada")
    mine = await made(ada, "/filters", name="Mine", action="skip", **{"from": "*@spam.test"})
    drop = await made(gateway.admin, "/filters", name="Spam", scope="global", action="skip")

    hers = (await ada.get("/filters")).json()["items"]
    all_of = (await gateway.admin.get("/filters")).json()["items"]

    assert [(mine["id"], ada_id, "*@spam.test")] == [
        (each["id"], each["owner_id"], each["from"]) for each in hers
    ]
    assert [drop["id"]] == [each["id"] for each in all_of]


async def test_group_folders_are_read_by_their_teams(gateway: Running) -> None:
    """Administrators make them; members of the teams see them, others do not."""
    team = await made(gateway.admin, "/teams", name="Support")
    ada, _ = await gateway.add_user("ada", team_ids=[team["id"]])
    bob, _ = await gateway.add_user("bob")
    shared = await made(gateway.admin, "/group-folders", name="Support", team_ids=[team["id"]])

    seen = [
        (each["id"], each["type"])
        for each in (await ada.get("/folders")).json()["items"]
        if each["type"] == "group"
    ]
    path = f"/group-folders/{shared['id']}"

    assert [(shared["id"], "group")] == seen
    assert [200, 404] == [(await who.get(path)).status_code for who in (ada, bob)]
    assert 403 == (await ada.patch(path, json={"name": "Ours"})).status_code
    assert 403 == (await bob.post("/group-folders", json={"name": "Ours"})).status_code


async def test_templates_follow_the_roles(gateway: Running) -> None:
    """One's own, and those of one's teams where a role says team."""
    team = await made(gateway.admin, "/teams", name="Sales")
    rights = {"template": {"create": True, "read": "team", "edit": "own", "delete": "own"}}
    role = await made(gateway.admin, "/roles", name="Seller", rights=rights)
    people = {"team_ids": [team["id"]], "role_ids": [role["id"]]}
    ada, _ = await gateway.add_user("ada", **people)
    bob, _ = await gateway.add_user("bob", **people)
    shared = await made(ada, "/templates", name="Thanks", html="<p>Hi</p>", team_ids=[team["id"]])
    private = await made(ada, "/templates", name="Draft")

    path = f"/templates/{shared['id']}"

    assert [200, 403] == [
        (await bob.get(path)).status_code,
        (await bob.patch(path, json={"name": "Ours"})).status_code,
    ]
    assert 404 == (await bob.get(f"/templates/{private['id']}")).status_code
    assert "Thank you" == (await changed(ada, path, subject="Thank you"))["subject"]


async def test_a_way_out_keeps_its_password_to_itself(gateway: Running) -> None:
    """The vault has it; no answer and no event does; a change without one keeps it."""
    account = await made(
        gateway.admin,
        "/smtp-accounts",
        name="Company",
        scope="system",
        address="crm@example.test",
        smtp=SERVER,
    )
    path = f"/smtp-accounts/{account['id']}"
    moved = await changed(gateway.admin, path, smtp={"host": "mx.example.test", "port": 587})
    ada, _ = await gateway.add_user("ada")

    recorded = await gateway.feeder.store.load(subjects.configured("smtp_account", account["id"]))
    [added, later] = [each.event for each in recorded]
    assert isinstance(added, SmtpAccountAdded)
    assert isinstance(later, SmtpAccountChanged)
    assert "a good password" not in str([moved, account, added, later])
    assert added.fields.smtp.secret == later.fields.smtp.secret
    assert ("mx.example.test", 587) == (moved["smtp"]["host"], moved["smtp"]["port"])
    assert 404 == (await ada.get(path)).status_code
    body = {"name": "Mine", "address": "a@b.test", "smtp": SERVER}
    assert 403 == (await ada.post("/smtp-accounts", json=body)).status_code


async def test_preferences_are_there_from_the_start(gateway: Running) -> None:
    """Language and time zone stand with the person; the rest beside them."""
    ada, _ = await gateway.add_user("ada")
    before = (await ada.get("/preferences")).json()

    shown = await changed(ada, "/preferences", language="fr", signature_html="<p>Ada</p>")
    me = (await ada.get("/me")).json()["user"]
    again = (await ada.get("/preferences")).json()

    assert ("en", None, 10) == (before["language"], before["signature_html"], before["undo_send_s"])
    assert ("fr", "<p>Ada</p>") == (shown["language"], shown["signature_html"])
    assert ("fr", shown) == (me["language"], again)


async def test_settings_are_read_by_all_and_changed_by_administrators(gateway: Running) -> None:
    """A default has to be among what is allowed."""
    ada, _ = await gateway.add_user("ada")
    wrong = await gateway.admin.patch("/settings", json={"privacy_levels": ["private"]})
    shown = await changed(
        gateway.admin, "/settings", privacy_levels=["private"], default_privacy="private", b2c=True
    )

    refused = await gateway.admin.post(
        "/email-accounts", json={"name": "W", "address": "a@b.test", "privacy": "shared"}
    )
    account = await made(gateway.admin, "/email-accounts", name="W", address="a@b.test")

    assert "/default_privacy" == pointer_of(wrong)
    assert shown == (await ada.get("/settings")).json()
    assert 403 == (await ada.patch("/settings", json={"b2c": False})).status_code
    assert "/privacy" == pointer_of(refused)
    assert "private" == account["privacy"]


async def test_system_settings_hold_for_what_people_do(gateway: Running) -> None:
    """Languages, what a new person starts with, and how large a message may be."""
    ada, _ = await gateway.add_user("ada")
    french = {"languages": ["fr"], "default_language": "fr", "default_time_zone": "Europe/Paris"}
    await changed(gateway.admin, "/settings", max_message_bytes=1024, **french)

    new = await gateway.admin.post("/users", json={"login": "inès", "name": "Inès"})
    wrong = [
        await ada.patch("/preferences", json={"language": "en"}),
        await ada.patch("/me", json={"language": "en"}),
        await gateway.admin.post("/users", json={"login": "x", "name": "X", "language": "en"}),
    ]
    large = await ada.post(
        "/emails/import", content=b"x" * 1025, headers={"Content-Type": "message/rfc822"}
    )
    await ada.aclose()

    assert ("fr", "Europe/Paris") == (new.json()["language"], new.json()["time_zone"])
    assert ["/language"] * 3 == [pointer_of(each) for each in wrong]
    assert 413 == large.status_code


async def test_a_group_account_is_the_administrators_to_set_up(gateway: Running) -> None:
    """It has its own list; what it names has to be there."""
    ada, _ = await gateway.add_user("ada")
    body = {"name": "Support", "address": "support@example.test"}
    team = await made(gateway.admin, "/teams", name="Support")
    group = {"team_ids": [team["id"]], "opens_cases": True, "distribution": "least_busy"}
    wrong = await gateway.admin.post("/group-accounts", json=body | {"group": {"team_ids": ["x"]}})
    account = await made(gateway.admin, "/group-accounts", **body, group=group)

    personal = (await gateway.admin.get("/email-accounts")).json()["items"]
    shared = (await gateway.admin.get("/group-accounts")).json()["items"]

    assert 422 == wrong.status_code
    assert ("least_busy", True) == (
        account["group"]["distribution"],
        account["group"]["add_team_users"],
    )
    assert ([], [account["id"]]) == (personal, [each["id"] for each in shared])
    assert [403, 403] == [
        (await ada.get("/group-accounts")).status_code,
        (await ada.post("/group-accounts", json=body)).status_code,
    ]
    assert 404 == (await gateway.admin.get(f"/email-accounts/{account['id']}")).status_code


async def test_an_account_changes_and_its_password_goes_nowhere_else(gateway: Running) -> None:
    """Another host needs the password anew; without one the old server keeps its own."""
    imap = {"host": "imap.example.test", "port": 993, "user": "a", "password": "a good password"}
    account = await made(gateway.admin, "/email-accounts", name="W", address="a@b.test", imap=imap)
    path = f"/email-accounts/{account['id']}"
    imap.pop("password")
    kept = await changed(gateway.admin, path, imap=imap | {"user": "b"}, fetch_since="2025-01-01")
    elsewhere = await gateway.admin.patch(path, json={"imap": imap | {"host": "evil.test"}})

    assert ("b", "2025-01-01", "2") == (
        kept["imap"]["user"],
        kept["fetch_since"],
        kept["version"],
    )
    assert "/imap/password" == pointer_of(elsewhere)
    assert kept | {"state": "waiting"} == (await gateway.admin.get(path)).json()


async def test_a_paused_account_that_changes_stays_paused(gateway: Running) -> None:
    """What was asked for is not undone by a form."""
    account = await made(gateway.admin, "/email-accounts", name="W", address="a@b.test")
    path = f"/email-accounts/{account['id']}"
    await gateway.admin.post(f"{path}:pause")
    shown = await changed(gateway.admin, path, name="Work")

    history = await gateway.feeder.store.load(subjects.email_account(account["id"]))
    assert isinstance(history[1].event, EmailAccountPaused)
    assert ("Work", "3") == (shown["name"], shown["version"])
    assert "paused" == (await gateway.admin.get(path)).json()["state"]
