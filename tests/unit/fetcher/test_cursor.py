"""How far a folder is read, and the append that says so."""

from courrier.events.envelope import body_of
from courrier.events.families.mailbox import FolderAdvanced, MessageReceived, SkippedUid
from courrier.fetcher.domain import advance
from courrier.fetcher.domain.advance import Step, after, append_of, steps
from courrier.fetcher.domain.cursor import Cursor, cursor_of
from courrier.fetcher.domain.ledger import Ledger, ledger_of
from courrier.fetcher.domain.reading import ReceivedAsWritten, Written
from courrier.fetcher.domain.received import Origin
from courrier.fetcher.domain.scope import EVERYTHING
from courrier.fetcher.domain.uids import UidSet
from support.builders import ACCOUNT, NOON, example, recorded

ORIGIN = Origin(ACCOUNT, "INBOX", uidvalidity=1)


def received(uid: int, text: str = "Hello") -> Written:
    """A message of the folder."""
    return Written(uid, body_of(example(MessageReceived, uid=uid, text=text)))


def test_the_last_cursor_event_tells_everything() -> None:
    """A fetcher that starts with an empty memory goes on where the log stands."""
    event = example(FolderAdvanced, uidvalidity=9, uid_ranges=[{"first": 3, "last": 7}])

    cursor = cursor_of(recorded(event, sequence=42, version=17))

    assert Cursor(9, UidSet(((3, 7),)), 42, 17, ledger_of(event)) == cursor


def test_a_folder_never_read_begins_at_nothing() -> None:
    """Its first append expects that there is none."""
    assert Cursor() == cursor_of(None)


def test_another_uidvalidity_makes_all_unknown_but_keeps_the_fence() -> None:
    """Old UIDs mean nothing now; the next append still expects the last cursor event."""
    cursor = Cursor(1, UidSet(((1, 7),)), sequence=42, version=8)

    assert Cursor(2, UidSet(), sequence=42, version=8) == cursor.under(2)
    assert cursor is cursor.under(1)


def test_only_the_cursor_event_expects_a_sequence() -> None:
    """One fence for the batch, on the subject that every fetcher of the folder writes."""
    cursor = Cursor(1, UidSet(), sequence=42, version=8)

    events = append_of(ORIGIN, cursor, Step((received(2), received(1)), (), (1, 2)), NOON)

    assert [None, None, 42] == [new.expected for new in events]
    assert [9, 10, 11] == [new.version for new in events]
    assert [1, 2] == [new.event.uid for new in events if isinstance(new.event, ReceivedAsWritten)]


def test_the_same_message_is_the_same_event() -> None:
    """Fetched twice, by whomever, under whatever cursor: its id is one (I3)."""
    step = Step((received(2),), (), (1, 2))
    first = append_of(ORIGIN, Cursor(1), step, NOON)
    second = append_of(ORIGIN, Cursor(1, UidSet(((1, 1),)), 7, 3), step, NOON)

    assert first[0].id == second[0].id
    assert first[1].id != second[1].id


def test_steps_that_settle_different_things_are_different_facts() -> None:
    """Two fetchers that saw different messages vanish must not take each other's cursor."""
    one = append_of(ORIGIN, Cursor(1), Step((), (), (1, 2)), NOON)
    other = append_of(ORIGIN, Cursor(1), Step((), (), (1, 3)), NOON)

    assert one[0].id != other[0].id


def test_a_batch_of_long_texts_is_cut_into_appends() -> None:
    """The broker takes 4 MiB at once; each part settles its own messages and what lies between."""
    long = "ü" * 30_000
    messages = [received(uid, long) for uid in range(1, 121, 2)]
    skipped = [SkippedUid(uid=2, reason="vanished")]

    cut = steps(messages, Step((), tuple(skipped), (1, 130), missing=7))

    assert 2 == len(cut)
    assert [(cut[1].covers[1] + 1, 130), (1, cut[0].covers[0] - 1)] == [s.covers for s in cut]
    assert [(), tuple(skipped)] == [step.skipped for step in cut]
    assert [7 + len(cut[1].messages), 7] == [step.missing for step in cut]
    for step in cut:
        size = sum(len(message.body) for message in step.messages)
        assert size <= advance.APPEND_BYTES


def test_a_batch_of_skipped_messages_only_is_one_step() -> None:
    """The cursor passes what is left out on purpose."""
    skipped = (SkippedUid(uid=2, reason="too-old"),)

    whole = Step((), skipped, (1, 9))

    assert [whole] == steps([], whole)


def test_a_stored_step_moves_the_cursor() -> None:
    """The next append expects what this one left."""
    step = Step((received(5),), (), (3, 5))

    moved = after(Cursor(1, UidSet(((1, 2),)), 42, 8), step, 50, NOON)

    ledger = Ledger(held=1, scope=EVERYTHING, compared_at=NOON)
    assert Cursor(1, UidSet(((1, 5),)), 50, 10, ledger) == moved
