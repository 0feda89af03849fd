"""Remove a folder together with what files into it: filters rest, visibly, until somebody looks."""

from dataclasses import dataclass
from typing import Any

from courrier.events import subjects
from courrier.events.store import EventStore
from courrier.gateway.domain.configured import FILTER, ChangeItem, Kind, RemoveItem, decider_of
from courrier.gateway.domain.email_account import PauseAccount, email_account

from .facts import AnyStep, Cause, Step, carry_out_together

FOLDER_REMOVED = "folder-removed"


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
        rest = ChangeItem(filter_id, {"active": False})
        steps.append(Step(subjects.configured(FILTER.name, filter_id), decider_of(FILTER), rest))
    for account_id in filing.account_ids:
        pause = PauseAccount(FOLDER_REMOVED)
        steps.append(Step(subjects.email_account(account_id), email_account, pause))
    return (await carry_out_together(store, steps, cause)).position
