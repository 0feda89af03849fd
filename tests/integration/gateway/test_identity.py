"""People, teams and roles: what is set is what holds, at once."""

from typing import Any

import httpx
import pytest

from courrier.gateway.projections.relations import MEMBERS

from .conftest import Running

pytestmark = pytest.mark.integration


async def made(client: httpx.AsyncClient, path: str, **body: Any) -> dict[str, Any]:
    """Make something and wait until reads show it."""
    answer = await client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    await shown(client, answer)
    found: dict[str, Any] = answer.json()
    return found


async def shown(client: httpx.AsyncClient, answer: httpx.Response) -> None:
    """Wait until reads show what this answer wrote."""
    position = answer.headers["Courrier-Position"]
    await client.get("/records/contact", headers={"Courrier-After": position})


async def test_rights_come_by_roles_and_teams_and_go_with_them(gateway: Running) -> None:
    """A team's role lets its members read the team's contacts; a second role gives more."""
    admin = gateway.admin
    reading = {"contact": {"read": "team"}}
    role = await made(admin, "/roles", name="Reader", rights=reading)
    team = await made(admin, "/teams", name="Sales", role_ids=[role["id"]])
    grace, grace_id = await gateway.add_user("grace", team_ids=[team["id"]])
    ours = await made(admin, "/records/contact", last_name="Ours", team_ids=[team["id"]])
    await made(admin, "/records/contact", last_name="Foreign")

    listed = (await grace.get("/records/contact")).json()["items"]
    assert [ours["id"]] == [item["id"] for item in listed]
    path = f"/records/contact/{ours['id']}"
    assert (await grace.patch(path, json={"last_name": "x"})).status_code == 403
    assert (await grace.post("/records/contact", json={"last_name": "x"})).status_code == 403

    everything = {"contact": {"create": True, "read": "all", "edit": "all"}}
    wider = await made(admin, "/roles", name="Editor", rights=everything)
    changed = await admin.patch(f"/users/{grace_id}", json={"role_ids": [wider["id"]]})
    await shown(admin, changed)
    assert (await grace.patch(path, json={"last_name": "x"})).status_code == 200
    assert len((await grace.get("/records/contact")).json()["items"]) == 2

    await shown(admin, await admin.delete(f"/roles/{wider['id']}"))
    await shown(admin, await admin.delete(f"/teams/{team['id']}"))
    assert [] == (await grace.get("/records/contact")).json()["items"]


async def test_a_role_says_what_exists_and_makes_sense(gateway: Running) -> None:
    """Nobody may edit more than they read; unknown types, teams and roles are refused."""
    admin = gateway.admin
    bodies = [
        ("/roles", {"name": "x", "rights": {"contact": {"read": "own", "edit": "all"}}}),
        ("/roles", {"name": "x", "rights": {"contakt": {"read": "own"}}}),
        ("/teams", {"name": "x", "role_ids": ["nothing"]}),
        ("/users", {"login": "x", "name": "x", "team_ids": ["nothing"]}),
        ("/users", {"login": "x", "name": "x", "time_zone": "Mars/Olympus"}),
    ]
    for path, body in bodies:
        answer = await admin.post(path, json=body)
        assert answer.status_code == 422, answer.text


async def test_only_administrators_administer(gateway: Running) -> None:
    """And nobody reads other people's roles."""
    grace, grace_id = await gateway.add_user("grace")
    for path in ("/users", f"/users/{grace_id}", "/roles"):
        assert (await grace.get(path)).status_code == 403
    for path in ("/users", "/teams", "/roles"):
        assert (await grace.post(path, json={"name": "x", "login": "x"})).status_code in {403, 422}
    answer = await grace.patch(f"/users/{grace_id}", json={"is_admin": True})
    assert answer.status_code == 403


async def test_what_somebody_changed_meanwhile_is_not_overwritten(gateway: Running) -> None:
    """By If-Match, for people, teams and roles."""
    admin = gateway.admin
    role = await made(admin, "/roles", name="Reader")
    team = await made(admin, "/teams", name="Sales")
    _, user_id = await gateway.add_user("grace")
    for path in (f"/roles/{role['id']}", f"/teams/{team['id']}", f"/users/{user_id}"):
        seen = {"If-Match": (await admin.get(path)).headers["ETag"]}
        first = await admin.patch(path, json={"name": "One"}, headers=seen)
        late = await admin.patch(path, json={"name": "Two"}, headers=seen)
        assert (200, 412) == (first.status_code, late.status_code), (path, first.text)
        await shown(admin, first)
        read = await admin.get(path)
        assert ("One", first.headers["ETag"]) == (read.json()["name"], read.headers["ETag"])


