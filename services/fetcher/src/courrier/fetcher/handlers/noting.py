"""What the log says of one account's server, and what is added to it, under expected sequences.

What was done on the server and what both sides agree on since go into one append: a crash between
a STORE and this append repeats the STORE, which changes nothing.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from courrier.events import subjects
from courrier.events.base import Event, derived_id
from courrier.events.envelope import Context, NewEvent
from courrier.events.families.mailbox_state import (
    Errand,
    ErrandResult,
    ErrandsNoted,
    ServerMark,
)
from courrier.events.store import EventStore
from courrier.fetcher.domain.advance import ACTOR, SOURCE
from courrier.fetcher.domain.errands import FINISHED, Errands, errands_of, finishing
from courrier.fetcher.domain.marks import (
    Agreed,
    Tracked,
    agreed_of,
    fitting,
    folder_marked,
)
from courrier.fetcher.handlers.figures import Figures
from courrier.fetcher.handlers.storing import Clock


@dataclass(frozen=True, slots=True)
class Told:
    """A folder's new agreed state and what the event tells beside it."""

    tracked: Tracked
    agreed: Agreed
    changes: Sequence[ServerMark] = ()
    vanished: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Noted:
    """One event to append, and where it stands."""

    subject: str
    event: Event
    sequence: int
    version: int


class Notes:
    """One account's errands and folder states, as the log has them."""

    def __init__(self, store: EventStore, account_id: str, now: Clock, figures: Figures) -> None:
        self._store = store
        self._account_id = account_id
        self._now = now
        self._figures = figures
        self.errands = Errands()
        self.agreed: dict[str, Agreed] = {}

    async def load(self) -> None:
        """Read the errands from the log, and forget the folders' states."""
        subject = subjects.account_errands(self._account_id)
        self._keep(errands_of((await self._store.last([subject])).get(subject)))
        self.agreed = {}

    async def of(self, folder: str) -> Agreed:
        """Return a folder's state; read from the log once, then kept."""
        if folder not in self.agreed:
            subject = subjects.folder_marks(self._account_id, folder)
            self.agreed[folder] = agreed_of((await self._store.last([subject])).get(subject))
        return self.agreed[folder]

    async def take(self, wishes: Errands) -> None:
        """Note errands that are to be done, or only how far the streams are seen.

        Raises:
            Conflict: another fetcher works on this account; read again.
        """
        await self._append([], wishes, ())

    async def finish(self, told: Sequence[Told], ended: Collection[ErrandResult | Errand]) -> None:
        """Note how errands ended, and what is agreed on since, in one append.

        Raises:
            Conflict: another fetcher works on this account; read again.
        """
        results = [one for one in ended if isinstance(one, ErrandResult)][:FINISHED]
        await self._append(told, finishing(self.errands, ended), results)

    async def tell(self, told: Told) -> None:
        """Note what others changed in a folder.

        Raises:
            Conflict: another fetcher works on this account; read again.
        """
        await self._append([told], None, ())

    async def _append(
        self, told: Sequence[Told], errands: Errands | None, results: Sequence[ErrandResult]
    ) -> None:
        told = [replace(one, agreed=fitting(one.agreed)) for one in told]
        noted = [self._marked(one) for one in told]
        if errands is not None:
            noted.append(self._errands(errands, results))
        if not noted:
            return
        appended = await self._store.append([self._new(one) for one in noted])
        first = appended.sequence - len(noted) + 1
        for place, (folder, agreed, version) in enumerate(_versions(told, noted), start=first):
            self.agreed[folder] = replace(agreed, sequence=place, version=version)
        if errands is not None:
            sequence, version = appended.sequence, noted[-1].version
            self._keep(replace(errands, sequence=sequence, version=version))

    def _keep(self, errands: Errands) -> None:
        self.errands = self._figures.errands = errands

    def _marked(self, told: Told) -> Noted:
        event = folder_marked(told.tracked, told.agreed, told.changes, told.vanished)
        subject = subjects.folder_marks(self._account_id, told.tracked.folder)
        known = self.agreed.get(told.tracked.folder, told.agreed)
        return Noted(subject, event, known.sequence, known.version + 1)

    def _errands(self, errands: Errands, results: Sequence[ErrandResult]) -> Noted:
        event = ErrandsNoted(
            account_id=self._account_id,
            seen=dict(errands.seen),
            waiting=errands.waiting,
            finished=tuple(results),
        )
        subject = subjects.account_errands(self._account_id)
        return Noted(subject, event, self.errands.sequence, self.errands.version + 1)

    def _new(self, noted: Noted) -> NewEvent:
        """Two fetchers that note different things of one state must not take them for the same."""
        digest = sha256(noted.event.model_dump_json(by_alias=True).encode()).hexdigest()
        event_id = derived_id(noted.subject, str(noted.sequence), digest)
        context = Context(SOURCE, ACTOR, self._now(), correlation_id=str(event_id))
        return NewEvent(
            noted.subject, noted.event, event_id, noted.version, context, expected=noted.sequence
        )


def _versions(told: Sequence[Told], noted: Sequence[Noted]) -> list[tuple[str, Agreed, int]]:
    return [
        (one.tracked.folder, one.agreed, each.version)
        for one, each in zip(told, noted, strict=False)
    ]
