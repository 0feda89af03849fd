"""What a newer reading says differently, and what is not read again."""

from uuid import uuid4

from courrier.events.blobs import MemoryBlobs, ref_of
from courrier.events.commands.rereading import (
    SHOWN_CHARACTERS,
    MessagesReread,
    MessageToReread,
    RereadMessages,
)
from courrier.events.families.mailbox import MessageReceived, MessageReread
from courrier.events.identity import Identity
from courrier.events.memory import MemoryEventStore
from courrier.events.store import History
from courrier.fetcher.domain.erasing import key_of
from courrier.fetcher.domain.rereading import difference, differing
from courrier.fetcher.handlers.refusing import Refusals
from courrier.fetcher.handlers.rereading import Rereading, Screen
from support.builders import EMAIL, NOON, example, new_event, raw_message
from support.mail_readers import ReadHere

IDENTITY = Identity(b"k" * 32)
RAW = raw_message("It is this.\n", subject="The true subject")


class Reader:
    """Reads events by their places, as the eraser does."""

    def __init__(self, store: MemoryEventStore) -> None:
        self._store = store

    async def read(self, stream: str, sequences: object) -> History:
        """Return those that are there."""
        follower = self._store.follow(stream)
        history = await anext(follower)
        await follower.aclose()
        return [r for r in history if r.sequence in set(sequences)]  # type: ignore[call-overload]


async def answered(
    *, stored: bool = True, erased: bool = False, times: int = 1
) -> list[MessagesReread]:
    """Return the answers to the same order with ``apply``, given that often anew."""
    store, blobs, refusals = MemoryEventStore(), MemoryBlobs(), Refusals(IDENTITY)
    received = example(MessageReceived, raw=ref_of(RAW).model_dump(), subject="Misread")
    if stored:
        await blobs.put([RAW])
    if erased:
        refusals.add([key_of(example(MessageReceived, subject="The true subject"), IDENTITY)])
    await store.append([new_event(received, expected=0)])
    screen = Screen(ReadHere(), refusals)
    rereading = Rereading(store, Reader(store), blobs, screen=screen, now=lambda: NOON)  # type: ignore[arg-type]  # reads only
    answers = []
    for _ in range(times):
        order = RereadMessages(
            command_id=uuid4(),
            messages=(MessageToReread(sequence=1, email_id=EMAIL),),
            apply=True,
            actor="user:admin",
        )
        answer = await rereading.answer(order)
        assert isinstance(answer, MessagesReread)
        answers.append(answer)
    return answers


async def test_a_second_reading_is_compared_with_the_first_one() -> None:
    """What was applied is how it is read now: the same parser finds nothing more."""
    first, second = await answered(times=2)

    assert ((1, 1), (1, 0)) == ((first.read, first.applied), (second.read, second.applied))


async def test_what_was_erased_or_is_not_stored_is_not_read() -> None:
    """Its bytes may still lie where nobody has collected them yet."""
    (gone,) = await answered(stored=False)
    (erased,) = await answered(erased=True)

    assert [(0, 1, 0)] * 2 == [(one.read, one.missing, one.applied) for one in (gone, erased)]


def test_where_a_message_was_found_is_no_difference() -> None:
    """Only what is read in the bytes is compared; fields have the names of events."""
    before = example(MessageReceived)
    now = example(MessageReceived, uid=9, flags=["\\Seen"], **{"from": None})

    assert ("from",) == differing(before, now)


def test_a_long_value_is_shown_around_where_it_begins_to_differ() -> None:
    """A text of pages would hide the one letter."""
    before = example(MessageReceived, text="a" * 5000 + "x" + "b" * 5000)
    now = example(MessageReceived, text="a" * 5000 + "y" + "b" * 5000)

    (shown,) = difference(EMAIL, before, now, ("text",)).fields

    assert ("x" in shown.before, "y" in shown.now) == (True, True)
    assert len(shown.before) == SHOWN_CHARACTERS


def test_the_fact_holds_the_whole_reading() -> None:
    """An eraser finds the people of a newer reading as it finds those of the first one."""
    fields = MessageReread.model_fields.keys() - {"source_id", "email_id", "changed"}

    assert fields == MessageReceived.model_fields.keys()
