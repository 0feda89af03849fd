"""Answer ``recall-skipped``: a message that a filter kept out is taken in, while there is time."""

from courrier.events import subjects
from courrier.events.base import Event, Evidence, derived_id
from courrier.events.bus import Answer
from courrier.events.commands.answers import Done, Refused
from courrier.events.commands.linker import RecallSkipped
from courrier.events.envelope import Context, NewEvent, Recorded
from courrier.events.eraser import Eraser
from courrier.events.families.email import MessageSkipped
from courrier.events.families.skipped import SkippedMessageRecalled
from courrier.events.store import Conflict, EventStore, History
from courrier.linker.domain.skipping import skip_of
from courrier.linker.handlers.linking import Linking
from courrier.linker.ports import Clock, Outrun

TRIES = 5
SOURCE = "/courrier/linker"
STREAM = "MAILBOX"

NOT_SKIPPED = Refused(reason="not-skipped", text="No filter kept such a message out.")
GONE = Refused(
    reason="gone",
    text="It is too late: the time for taking this message back is over, and nothing of it is "
    "left. It is still on its mail server, unless somebody deleted it there.",
)


class Recalling:
    """Takes messages back; ``linking`` is not the intake's own."""

    def __init__(self, store: EventStore, reader: Eraser, linking: Linking, clock: Clock) -> None:
        self._store = store
        self._reader = reader
        self._linking = linking
        self._clock = clock

    async def answer(self, command: RecallSkipped) -> Answer:
        """Take the message in; once taken in, the order comes to nothing.

        Raises:
            Conflict: others kept writing to what it belongs to.
            StoreUnavailable: the log did not answer; repeat it.
        """
        try:
            subject = subjects.skipped_message(command.source_id)
        except subjects.BadSubject as error:
            return Refused(reason="malformed", text=str(error), pointer="/source_id")
        for _ in range(TRIES):
            history = await self._store.load(subject)
            try:
                return await self._once(command, subject, history)
            except (Conflict, Outrun):
                continue
        raise Conflict(f"{subject} could not be taken back in {TRIES} tries")

    async def _once(self, command: RecallSkipped, subject: str, history: History) -> Answer:
        skip = skip_of(history)
        if skip.stage == "recalled":
            return Done(position=f"EMAIL:{history[-1].sequence}", created=False)
        if skip.fact is None:
            return NOT_SKIPPED
        source = await self._source(skip.fact)
        if source is None or not skip.is_free(self._clock()):
            return GONE
        fact = self._fact(command, subject, history)
        email_id = await self._linking.recall(source, fact)
        last = (await self._store.last([subject]))[subject]
        return Done(position=f"EMAIL:{last.sequence}", id=email_id, created=True)

    async def _source(self, fact: MessageSkipped) -> Recorded[Event] | None:
        found = await self._reader.read(STREAM, [fact.source_sequence])
        return next((each for each in found if each.id == fact.source_id), None)

    def _fact(self, command: RecallSkipped, subject: str, history: History) -> NewEvent:
        cause, last = str(command.command_id), history[-1]
        reason = Evidence(rule="undo", field="decision", value=command.source_id.replace("-", ""))
        return NewEvent(
            subject,
            SkippedMessageRecalled(source_id=command.source_id, reason=reason),
            derived_id(cause, subject),
            last.version + 1,
            Context(SOURCE, command.actor, self._clock(), cause, cause),
            last.sequence,
        )
