"""The accounts that mail is sent from.

Table ``accounts``, one row an account, fed by ``SETTINGS`` alone. ``settings_seq`` is the
sequence of the last event the row has seen; every statement refuses to go back, so replaying
from zero gives the same rows. ``smtp`` holds host, port, TLS, user and the name of the vault
record, never a password; SQL NULL where nothing can be sent.
"""

from collections.abc import Iterator, Sequence

from courrier.events import subjects
from courrier.events.commands.sender import own_server_id
from courrier.events.envelope import Recorded
from courrier.events.families.configuration import (
    PreferencesChanged,
    SmtpAccountAdded,
    SmtpAccountChanged,
    SmtpAccountRemoved,
)
from courrier.events.families.settings import (
    EmailAccountAdded,
    EmailAccountChanged,
    EmailAccountRemoved,
    Server,
)
from courrier.events.postgres.pool import DatabaseUnavailable, Db, Pool
from courrier.events.postgres.projector import TRANSIENT
from courrier.events.projection import Projection
from courrier.events.store import EventStore
from courrier.sender.domain.account import Account, account_of

ADD = """
    INSERT INTO accounts AS a
           (account_id, owner_id, address, smtp, carries_any, removed, settings_seq)
    SELECT n.account_id, n.owner_id, n.address, n.smtp::jsonb, n.carries_any, false, n.seq
      FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::boolean[], $6::bigint[])
           AS n (account_id, owner_id, address, smtp, carries_any, seq)
    ON CONFLICT (account_id) DO UPDATE
       SET owner_id = excluded.owner_id, address = excluded.address, smtp = excluded.smtp,
           carries_any = excluded.carries_any, removed = false,
           settings_seq = excluded.settings_seq
     WHERE a.settings_seq < excluded.settings_seq
"""

REMOVE = """
    UPDATE accounts AS a
       SET removed = true, settings_seq = n.seq
      FROM unnest($1::text[], $2::bigint[]) AS n (account_id, seq)
     WHERE a.account_id = n.account_id AND a.settings_seq < n.seq
"""

GET = """
    SELECT account_id, owner_id, address, smtp::text AS smtp, carries_any, removed
      FROM accounts
     WHERE account_id = $1
"""

HAS_ADDRESS = """
    SELECT EXISTS (SELECT 1 FROM accounts WHERE lower(address) = lower($1) AND NOT removed)
"""

accounts: Projection[Db] = Projection("accounts", stream="SETTINGS", version=2)


AccountSetUp = (
    EmailAccountAdded
    | EmailAccountChanged
    | SmtpAccountAdded
    | SmtpAccountChanged
    | PreferencesChanged
)
AccountGone = EmailAccountRemoved | SmtpAccountRemoved


@accounts.on_each(
    EmailAccountAdded,
    EmailAccountChanged,
    SmtpAccountAdded,
    SmtpAccountChanged,
    PreferencesChanged,
)
async def set_up(db: Db, run: Sequence[Recorded[AccountSetUp]]) -> None:
    """A row, with the outgoing server if it has one."""
    last = {account.account_id: (account, recorded.sequence) for account, recorded in _seen(run)}
    found = [account for account, _ in last.values()]
    await db.execute(
        ADD,
        [account.account_id for account in found],
        [account.owner_id for account in found],
        [account.address for account in found],
        [account.smtp.model_dump_json() if account.smtp else None for account in found],
        [account.carries_any for account in found],
        [sequence for _, sequence in last.values()],
    )


@accounts.on_each(EmailAccountRemoved, SmtpAccountRemoved)
async def removed(db: Db, run: Sequence[Recorded[AccountGone]]) -> None:
    """The row stays, marked: its absence would mean 'not known yet'."""
    last = {_id_of(recorded.event): recorded.sequence for recorded in run}
    await db.execute(REMOVE, list(last), list(last.values()))


def _seen(
    run: Sequence[Recorded[AccountSetUp]],
) -> Iterator[tuple[Account, Recorded[AccountSetUp]]]:
    for recorded in run:
        account = account_of([recorded.event])
        if account is not None:
            yield account, recorded


def _id_of(event: AccountGone) -> str:
    return event.account_id if isinstance(event, EmailAccountRemoved) else event.smtp_account_id


class ProjectedAccounts:
    """``Accounts`` from the rows, and from the log for an account that has no row yet."""

    def __init__(self, pool: Pool, store: EventStore) -> None:
        self._pool = pool
        self._store = store

    async def get(self, account_id: str) -> Account | None:
        """Return the account, or None (see ``Accounts.get``)."""
        try:
            row = await self._pool.fetchrow(GET, account_id)
        except TRANSIENT as error:
            raise DatabaseUnavailable(f"cannot read the accounts: {error!r}") from error
        if row is None:
            return await self._logged(account_id)
        if row["removed"]:
            return None
        smtp = Server.model_validate_json(row["smtp"]) if row["smtp"] else None
        return Account(row["account_id"], row["owner_id"], row["address"], smtp, row["carries_any"])

    async def has_address(self, address: str) -> bool:
        """Tell whether it is ours (see ``Accounts.has_address``)."""
        try:
            return bool(await self._pool.fetchval(HAS_ADDRESS, address.replace("\0", "")))
        except TRANSIENT as error:
            raise DatabaseUnavailable(f"cannot read the accounts: {error!r}") from error

    async def _logged(self, account_id: str) -> Account | None:
        """Return an account that was set up a moment ago."""
        for subject in _subjects_of(account_id):
            history = await self._store.load(subject)
            if history:
                return account_of(recorded.event for recorded in history)
        return None


def _subjects_of(account_id: str) -> tuple[str, ...]:
    """Return where an account of this id may be set up."""
    prefix = own_server_id("")
    if account_id.startswith(prefix):
        return (subjects.configured("preferences", account_id.removeprefix(prefix)),)
    return (subjects.email_account(account_id), subjects.configured("smtp_account", account_id))
