"""A CRM record, and the addresses that follow from its fields."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courrier.events.base import RecordRef
from courrier.events.families.crm import (
    AddressAssigned,
    AddressReleased,
    RecordChanged,
    RecordCreated,
    RecordFields,
)
from courrier.events.testing import Scenario
from courrier.gateway.domain import address as addresses
from courrier.gateway.domain.address import AssignAddress, ReleaseAddress, orders_for
from courrier.gateway.domain.record import (
    ChangeRecord,
    CreateRecord,
    ExternalIdFixed,
    RecordExists,
    RecordMissing,
    display_name,
    record,
    record_id_of,
)
from courrier.gateway.domain.refusals import VersionChanged
from support.builders import COMPANY, CONTACT, example

scenario = Scenario(record)
REF = RecordRef(type="contact", id=CONTACT)
CREATED = example(RecordCreated)
ADA = "ada@example.test"


def test_a_record_is_created_once() -> None:
    """The second is told which one exists."""
    order = CreateRecord(REF, CREATED.fields)

    scenario.when(order).then(CREATED)
    refusal = scenario.given(CREATED).when(order).refused(RecordExists)
    assert getattr(refusal, "existing_id", None) == CONTACT


def test_a_change_names_what_differs() -> None:
    """And carries all fields as they are now."""
    fields = CREATED.fields.model_copy(update={"name": "Ada King"})
    changed = example(RecordChanged, fields=fields, changed=("name",))

    scenario.given(CREATED).when(ChangeRecord({"name": "Ada King"})).then(changed)
    scenario.given(CREATED, changed).when(ChangeRecord({"name": "Ada King"})).then()


def test_a_change_of_what_is_not_there_is_declined() -> None:
    """There is nothing to change."""
    scenario.when(ChangeRecord({"name": "x"})).refused(RecordMissing)


@pytest.mark.parametrize("version", [0, 2, 17])
def test_a_change_of_another_version_is_declined(version: int) -> None:
    """Nobody overwrites what they have not seen."""
    scenario.given(CREATED).when(ChangeRecord({"name": "x"}, version)).refused(VersionChanged)


def test_an_external_id_stays() -> None:
    """The record's id follows from it."""
    scenario.given(CREATED).when(ChangeRecord({"external_id": "x"})).refused(ExternalIdFixed)
    assert record_id_of("contact", "17") != record_id_of("account", "17")


def test_a_record_is_called_by_its_name_or_names() -> None:
    """Whatever there is."""
    assert display_name(RecordFields(name="ACME")) == "ACME"
    assert display_name(RecordFields(first_name="Ada", last_name="L")) == "Ada L"
    assert display_name(RecordFields()) == ""


def test_an_address_has_owners() -> None:
    """Several may own it; the same fact is told once."""
    owners = Scenario(addresses.address)
    assigned = example(AddressAssigned)
    again = AssignAddress(ADA, REF, COMPANY)

    owners.when(again).then(assigned)
    owners.given(assigned).when(again).then()
    owners.given(assigned).when(ReleaseAddress(ADA, REF)).then(example(AddressReleased))
    owners.when(ReleaseAddress(ADA, REF)).then()


def test_a_new_account_is_told_on_every_address() -> None:
    """The linker lives on the addresses' facts."""
    before = RecordFields(email_addresses=(ADA,))
    after = RecordFields(email_addresses=(ADA,), account_id=COMPANY)

    assert orders_for(REF, before, after) == [AssignAddress(ADA, REF, COMPANY)]


@given(
    before=st.lists(st.sampled_from("abcd"), max_size=4),
    after=st.lists(st.sampled_from("abcd"), max_size=4),
)
def test_orders_lead_from_the_old_addresses_to_the_new(before: list[str], after: list[str]) -> None:
    """Carried out on what the old fields gave, they give what the new ones say."""
    old = RecordFields(email_addresses=tuple(f"{each}@example.test" for each in before))
    new = RecordFields(email_addresses=tuple(f"{each}@example.test" for each in after))
    owned = {order.address for order in orders_for(REF, None, old)}
    for order in orders_for(REF, old, new):
        owned = (
            owned | {order.address} if isinstance(order, AssignAddress) else owned - {order.address}
        )

    assert owned == {order.address for order in orders_for(REF, None, new)}
