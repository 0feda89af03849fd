"""Answer ``purge-messages``: messages that a filter kept out leave nothing in ``MAILBOX``.

What goes is noted per folder first, so that comparing the folder with its server does not fetch it
again, and views forget it; then the events are overwritten. Other copies of them may come.
"""

from collections import defaultdict
from collections.abc import Sequence
from contextlib import aclosing

from courrier.events import subjects
from courrier.events.base import derived_id
from courrier.events.bus import Answer, CommandBus
from courrier.events.commands.answers import Done
from courrier.events.commands.erasing import DropBlobs, KeptOut, PurgeMessages
from courrier.events.envelope import Context, NewEvent
from courrier.events.eraser import Eraser
from courrier.events.families.mailbox import MessageReceived
from courrier.events.families.mailbox_state import MessagesPurged, PurgedMessage
from courrier.events.store import Conflict, EventStore
from courrier.fetcher.domain.advance import SOURCE
from courrier.fetcher.handlers.storing import Clock

STREAM = "MAILBOX"
TRIES = 5


class Purging:
    """Purges messages; repeating an order goes on where it was left."""

    def __init__(self, store: EventStore, eraser: Eraser, *, bus: CommandBus, now: Clock) -> None:
        self._store = store
        self._eraser = eraser
        self._bus = bus
        self._now = now

    async def answer(self, command: PurgeMessages) -> Answer:
        """Erase these messages.

        Raises:
            Conflict: others purge messages of the same folders again and again.
            NoAnswer: the gateway, which takes the bytes, did not answer.
            StoreUnavailable: it may be half done; repeat it.
        """
        folders: dict[tuple[str, str], list[KeptOut]] = defaultdict(list)
        for message in command.messages:
            folders[message.account_id, message.folder].append(message)
        gone, position = 0, None
        for messages in folders.values():
            found = await self._found(messages)
            if found:
                await self._drop(command, found)
                position = await self._note(command, found)
                gone += await self._eraser.erase(STREAM, [each.sequence for each in found])
        return Done(position=position, created=gone > 0)

    async def _found(self, messages: Sequence[KeptOut]) -> list[KeptOut]:
        """Return what is there, each with the sequence where it really stands."""
        there = await self._eraser.read(STREAM, [each.sequence for each in messages])
        at = {recorded.id: recorded.sequence for recorded in there}
        elsewhere = {each.source_id for each in messages} - at.keys()
        subject = subjects.folder_messages(messages[0].account_id, messages[0].folder)
        # A restored log may have them at other places: the ids alone tell whether to look.
        if elsewhere and elsewhere & await self._store.ids(subject):
            at |= await self._searched(subject, elsewhere)
        return [
            each.model_copy(update={"sequence": at[each.source_id]})
            for each in messages
            if each.source_id in at
        ]

    async def _drop(self, command: PurgeMessages, found: Sequence[KeptOut]) -> None:
        """Have the bytes go, before the last event goes that tells which they are."""
        there = await self._eraser.read(STREAM, [each.sequence for each in found])
        digests = {r.event.raw.digest for r in there if isinstance(r.event, MessageReceived)}
        if digests:
            wanted = tuple(sorted(digests))
            order = DropBlobs(
                command_id=derived_id(str(command.command_id), *wanted),
                digests=wanted,
                actor=command.actor,
            )
            await self._bus.ask(order)

    async def _searched(self, subject: str, wanted: set[str]) -> dict[str, int]:
        found: dict[str, int] = {}
        end = (await self._store.last([subject]))[subject].sequence
        async with aclosing(self._store.follow(STREAM, filters=[subject])) as batches:
            async for batch in batches:
                found |= {r.id: r.sequence for r in batch if r.id in wanted}
                if len(found) == len(wanted) or batch[-1].sequence >= end:
                    break
        return found

    async def _note(self, command: PurgeMessages, found: Sequence[KeptOut]) -> str:
        account_id, folder = found[0].account_id, found[0].folder
        subject, cause = subjects.folder_purged(account_id, folder), str(command.command_id)
        messages = tuple(
            PurgedMessage(source_id=each.source_id, sequence=each.sequence, uid=each.uid)
            for each in found
        )
        fact = MessagesPurged(account_id=account_id, folder=folder, messages=messages)
        event_id = derived_id("messages-purged", *(each.source_id for each in found))
        context = Context(SOURCE, command.actor, self._now(), cause, cause)
        for _ in range(TRIES):
            last = (await self._store.last([subject])).get(subject)
            version, sequence = (last.version, last.sequence) if last else (0, 0)
            new = NewEvent(subject, fact, event_id, version + 1, context, sequence)
            try:
                return (await self._store.append([new])).position
            except Conflict:
                continue
        raise Conflict(f"others purged messages of {folder} {TRIES} times meanwhile")
