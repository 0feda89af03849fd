"""What people set up: added, changed, removed, whatever kind of thing it is."""

from typing import Any

import pytest

from courrier.events.families.configuration import (
    FilterAdded,
    FolderAdded,
    FolderChanged,
    FolderRemoved,
    PreferencesChanged,
    SystemFields,
    SystemSettingsChanged,
)
from courrier.events.testing import Scenario
from courrier.gateway.domain.configured import (
    FILTER,
    FOLDER,
    KINDS,
    PREFERENCES,
    SYSTEM,
    AddItem,
    ChangeItem,
    ItemExists,
    ItemMissing,
    Kind,
    RemoveItem,
    decider_of,
)
from courrier.gateway.domain.refusals import Unfit, VersionChanged
from support.builders import USER, example
from support.configured import FOLDER as FOLDER_ID

ADDED = example(FolderAdded)
RENAMED = ADDED.fields.model_copy(update={"name": "Invoices"})
CHANGED = FolderChanged(folder_id=FOLDER_ID, fields=RENAMED)
REMOVED = example(FolderRemoved)
folders = Scenario(decider_of(FOLDER))


def test_a_folder_is_added_once() -> None:
    """Its id is its own for ever."""
    add = AddItem(FOLDER_ID, ADDED.fields)

    folders.when(add).then(ADDED)
    folders.given(ADDED).when(add).refused(ItemExists)
    folders.given(ADDED, REMOVED).when(add).refused(ItemExists)


def test_a_change_names_what_differs_and_keeps_the_rest() -> None:
    """The fact holds all fields as they are now; a change that changes nothing is none."""
    rename = ChangeItem(FOLDER_ID, {"name": "Invoices"})

    folders.given(ADDED).when(rename).then(CHANGED)
    folders.given(ADDED, CHANGED).when(rename).then()
    folders.when(rename).refused(ItemMissing)
    folders.given(ADDED, REMOVED).when(rename).refused(ItemMissing)


def test_what_somebody_else_changed_is_not_overwritten() -> None:
    """Who names the version that they saw hears that it is another one now."""
    folders.given(ADDED).when(ChangeItem(FOLDER_ID, {"name": "Invoices"}, 1)).then(CHANGED)
    folders.given(ADDED, CHANGED).when(ChangeItem(FOLDER_ID, {"name": "X"}, 1)).refused(
        VersionChanged
    )
    folders.given(ADDED, CHANGED).when(RemoveItem(1)).refused(VersionChanged)
    folders.given(ADDED, CHANGED).when(RemoveItem(2)).then(REMOVED)


def test_a_value_that_cannot_be_is_refused_by_name() -> None:
    """The pointer says which field."""
    filters = decider_of(FILTER)
    state = filters.fold([example(FilterAdded)])

    with pytest.raises(Unfit) as caught:
        filters.decide(state, ChangeItem("3" * 32, {"action": "burn"}))

    assert "/action" == caught.value.pointer


def test_preferences_are_there_from_the_start() -> None:
    """The first change is a change of what everybody has."""
    changed = Scenario(decider_of(PREFERENCES))
    quiet = PREFERENCES.fields(notify_new_mail=False)

    changed.when(ChangeItem(USER, {"notify_new_mail": False}, 0)).then(
        PreferencesChanged(user_id=USER, fields=quiet)
    )
    changed.when(RemoveItem()).refused(ItemMissing)


def test_system_settings_are_one() -> None:
    """They have no id to get wrong."""
    Scenario(decider_of(SYSTEM)).when(ChangeItem("settings", {"b2c": True})).then(
        SystemSettingsChanged(fields=SystemFields(b2c=True))
    )


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.added], ids=lambda kind: kind.name)
def test_every_kind_goes_the_same_course(kind: Kind[Any]) -> None:
    """Added, changed, removed, each by its own facts."""
    decider = decider_of(kind)
    assert kind.added is not None
    added = example(kind.added)
    fields = added.fields  # type: ignore[attr-defined]  # every kind's facts have them
    item_id = getattr(added, str(kind.key))

    assert [added] == decider.decide(decider.initial, AddItem(item_id, fields))
    state = decider.fold([added])
    [changed] = decider.decide(state, ChangeItem(item_id, {"name": "Other"}))
    [removed] = decider.decide(decider.evolve(state, changed), RemoveItem())
    assert (kind.changed, kind.removed) == (type(changed), type(removed))
