"""Templates with placeholders, tried with real records, and which addresses people write from."""

from typing import Any

import httpx
import pytest

from integration.gateway.conftest import Running
from integration.gateway.test_configured import changed, made, pointer_of

pytestmark = pytest.mark.integration

PREVIEW = "/templates:preview"
SMTP = {"host": "smtp.example.test", "port": 465, "user": "x", "password": "a good password"}


async def seen(client: httpx.AsyncClient, **body: Any) -> dict[str, Any]:
    """Return what a template looks like with real records."""
    answer = await client.post(PREVIEW, json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def contact(client: httpx.AsyncClient, **fields: Any) -> dict[str, str]:
    """Make a contact and return how it is named."""
    created = await made(client, "/records/contact", **{"last_name": "Lovelace"} | fields)
    return {"type": "contact", "id": created["id"]}


async def test_a_template_is_tried_with_a_real_record(gateway: Running) -> None:
    """Its own fields, those of its account and of whoever asks; values are text, never markup."""
    company = await made(gateway.admin, "/records/account", name="<b>Engines</b> & Co")
    ada = await contact(
        gateway.admin,
        first_name="Ada",
        email_addresses=["ada@x.test"],
        account_id=company["id"],
        custom={"shoeSize": 38},
    )
    template = {
        "subject": "For {Person.firstName}\u2028 {Account.name}",
        "html": "<style>p {color:red}</style><p onclick='x()'>{Contact.account.name} "
        "{Person.emailAddress} {Contact.custom.shoeSize} {Parent.phone|none} {User.name}</p>"
        "<script>{Contact.name}</script>",
    }
    by_record = await seen(gateway.admin, template=template, record=ada)
    by_address = await seen(
        gateway.admin, template={"text": "{Person.name} {Case.name}"}, address="ADA@x.test"
    )
    kept = await made(gateway.admin, "/templates", name="T", subject="{today}", text="{now}")

    assert "For Ada <b>Engines</b> & Co" == by_record["subject"]
    assert (
        "&lt;b&gt;Engines&lt;/b&gt; &amp; Co ada@x.test 38 none Administrator" in by_record["html"]
    )
    assert "onclick" not in by_record["html"]
    assert [] == by_record["unresolved"]
    assert ("Ada Lovelace {Case.name}", ["{Case.name}"]) == (
        by_address["text"],
        [each["placeholder"] for each in by_address["unresolved"]],
    )
    assert [] == (await seen(gateway.admin, template_id=kept["id"]))["unresolved"]


async def test_saving_always_works_and_tells_what_can_never_be_filled_in(gateway: Running) -> None:
    """In the words of the caller's language, when it is made, changed and read."""
    zoe, _ = await gateway.add_user("zoe", language="fr")
    template = await made(
        zoe, "/templates", name="T", subject="{Contact.shoe}", html="<style>a{b.c}</style>{Foo.x}"
    )
    after = await changed(zoe, f"/templates/{template['id']}", html="{Person.name} {optOutUrl}")
    (read,) = (await zoe.get("/templates")).json()["items"]

    assert [("{Contact.shoe}", "unknown-field"), ("{Foo.x}", "unknown-type")] == [
        (each["placeholder"], each["reason"]) for each in template["warnings"]
    ]
    assert (
        "{Contact.shoe} : les fiches de ce type n'ont pas ce champ"
        == (template["warnings"][0]["text"])
    )
    assert ["{Contact.shoe}"] == [each["placeholder"] for each in after["warnings"]]
    assert after["warnings"] == read["warnings"]


async def test_a_template_reads_only_what_its_user_may_see(gateway: Running) -> None:
    """A record of somebody else is refused; one behind a link is as if it were not there."""
    zoe, zoe_id = await gateway.add_user("zoe")
    company = await made(gateway.admin, "/records/account", name="Secret Ltd")
    hidden = await contact(gateway.admin)
    own = await contact(gateway.admin, assigned_user_id=zoe_id, account_id=company["id"])
    template = {"text": "{Contact.account.name} {Account.name}"}
    refused = await zoe.post(PREVIEW, json={"template": template, "record": hidden})
    partly = await seen(zoe, template=template, record=own)
    private = await made(gateway.admin, "/templates", name="T", text="x")
    role = await made(gateway.admin, "/roles", name="No", rights={"template": {"read": "no"}})
    await changed(gateway.admin, f"/users/{zoe_id}", role_ids=[role["id"]])

    assert "/record" == pointer_of(refused)
    assert ["{Contact.account.name}", "{Account.name}"] == [
        each["placeholder"] for each in partly["unresolved"]
    ]
    assert "Secret" not in partly["text"]
    assert 404 == (await zoe.post(PREVIEW, json={"template_id": private["id"]})).status_code
    assert 422 == (await zoe.post(PREVIEW, json={})).status_code


async def test_people_write_from_their_addresses_groups_and_what_is_shared(
    gateway: Running,
) -> None:
    """Each with the way its mail leaves by; what is not on their record is not among them."""
    team = await made(gateway.admin, "/teams", name="Support")
    zoe, _ = await gateway.add_user(
        "zoe", email_addresses=["zoe@x.test", "z@x.test"], team_ids=[team["id"]]
    )
    own = await made(zoe, "/email-accounts", name="Work", address="ZOE@x.test", smtp=SMTP)
    await made(zoe, "/email-accounts", name="Boss", address="boss@x.test", smtp=SMTP)
    group = await made(
        gateway.admin,
        "/group-accounts",
        name="Help",
        address="help@x.test",
        group={"team_ids": [team["id"]], "reply_from_name": "Help desk"},
    )
    before = (await zoe.get("/from-addresses")).json()["items"]
    shared: dict[str, Any] = {"scope": "system", "address": "crm@x.test", "smtp": SMTP}
    system = await made(gateway.admin, "/smtp-accounts", name="CRM", is_shared=True, **shared)
    after = (await zoe.get("/from-addresses")).json()["items"]

    assert [("zoe@x.test", own["id"])] == [(e["address"], e["account_id"]) for e in before]
    assert [
        ("zoe@x.test", "Zoe", own["id"], "personal", None, True),
        ("z@x.test", "Zoe", system["id"], "system", None, False),
        ("help@x.test", "Help desk", system["id"], "system", group["id"], False),
        ("crm@x.test", "CRM", system["id"], "system", None, False),
    ] == [tuple(each.values()) for each in after]


async def test_signatures_are_cleaned_when_they_are_saved(gateway: Running) -> None:
    """In the preferences and for an account; pictures stay."""
    source = "<p onclick='x()'>Zoe<img src='https://x.test/l.png'><script>x()</script></p>"
    clean = '<p>Zoe<img src="https://x.test/l.png"></p>'
    mine = await changed(gateway.admin, "/preferences", signature_html=source)
    account = await made(
        gateway.admin, "/email-accounts", name="W", address="z@x.test", signature_html=source
    )

    assert [clean, clean] == [mine["signature_html"], account["signature_html"]]
