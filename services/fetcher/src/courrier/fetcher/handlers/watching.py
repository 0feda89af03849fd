"""One connection of one account, for ever: connect, make rounds, and wait out what fails.

A failure closes the connection and is waited out here; it touches no other account.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from courrier.events.commands.figures import SIGN_IN_ENDS_SOON
from courrier.events.store import StoreUnavailable
from courrier.fetcher.domain import backoff
from courrier.fetcher.domain.condition import Suspended
from courrier.fetcher.domain.failures import SIGN_IN_ENDED, CannotFetch
from courrier.fetcher.handlers.gauges import FAILURES, LOG_INS
from courrier.fetcher.handlers.hosts import Hosts, NoRoom, Place
from courrier.fetcher.handlers.rounds import Case, Looking, Rounds
from courrier.fetcher.handlers.secrets import AccountSecrets
from courrier.fetcher.handlers.stopping import stop_if_asked
from courrier.fetcher.ports import MailServers

PASSING = frozenset({"disconnected", "timed-out"})
"""What happens to any connection now and then: told only when it happens twice in a row."""
ONE_TOO_MANY = frozenset({backoff.LOG_IN_REFUSED, backoff.THROTTLED})
"""How servers refuse one more connection of an account that has one."""

log = structlog.get_logger(__name__)


class NeedsPerson(Exception):
    """The account was suspended: none of its connections tries any more."""


class TooManyConnections(Exception):
    """The server does not want one more of this account: let the others do its work."""


@dataclass(frozen=True, slots=True)
class Means:
    """What the connections of all accounts need."""

    servers: MailServers
    secrets: AccountSecrets
    hosts: Hosts
    looking: Looking


class Watcher:
    """Watches ``folders`` of an account over one connection; only the first one risks a log-in.

    The others begin once the first is logged in, so that a wrong password is tried once.
    """

    def __init__(self, means: Means, case: Case, folders: Sequence[str], *, is_first: bool) -> None:
        self._means = means
        self._case = case
        self._account = case.account
        self._folders = folders
        self._is_first = is_first
        self._ear = case.alarm.listen()
        self._failures = 0

    async def run(self) -> None:
        """Watch until cancelled.

        Raises:
            NeedsPerson: it failed too often.
            TooManyConnections: the account has to do with fewer.
        """
        if not self._is_first:
            await self._case.let_in.wait()
        try:
            while True:
                stop_if_asked()
                await self._try()
        finally:
            self._case.alarm.forget(self._ear)

    async def _try(self) -> None:
        try:
            await self._session()
        except CannotFetch as failure:
            await self._wait_out(failure)
        except NoRoom as error:
            raise TooManyConnections from error
        except StoreUnavailable as error:
            log.warning("account.waits", account=self._account.account_id, error=str(error))
            self._failures += 1
            await self._sleep(backoff.log_wait_s(self._failures, self._means.looking.chance()))
        except (NeedsPerson, TooManyConnections):
            raise
        except Exception as error:  # a bug must stop one account only
            log.exception("account.broken", account=self._account.account_id)
            text = f"Courrier failed on this account ({type(error).__name__}); see its log."
            await self._wait_out(CannotFetch("server-error", text))

    async def _session(self) -> None:
        secret = await self._means.secrets.of(self._account.login)
        self._note_end(await self._means.secrets.end_of(self._account.login))
        server = self._account.imap
        async with self._means.hosts.place(server.host, waits=self._is_first) as place:
            await place.enter()
            try:
                await self._inside(place, secret)
            except CannotFetch as failure:
                place.failed(failure)
                if failure.problem == SIGN_IN_ENDED:
                    await self._means.secrets.refused(self._account.login)
                raise

    async def _inside(self, place: Place, secret: str) -> None:
        async with self._means.servers.connect(self._account.login, secret) as connection:
            place.entered()
            LOG_INS.inc()
            self._case.let_in.set()
            self._case.figures.connections += 1
            rounds = Rounds(
                self._means.looking,
                self._case,
                connection,
                folders=self._folders,
                ear=self._ear,
            )
            try:
                await rounds.go(self._begin_anew, lambda: place.is_wanted)
            finally:
                self._case.figures.connections -= 1

    def _note_end(self, at: datetime | None) -> None:
        """Note until when the provider lets us in, and warn while there is time."""
        self._case.figures.sign_in_ends_at = at
        if at and at - self._means.looking.now() < SIGN_IN_ENDS_SOON:
            account_id = self._account.account_id
            log.warning("sign_in.ends_soon", account=account_id, at=at.isoformat())

    def _begin_anew(self) -> None:
        """Something was recorded, or all is in step: the next failure is the first in a row."""
        self._failures = 0
        if self._account.state.marks_fetched:
            self._case.alarm.nudge()  # only what is on the log is marked

    async def _wait_out(self, failure: CannotFetch) -> None:
        if not self._is_first and failure.reason in ONE_TOO_MANY:
            raise TooManyConnections from failure
        self._failures += 1
        attempt = self._failures
        wait_s = backoff.wait_s(failure.reason, attempt, self._means.looking.chance())
        wait_s = max(wait_s, failure.wait_s or 0.0)
        self._note(failure, wait_s)
        if failure.reason not in PASSING or attempt > 1:
            await self._tell(failure, wait_s)
        await self._sleep(wait_s)

    def _note(self, failure: CannotFetch, wait_s: float) -> None:
        FAILURES.labels(failure.reason).inc()
        log.info(
            "account.failed",
            account=self._account.account_id,
            reason=failure.reason,
            wait_s=round(wait_s, 1),
        )
        now = self._means.looking.now()
        self._case.figures.failed(failure, now, now + timedelta(seconds=wait_s))

    async def _tell(self, failure: CannotFetch, wait_s: float) -> None:
        folders = [None] if self._is_first else self._folders
        with suppress(StoreUnavailable):  # it is told again after the next try
            for folder in folders:
                if isinstance(
                    await self._case.condition.failed(folder, failure, wait_s), Suspended
                ):
                    raise NeedsPerson

    async def _sleep(self, wait_s: float) -> None:
        """Wait; a call ends it early, but a nudge does not make a server be asked sooner."""
        stop_if_asked()
        loop = asyncio.get_running_loop()
        end = loop.time() + wait_s
        with suppress(TimeoutError):  # wait_for of Python 3.11 can lose a cancellation
            async with asyncio.timeout_at(end):
                while not self._ear.heard():
                    await self._ear.event.wait()
