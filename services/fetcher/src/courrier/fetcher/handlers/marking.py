"""Look at what others have done on a server since both sides agreed, and tell the log."""

from collections.abc import Collection, Sequence

import structlog

from courrier.events.families.mailbox_state import ServerMark
from courrier.events.identity import Identity, email_id_of
from courrier.fetcher.domain.marks import (
    COMPARED,
    COMPARED_BLINDLY,
    Agreed,
    Change,
    Shown,
    Tracked,
    difference,
    mark_of,
    oldest_compared,
    steps,
)
from courrier.fetcher.domain.received import Origin, message_event_id
from courrier.fetcher.domain.uids import HIGHEST_UID
from courrier.fetcher.handlers.noting import Notes, Told
from courrier.fetcher.ports import FolderStatus, MailConnection
from courrier.mail.fingerprint import fingerprint
from courrier.mail.parse import summarise

log = structlog.get_logger(__name__)


class Marking:
    """Compares an account's folders over one connection."""

    def __init__(self, connection: MailConnection, notes: Notes, identity: Identity) -> None:
        self._connection = connection
        self._notes = notes
        self._identity = identity
        self._statuses: dict[str, FolderStatus] = {}

    @property
    def _tells_changes(self) -> bool:
        return "CONDSTORE" in self._connection.capabilities

    async def compare(self, tracked: Tracked) -> None:
        """Tell what differs in a folder.

        Raises:
            CannotFetch: the server or the connection failed.
            Conflict: another fetcher tells it; read the log again.
        """
        status = await self._connection.status(tracked.folder)
        if self._tells_changes and status == self._statuses.get(tracked.folder):
            return
        opened = await self._connection.open(tracked.folder)
        agreed = (await self._notes.of(tracked.folder)).under(opened.uidvalidity)
        modseq = status.highestmodseq if self._tells_changes else None
        shown = await self._shown(agreed, opened.uidvalidity, modseq)
        await self._tell(tracked, agreed, shown)
        self._statuses[tracked.folder] = status

    async def _shown(self, agreed: Agreed, uidvalidity: int, modseq: int | None) -> Shown:
        existing = await self._connection.search([(agreed.from_uid, HIGHEST_UID)])
        most = COMPARED if modseq is not None else COMPARED_BLINDLY
        from_uid = oldest_compared(existing, agreed, most)
        present = frozenset(uid for uid in existing if uid >= from_uid)
        since = agreed.modseq if modseq is not None else None
        spans = [(from_uid, HIGHEST_UID)]
        told = await self._connection.marks(spans, since) if present else {}
        marks = {uid: mark_of(one.flags) for uid, one in told.items()}
        return Shown(uidvalidity, present, marks, from_uid, modseq)

    async def _tell(self, tracked: Tracked, agreed: Agreed, shown: Shown) -> None:
        found = difference(agreed, shown, arrivals=tracked.is_fetched)
        if not (found.changes or found.vanished or agreed.is_new):
            (state, _), *_ = steps(agreed, shown, found)
            self._notes.agreed[tracked.folder] = state
            return
        for state, part in steps(agreed, shown, found):
            changes = await self._named(tracked, shown.uidvalidity, part.changes)
            await self._notes.tell(Told(tracked, state, changes, part.vanished))
        log.debug(
            "folder.marked",
            account=tracked.account_id,
            changes=len(found.changes),
            vanished=len(found.vanished),
        )

    async def _named(
        self, tracked: Tracked, uidvalidity: int, changes: Sequence[Change]
    ) -> list[ServerMark]:
        if not changes:
            return []
        headers = await self._connection.headers([change.uid for change in changes])
        origin = Origin(tracked.account_id, tracked.folder, uidvalidity)
        return [
            self._mark(origin, change, headers[change.uid])
            for change in changes
            if change.uid in headers
        ]

    def _mark(self, origin: Origin, change: Change, header: bytes) -> ServerMark:
        names = names_of(header, self._identity)
        return ServerMark(
            uid=change.uid,
            email_id=names[0] if names else None,
            message_key=names[1] if names else None,
            is_read=change.is_read,
            is_important=change.is_important,
            arrived=change.arrived,
            source_id=str(message_event_id(origin, change.uid)) if change.arrived else None,
        )


def names_of(header: bytes, identity: Identity) -> tuple[str, str] | None:
    """Return an e-mail's id and its message's key, from a header; None without Message-ID."""
    summary = summarise(header)
    if not summary.message_id:
        return None
    sender = summary.from_.address if summary.from_ else None
    mark = fingerprint(sender, summary.date, summary.subject)
    key = identity.erased_message(summary.message_id, mark)
    return email_id_of(summary.message_id, identity), key


async def those_named(
    connection: MailConnection, uids: Collection[int], key: str, identity: Identity
) -> list[int]:
    """Return those of these messages that are what ``key`` names, and not others that imitate it.

    Raises:
        CannotFetch: the server or the connection failed.
    """
    if not uids:
        return []
    headers = await connection.headers(sorted(uids))
    named = ((uid, names_of(header, identity)) for uid, header in headers.items())
    return [uid for uid, names in named if names and names[1] == key]