async def test_who_is_deactivated_is_out_at_once(gateway: Running) -> None:
    """Session and token end, the account is paused; coming back resumes it, not the session."""
    grace, grace_id = await gateway.add_user("grace")
    browser = gateway.client()
    log_in = {"login": "grace", "password": "a good password"}
    assert (await browser.post("/session", json=log_in)).status_code == 201
    account = {"name": "Work", "address": "grace@example.test"}
    created = await grace.post("/email-accounts", json=account)
    await shown(gateway.admin, created)
    path = f"/users/{grace_id}"

    out = await gateway.admin.patch(path, json={"is_active": False})
    assert out.status_code == 200, out.text
    await shown(gateway.admin, out)
    status = f"/email-accounts/{created.json()['id']}/status"
    assert "owner-deactivated" == (await gateway.admin.get(status)).json()["paused"]
    assert 401 == (await grace.get("/me")).status_code
    assert 401 == (await browser.get("/me")).status_code
    assert 401 == (await gateway.client().post("/session", json=log_in)).status_code

    back = await gateway.admin.patch(path, json={"is_active": True})
    await shown(gateway.admin, back)
    assert (await gateway.admin.get(status)).json()["paused"] is None
    assert 401 == (await grace.get("/me")).status_code
    assert 401 == (await browser.get("/me")).status_code
    assert 201 == (await gateway.client().post("/session", json=log_in)).status_code


async def test_nobody_locks_themselves_out(gateway: Running) -> None:
    """There is always an administrator: the one who took it from the others."""
    path = f"/users/{gateway.admin_id}"
    for change in ({"is_admin": False}, {"is_active": False}):
        assert 422 == (await gateway.admin.patch(path, json=change)).status_code


async def test_a_login_changes_and_stays_taken(gateway: Running) -> None:
    """The old name logs nobody in and is nobody else's."""
    _, grace_id = await gateway.add_user("grace")
    changed = await gateway.admin.patch(f"/users/{grace_id}", json={"login": "Hopper"})
    assert changed.status_code == 200, changed.text
    await shown(gateway.admin, changed)

    await gateway.log_in("hopper", "a good password")
    old = {"login": "grace", "password": "a good password"}
    assert 401 == (await gateway.client().post("/session", json=old)).status_code
    for login in ("grace", "HOPPER"):
        taken = await gateway.admin.post("/users", json={"login": login, "name": "x"})
        assert (409, grace_id) == (taken.status_code, taken.json()["existing_id"])
    back = await gateway.admin.patch(f"/users/{grace_id}", json={"login": "grace"})
    assert 200 == back.status_code


async def test_what_was_done_is_told_from_the_log(gateway: Running) -> None:
    """Who changed which fields of whom, newest first, page by page; values are not repeated."""
    _, grace_id = await gateway.add_user("grace")
    changed = await gateway.admin.patch(f"/users/{grace_id}", json={"name": "G.", "login": "gh"})
    after = {"Courrier-After": changed.headers["Courrier-Position"]}
    about = f"/audit?about=user.{grace_id}"

    told = (await gateway.admin.get(about, headers=after)).json()["items"]
    assert ("UserChanged", ["name", "login"]) == (told[0]["kind"], sorted(told[0]["changed"])[::-1])
    assert f"user:{gateway.admin_id}" == told[0]["actor"]
    assert {"UserAdded", "PasswordSet", "TokenIssued"} <= {each["kind"] for each in told}
    assert "digest" not in str(told)
    first = (await gateway.admin.get(f"{about}&limit=1")).json()
    second = (await gateway.admin.get(f"{about}&limit=1&cursor={first['next']}")).json()
    assert told[:2] == first["items"] + second["items"]
    by = await gateway.admin.get(f"/audit?actor=user:{grace_id}")
    assert {"TokenIssued"} == {each["kind"] for each in by.json()["items"]}


async def test_people_have_positions_in_their_teams(gateway: Running) -> None:
    """Told by administrators, kept beside the team, and counted by whoever gives out cases."""
    grace, grace_id = await gateway.add_user("grace")
    await grace.aclose()
    team = (await gateway.admin.post("/teams", json={"name": "Support"})).json()["id"]
    change = {"team_ids": [team], "positions": {team: "Expert"}}
    changed = await gateway.admin.patch(f"/users/{grace_id}", json=change)
    after = {"Courrier-After": changed.headers["Courrier-Position"]}
    shown = (await gateway.admin.get(f"/users/{grace_id}", headers=after)).json()
    found = [
        [row["user_id"] for row in await gateway.pool.fetch(MEMBERS, team, position)]
        for position in ("Expert", "Beginner", None)
    ]

    assert {team: "Expert"} == shown["positions"]
    assert [[grace_id], [], [grace_id]] == found
