"""Change how a person likes it; language and time zone stand with the person, in the same batch."""

from dataclasses import dataclass

from courrier.events import subjects
from courrier.events.families.configuration import PreferenceFields
from courrier.events.store import EventStore
from courrier.gateway.domain.configured import PREFERENCES, ChangeItem, Item, decider_of
from courrier.gateway.domain.user import ChangeUser, user

from .configuring import item_after
from .facts import AnyStep, Cause, Step, carry_out_together

OF_THE_PERSON = ("language", "time_zone")


@dataclass(frozen=True, slots=True)
class PreferencesWritten:
    """The preferences after the order, and where its last fact stands (None: nothing new)."""

    fields: PreferenceFields
    version: int
    position: str | None


async def change_preferences(
    store: EventStore, user_id: str, order: ChangeItem, cause: Cause
) -> PreferencesWritten:
    """Set what the order names.

    Raises:
        VersionChanged: they are no longer what the caller saw.
        Contended: others kept writing to the same things.
    """
    decider = decider_of(PREFERENCES)
    about = {name: value for name, value in order.changes.items() if name in OF_THE_PERSON}
    liked = {name: value for name, value in order.changes.items() if name not in OF_THE_PERSON}
    wish = ChangeItem(user_id, liked, order.version)
    subject = subjects.configured(PREFERENCES.name, user_id)
    steps: list[AnyStep] = [Step(subject, decider, wish)]
    if about:
        steps.append(Step(subjects.user(user_id), user, ChangeUser(changes=about)))
    written = await carry_out_together(store, steps, cause)
    state = item_after(decider, wish, written)
    if isinstance(state, Item) and isinstance(state.fields, PreferenceFields):
        return PreferencesWritten(state.fields, state.version, written.position)
    return PreferencesWritten(PreferenceFields(), 0, written.position)
