"""Mark what was fetched as read on the server, where the account's owner wants that.

Only messages that are on the log, and each once: who marks it unread again is not overruled.
"""

from dataclasses import replace

from courrier.fetcher.domain.batches import Rules, refusal
from courrier.fetcher.domain.marks import COMPARED, SEEN, Agreed, Mark, Tracked, oldest_compared
from courrier.fetcher.domain.scope import Scope
from courrier.fetcher.domain.uids import HIGHEST_UID
from courrier.fetcher.handlers.noting import Notes, Told
from courrier.fetcher.handlers.storing import Recorder
from courrier.fetcher.ports import MailConnection


class Seeing:
    """Marks the newest fetched messages of an account's folders."""

    def __init__(
        self, connection: MailConnection, notes: Notes, recorder: Recorder, scope: Scope
    ) -> None:
        self._connection = connection
        self._notes = notes
        self._recorder = recorder
        self._rules = Rules(scope)
        self._done: dict[str, int] = {}

    async def mark(self, tracked: Tracked) -> None:
        """Mark what is on the log and was not marked before.

        Raises:
            CannotFetch: the server or the connection failed.
            Conflict: another fetcher does it; read the log again.
        """
        if not tracked.is_fetched:
            return
        cursor = await self._recorder.cursor(tracked.account_id, tracked.folder)
        if self._done.get(tracked.folder) == cursor.sequence:
            return
        opened = await self._connection.open(tracked.folder, writing=True)
        agreed = (await self._notes.of(tracked.folder)).under(opened.uidvalidity)
        if opened.is_writable and opened.uidvalidity == cursor.uidvalidity:
            existing = await self._connection.search([(agreed.from_uid, HIGHEST_UID)])
            missing = set(cursor.settled.missing_of(existing))
            stored = [uid for uid in existing if uid not in missing and uid not in agreed.present]
            from_uid = oldest_compared(existing, agreed, COMPARED)
            new = [uid for uid in stored if uid >= from_uid]
            state = replace(agreed.above(from_uid), uidvalidity=opened.uidvalidity)
            await self._mark(tracked, state, new)
        self._done[tracked.folder] = cursor.sequence

    async def _mark(self, tracked: Tracked, agreed: Agreed, new: list[int]) -> None:
        if not new:
            return
        listed = await self._connection.describe(new)
        fetched = {uid for uid in new if refusal(uid, listed, self._rules) is None}
        if fetched:
            await self._connection.store(sorted(fetched), [SEEN])
        state = agreed.having({uid: Mark(uid in fetched) for uid in new})
        await self._notes.tell(Told(tracked, state))
