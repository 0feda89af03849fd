"""What is to be done on an account's server because somebody did it in Courrier.

An errand stands on the log before the server is asked for anything, and how it ended after it: the
last ``ErrandsNoted`` tells what is still to be done, whoever does it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from courrier.events.base import Event
from courrier.events.envelope import Recorded, readable
from courrier.events.families.email import EmailMarkedRead, EmailMarkedUnread
from courrier.events.families.email_state import (
    EmailArchived,
    EmailFiled,
    EmailMarkedImportant,
    EmailMarkedUnimportant,
    EmailRestored,
    EmailTrashed,
)
from courrier.events.families.mailbox_state import (
    Errand,
    ErrandEnd,
    ErrandResult,
    ErrandsNoted,
)
from courrier.events.families.outbound import MessageSent
from courrier.fetcher.domain.accounts import Account

WAITING = 200
"""Errands that wait at most; later wishes stay where they are, on the log."""
FINISHED = 200
"""Results of one event."""
TRIES = 6
"""Refusals by the server before an errand is given up and shown as refused."""
FIRST_WAIT = timedelta(seconds=30)
TEXT_LIMIT = 300

STORE_COPIES = ("gmail.com", "googlemail.com", "office365.com", "outlook.com", "hotmail.com")
"""Providers whose SMTP servers put a copy into the Sent folder by themselves."""

PersonalWish = (
    EmailMarkedRead
    | EmailMarkedUnread
    | EmailMarkedImportant
    | EmailMarkedUnimportant
    | EmailFiled
    | EmailRestored
    | EmailArchived
    | EmailTrashed
)


@dataclass(frozen=True, slots=True)
class Errands:
    """What waits; ``seen`` are the sequences up to which wishes were taken, by stream."""

    waiting: tuple[Errand, ...] = ()
    seen: Mapping[str, int] = field(default_factory=dict)
    sequence: int = 0
    version: int = 0

    def due(self, now: datetime) -> list[Errand]:
        """Return what is to be tried now; an e-mail's later errands wait for its first."""
        held = {one.email_id for one in self.waiting if one.retry_at and one.retry_at > now}
        return [one for one in self.waiting if one.email_id not in held]

    def next_at(self) -> datetime | None:
        """Return when the first of those that were refused is tried again."""
        return min((one.retry_at for one in self.waiting if one.retry_at), default=None)


@dataclass(frozen=True, slots=True)
class Desire:
    """All that is to be done with one e-mail, together: the later wish wins."""

    email_id: str
    errands: tuple[Errand, ...]
    is_read: bool | None = None
    is_important: bool | None = None
    folder: str | None = None
    append: bool = False


def errands_of(last: Recorded[Event] | None) -> Errands:
    """Return what an account's last ``ErrandsNoted`` stands for.

    Raises:
        UnreadableHistory: a newer Courrier wrote it.
    """
    event = readable(last.event) if last else None
    if last is None or not isinstance(event, ErrandsNoted):
        return Errands()
    return Errands(event.waiting, event.seen, last.sequence, last.version)


def errand_of(account: Account, recorded: Recorded[Event]) -> Errand | None:
    """Return what an event asks to be done on this account's server, or None.

    Only what the account's own holder did counts; a team's mailbox belongs to nobody alone.
    """
    event = recorded.event
    if isinstance(event, MessageSent):
        wanted = account.state.store_sent and event.account_id == account.account_id
        return _errand(recorded, event.email_id, kind="append") if wanted else None
    if not isinstance(event, PersonalWish) or not account.state.is_two_way:
        return None
    return _of_person(recorded, event) if event.person_id == account.state.owner_id else None


def _of_person(recorded: Recorded[Event], event: PersonalWish) -> Errand | None:
    match event:
        case EmailMarkedRead() | EmailMarkedUnread():
            is_read = isinstance(event, EmailMarkedRead)
            return _errand(recorded, event.email_id, is_read=is_read)
        case EmailMarkedImportant() | EmailMarkedUnimportant():
            is_important = isinstance(event, EmailMarkedImportant)
            return _errand(recorded, event.email_id, is_important=is_important)
        case EmailFiled() | EmailRestored():
            return _errand(recorded, event.email_id, kind="file", folder=event.folder)
        case EmailArchived():
            return _errand(recorded, event.email_id, kind="file", folder="archive")
        case EmailTrashed():
            return _errand(recorded, event.email_id, kind="file", folder="trash")
        case _:
            return None


def _errand(recorded: Recorded[Event], email_id: str, **wanted: object) -> Errand:
    return Errand.model_validate(
        {"kind": "mark", "cause_id": recorded.id, "email_id": email_id, "asked_at": recorded.time}
        | wanted
    )


def desires(due: Sequence[Errand]) -> list[Desire]:
    """Return what is to be done, by e-mail, in the order of the first wish of each."""
    found: dict[str, Desire] = {}
    for one in due:
        before = found.get(one.email_id, Desire(one.email_id, ()))
        found[one.email_id] = replace(
            before,
            errands=(*before.errands, one),
            is_read=before.is_read if one.is_read is None else one.is_read,
            is_important=before.is_important if one.is_important is None else one.is_important,
            folder=one.folder or before.folder,
            append=before.append or one.kind == "append",
        )
    return list(found.values())


def result_of(errand: Errand, end: ErrandEnd, text: str | None = None) -> ErrandResult:
    """Return how an errand ended."""
    return ErrandResult(
        cause_id=errand.cause_id,
        kind=errand.kind,
        email_id=errand.email_id,
        end=end,
        text=text[:TEXT_LIMIT] if text else None,
    )


def refused(errand: Errand, text: str, now: datetime) -> Errand | ErrandResult:
    """Return the errand as it waits after one more refusal, or that it is given up."""
    attempts = errand.attempts + 1
    if attempts >= TRIES:
        return result_of(errand, "refused", text)
    retry_at = now + FIRST_WAIT * 2**errand.attempts
    update = {"attempts": attempts, "text": text[:TEXT_LIMIT], "retry_at": retry_at}
    return errand.model_copy(update=update)


def taking(errands: Errands, wishes: Iterable[Errand], seen: Mapping[str, int]) -> Errands:
    """Return the errands with those wishes; one that was taken before is not taken again."""
    known = {one.cause_id for one in errands.waiting}
    new = [one for one in wishes if one.cause_id not in known]
    return replace(errands, waiting=(*errands.waiting, *new), seen={**errands.seen, **seen})


def finishing(errands: Errands, ended: Collection[ErrandResult | Errand]) -> Errands:
    """Return the errands without those that ended; an ``Errand`` among them waits as it is now."""
    still = {one.cause_id: one for one in ended if isinstance(one, Errand)}
    gone = {one.cause_id for one in ended if isinstance(one, ErrandResult)}
    waiting = [still.get(one.cause_id, one) for one in errands.waiting if one.cause_id not in gone]
    return replace(errands, waiting=tuple(waiting))


def stores_copies_itself(host: str) -> bool:
    """Tell whether a mail server keeps sent messages by itself, so that ours would be a second."""
    return any(host == name or host.endswith(f".{name}") for name in STORE_COPIES)
