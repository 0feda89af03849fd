"""A CRM record, and the addresses that follow from its fields."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courrier.events.base import RecordRef
from courrier.events.families.crm import (
    AddressAssigned,
    AddressReleased,
    CaseNumbersTaken,
    RecordChanged,
    RecordCreated,
    RecordFields,
    RecordRemoved,
    RecordReplaced,
    RecordsMerged,
)
from courrier.events.testing import Scenario
from courrier.gateway.domain import address as addresses
from courrier.gateway.domain.address import AssignAddress, ReleaseAddress, orders_for
from courrier.gateway.domain.case_numbers import TakeNumbers, case_numbers
from courrier.gateway.domain.merging import StandFor, merge, merged_fields
from courrier.gateway.domain.record import (
    ChangeRecord,
    CreateRecord,
    ExternalIdFixed,
    RecordExists,
    RecordMerged,
    RecordMissing,
    RemoveRecord,
    ReplaceRecord,
    display_name,
    record,
    record_id_of,
)
from courrier.gateway.domain.record_fields import CUSTOM_BYTES, started
from courrier.gateway.domain.refusals import Unfit, VersionChanged
from support.builders import COMPANY, CONTACT, NOON, example

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


def test_what_custom_names_is_changed_and_the_rest_stays() -> None:
    """A merge patch (RFC 7396): null takes a name away, objects are merged."""
    fields = CREATED.fields.model_copy(update={"custom": {"a": 1, "b": {"c": 2, "d": 3}}})
    created = example(RecordCreated, fields=fields)
    after = fields.model_copy(update={"custom": {"b": {"c": 2, "d": 4}}})
    changed = example(RecordChanged, fields=after, changed=("custom",))
    order = ChangeRecord({"custom": {"a": None, "b": {"d": 4}}})

    scenario.given(created).when(order).then(changed)
    scenario.given(created, changed).when(order).then()


def test_custom_fields_have_a_bound() -> None:
    """Also when each change by itself is within it."""
    half = {"half": "x" * (CUSTOM_BYTES // 2)}
    created = example(RecordCreated, fields={"custom": half})
    order = ChangeRecord({"custom": {"other": half["half"]}})

    refusal = scenario.given(created).when(order).refused(Unfit)
    assert getattr(refusal, "pointer", None) == "/custom"


@pytest.mark.parametrize(
    ("kind", "changes", "pointer"),
    [
        ("account", {"amount": "1"}, "/amount"),
        ("contact", {"due_at": NOON}, "/due_at"),
        ("case", {"phone": "1"}, "/phone"),
        ("contact", {"opted_out": (ADA,)}, "/opted_out/0"),
    ],
)
def test_a_field_without_place_is_named(
    kind: str, changes: Mapping[str, object], pointer: str
) -> None:
    """Nothing is kept that no answer and no page would make sense of."""
    ref = RecordRef(type=kind, id=CONTACT)
    created = example(RecordCreated, record=ref, fields={"name": "x"})

    refusal = scenario.given(created).when(ChangeRecord(changes)).refused(Unfit)
    assert getattr(refusal, "pointer", None) == pointer


def test_what_was_said_of_an_address_goes_with_it() -> None:
    """Marks are of addresses that the record has."""
    fields = RecordFields(
        email_addresses=(ADA, "a@x.test"), opted_out=(ADA,), invalid=("a@x.test",)
    )
    created = example(RecordCreated, fields=fields)
    after = RecordFields(email_addresses=("A@x.test",), invalid=("a@x.test",))
    changed = example(RecordChanged, fields=after, changed=("email_addresses", "opted_out"))

    scenario.given(created).when(ChangeRecord({"email_addresses": ("A@x.test",)})).then(changed)


def test_a_removed_record_is_gone_and_may_come_back() -> None:
    """Under the same id, as something new."""
    removed = example(RecordRemoved)
    gone = scenario.given(CREATED, removed)

    scenario.given(CREATED).when(RemoveRecord()).then(removed)
    gone.when(ChangeRecord({"name": "x"})).refused(RecordMissing)
    gone.when(RemoveRecord()).refused(RecordMissing)
    gone.when(CreateRecord(REF, CREATED.fields)).then(CREATED)


def test_a_merged_record_names_the_one_that_stands_for_it() -> None:
    """And never comes back under its own id."""
    replaced = example(RecordReplaced)
    merged = scenario.given(CREATED, replaced)

    scenario.given(CREATED).when(ReplaceRecord(replaced.by)).then(replaced)
    refusal = merged.when(ChangeRecord({"name": "x"})).refused(RecordMerged)
    assert getattr(refusal, "existing_id", None) == replaced.by.id
    merged.when(CreateRecord(REF, CREATED.fields)).refused(RecordExists)


def test_a_record_stands_for_all_that_was_ever_merged_into_it() -> None:
    """Each named once; merging the same ones again is no news."""
    merges = Scenario(merge)
    first = example(RecordsMerged, merged=("1", "2"))

    merges.when(StandFor(REF, ("1", "2"))).then(first)
    merges.given(first).when(StandFor(REF, ("2", "3"))).then(example(RecordsMerged, merged=("3",)))
    merges.given(first).when(StandFor(REF, ("2",))).then()


def test_of_merged_records_nothing_is_lost() -> None:
    """What the first one does not say is taken from the others, in order; lists are joined."""
    first = RecordFields(name="Ada", email_addresses=(ADA,), custom={"a": 1, "b": {"c": 1}})
    second = RecordFields(
        name="A. L.",
        phone="1",
        email_addresses=("ADA@example.test", "a@x.test"),
        invalid=("a@x.test",),
        contact_ids=(CONTACT, "2"),
        custom={"a": 2, "b": {"d": 2}, "e": None},
        external_id="x",
    )
    third = RecordFields(phone="2", contact_ids=("3", "2"), number=7)

    assert merged_fields(first, [second, third], {CONTACT}) == RecordFields(
        name="Ada",
        phone="1",
        email_addresses=(ADA, "a@x.test"),
        invalid=("a@x.test",),
        contact_ids=("2", "3"),
        custom={"a": 1, "b": {"c": 1, "d": 2}, "e": None},
    )


def test_a_new_record_begins_where_its_type_begins() -> None:
    """Unless it says itself."""
    assert started("case", RecordFields()).status == "New"
    assert started("opportunity", RecordFields(stage="Negotiation")).stage == "Negotiation"
    assert started("contact", RecordFields()) == RecordFields()


def test_numbers_of_cases_rise() -> None:
    """Whatever was taken before, alone or many at once."""
    numbers = Scenario(case_numbers)

    numbers.when(TakeNumbers(1)).then(CaseNumbersTaken(first=1, last=1))
    numbers.given(CaseNumbersTaken(first=1, last=9)).when(TakeNumbers(3)).then(
        CaseNumbersTaken(first=10, last=12)
    )


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
