"""Remove a folder together with what files into it: filters rest, visibly, until somebody looks."""

from dataclasses import dataclass
from typing import Any

from courrier.events import subjects
from courrier.events.store import EventStore
from courrier.gateway.domain.configured import (
    FILTER,
    FOLDER,
    GROUP_FOLDER,
    ChangeItem,
    Gone,
    Kind,
    RemoveItem,
    RestoreItem,
    decider_of,
)
from courrier.gateway.domain.email_account import PauseAccount, email_account

from .facts import AnyStep, Cause, Step, carry_out_together

FOLDER_REMOVED = "folder-removed"


async def restore_folder(
    store: EventStore, folder_id: str, person_id: str, cause: Cause
) -> str | None:
    """Bring a removed folder of a person's back; what files into it rests until it is looked at.

    Raises:
        Contended: others kept writing to the same folder.
    """
    for kind in (FOLDER, GROUP_FOLDER):
        subject = subjects.configured(kind.name, folder_id)
        state = decider_of(kind).fold([r.event for r in await store.load(subject)])
        if isinstance(state, Gone) and _is_theirs(state, person_id):
            step: AnyStep = Step(subject, decider_of(kind), RestoreItem())
            return (await carry_out_together(store, [step], cause)).position
    return None


def _is_theirs(state: Gone, person_id: str) -> bool:
    """A person's own folder, or a team's: whoever removed it may bring it back."""
    return getattr(state.fields, "owner_id", person_id) == person_id


@dataclass(frozen=True, slots=True)
class Filing:
    """What files into a folder: filters, and accounts that are not paused already, by id."""

    filter_ids: tuple[str, ...] = ()
    account_ids: tuple[str, ...] = ()


async def remove_folder(
    store: EventStore, kind: Kind[Any], folder_id: str, filing: Filing, cause: Cause
) -> str | None:
    """Remove a folder, rest the filters and pause the accounts that name it; return the position.

    All in one batch: no filter ever files into a folder that is gone.

    Raises:
        ItemMissing: there is no such folder.
        Contended: others kept writing to the same things.
    """
    steps: list[AnyStep] = [
        Step(subjects.configured(kind.name, folder_id), decider_of(kind), RemoveItem())
    ]
    for filter_id in filing.filter_ids:
        rest = ChangeItem(filter_id, {"active": False, "paused_reason": FOLDER_REMOVED})
        steps.append(Step(subjects.configured(FILTER.name, filter_id), decider_of(FILTER), rest))
    for account_id in filing.account_ids:
        pause = PauseAccount(FOLDER_REMOVED)
        steps.append(Step(subjects.email_account(account_id), email_account, pause))
    return (await carry_out_together(store, steps, cause)).position
