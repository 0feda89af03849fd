"""What is going on in one account at this moment: kept here, asked for, never on the log."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from courrier.events.commands.figures import (
    AccountFigures,
    ErrandFigures,
    FolderFigures,
    Push,
    State,
)
from courrier.fetcher.domain.errands import Errands
from courrier.fetcher.domain.failures import CannotFetch


@dataclass(slots=True)
class Folders:
    """One folder (see ``FolderFigures``)."""

    push: bool = False
    exists: int | None = None
    done: int | None = None
    total: int | None = None
    looked_at: datetime | None = None


@dataclass(slots=True)
class Figures:
    """One account (see ``AccountFigures``); ``received`` counts messages by folder."""

    account_id: str
    is_suspended: bool = False
    push: Push = "untried"
    connections: int = 0
    folders: dict[str, Folders] = field(default_factory=dict)
    received: Counter[str] = field(default_factory=Counter)
    last_success: datetime | None = None
    error: CannotFetch | None = None
    error_at: datetime | None = None
    next_try: datetime | None = None
    sign_in_ends_at: datetime | None = None
    errands: Errands | None = None

    def folder(self, name: str) -> Folders:
        """Return a folder's figures."""
        return self.folders.setdefault(name, Folders())

    def failed(self, failure: CannotFetch, at: datetime, next_try: datetime | None) -> None:
        """Note the last failure; None: it is not tried again by itself."""
        self.error, self.error_at, self.next_try = failure, at, next_try

    def succeeded(self, at: datetime) -> None:
        """All folders of a connection are in step."""
        self.last_success, self.error, self.next_try = at, None, None

    @property
    def state(self) -> State:
        """One word."""
        if self.is_suspended:
            return "needs_person"
        if self.error is not None:
            return "failing"
        if any(folder.done is not None for folder in self.folders.values()):
            return "syncing"
        return "idle" if self.connections and self.last_success else "waiting"

    def told(self, instance: str, now: datetime) -> AccountFigures:
        """Return them as others see them."""
        error = self.error
        return AccountFigures(
            account_id=self.account_id,
            instance=instance,
            state=self.state,
            push=self.push,
            connections=self.connections,
            folders=tuple(self._told(name, one) for name, one in self.folders.items()),
            last_success=self.last_success,
            error_reason=error and error.reason,
            error_text=error and error.text,
            error_at=self.error_at if error else None,
            next_try=self.next_try,
            lag_s=self.lag_s(now),
            sign_in_ends_at=self.sign_in_ends_at,
            errands=_errands(self.errands),
        )

    def lag_s(self, now: datetime) -> float | None:
        """Return the seconds since the folder that waits longest was in step; a pushed one is."""
        trusted = self.push != "silent"
        ages = [
            0.0 if one.push and trusted else (now - one.looked_at).total_seconds()
            for one in self.folders.values()
            if one.looked_at is not None
        ]
        is_complete = len(ages) == len(self.folders)
        return round(max(ages), 1) if ages and is_complete else None

    def _told(self, name: str, one: Folders) -> FolderFigures:
        return FolderFigures(
            folder=name,
            push=one.push,
            exists=one.exists,
            done=one.done,
            total=one.total,
            received=self.received[name],
            looked_at=one.looked_at,
        )


def _errands(known: Errands | None) -> ErrandFigures | None:
    if known is None:
        return None
    next_try = known.next_at()
    refused = [one.text for one in known.waiting if one.retry_at and one.retry_at == next_try]
    return ErrandFigures(
        waiting=len(known.waiting),
        since=min((one.asked_at for one in known.waiting), default=None),
        next_try=next_try,
        text=next(iter(refused), None),
    )
