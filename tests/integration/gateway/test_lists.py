"""Lists of every size: the same pages, stable while others write."""

import pytest

from .conftest import Running

pytestmark = pytest.mark.integration

NAMES = ["Alpha", "beta", "Gamma", "delta"]


async def test_a_small_list_has_pages_like_a_large_one(gateway: Running) -> None:
    """What comes or goes before the cursor moves nothing, not even if it is where it stood."""
    made = {}
    for name in NAMES:
        team = await gateway.admin.post("/teams", json={"name": name})
        made[name] = team.json()["id"]
    after = {"Courrier-After": team.headers["Courrier-Position"]}
    query = {"limit": "2", "fields": "name"}
    first = await gateway.admin.get("/teams", params=query, headers=after)
    gone = await gateway.admin.delete(f"/teams/{made['beta']}")
    early = await gateway.admin.post("/teams", json={"name": "Aardvark"})
    after = {"Courrier-After": early.headers["Courrier-Position"]}
    link = first.headers["Link"].split(">")[0].removeprefix("</api/v1")
    second = await gateway.admin.get(link, headers=after)

    assert 204 == gone.status_code
    assert [{"id", "name"}] * 2 == [set(item) for item in first.json()["items"]]
    assert ["Alpha", "beta"] == [item["name"] for item in first.json()["items"]]
    assert ["delta", "Gamma"] == [item["name"] for item in second.json()["items"]]
    assert second.json()["next"] is None


@pytest.mark.parametrize("path", ["/teams", "/records/lead", "/emails", "/jobs", "/templates"])
async def test_what_is_no_page_is_refused(gateway: Running, path: str) -> None:
    """A cursor that is none of ours is a 400, a limit out of bounds a 422 that names it."""
    wrong = [
        await gateway.admin.get(path, params={"cursor": cursor})
        for cursor in ("AAAA", "W10", "bnVsbA", "\0", "é", "WyJhIiwgMV0")
    ]
    bounds = [await gateway.admin.get(path, params={"limit": n}) for n in ("0", "201", "x")]

    assert {400} == {answer.status_code for answer in wrong}
    assert {422} == {answer.status_code for answer in bounds}
    assert {"?limit"} == {answer.json()["errors"][0]["pointer"] for answer in bounds}
