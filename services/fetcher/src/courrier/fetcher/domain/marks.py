r"""What both sides agree on about a folder's messages, and what a server shows that differs.

The agreed state is folded from the last ``FolderMarked`` and is the fence against loops: a change
that we made ourselves is agreed on before it is looked for, so it is not seen as anybody's. Only
the newest messages are compared, and ``\Seen`` and ``\Flagged`` of them.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from courrier.events.base import Event
from courrier.events.envelope import Recorded, readable
from courrier.events.families.mailbox import UidRange
from courrier.events.families.mailbox_state import FolderMarked, ServerMark
from courrier.fetcher.domain.uids import UidSet, sequence_set

COMPARED = 10_000
"""Newest messages of a folder that are compared, where the server tells what changed."""
COMPARED_BLINDLY = 2_000
"""The same on a server without CONDSTORE: all their flags are asked for each time."""
CHANGES = 500
"""Changes of one event; more go into several."""
SET_CHARACTERS = 30_000
"""Characters of one sequence-set of an event; where it is longer, fewer messages are compared."""

SEEN, FLAGGED = "\\Seen", "\\Flagged"

Uids = frozenset[int]


@dataclass(frozen=True, slots=True)
class Mark:
    """How one message is marked."""

    is_read: bool = False
    is_important: bool = False


@dataclass(frozen=True, slots=True)
class Agreed:
    """The agreed state of one folder; ``sequence`` and ``version`` are of the event it is from."""

    uidvalidity: int = 0
    from_uid: int = 1
    modseq: int | None = None
    present: Uids = frozenset()
    read: Uids = frozenset()
    important: Uids = frozenset()
    sequence: int = 0
    version: int = 0

    @property
    def is_new(self) -> bool:
        """Whether the folder has not been compared under this UIDVALIDITY."""
        return self.uidvalidity == 0

    def under(self, uidvalidity: int) -> "Agreed":
        """Return the state for this UIDVALIDITY; another one makes every message unknown."""
        if uidvalidity == self.uidvalidity:
            return self
        return Agreed(sequence=self.sequence, version=self.version)

    def of(self, uid: int) -> Mark:
        """Return how a message is marked; a message that is not known is not marked."""
        return Mark(uid in self.read, uid in self.important)

    def having(self, marks: Mapping[int, Mark]) -> "Agreed":
        """Return the state with these messages there, marked like this."""
        return replace(
            self,
            present=self.present | marks.keys(),
            read=_changed(self.read, marks, lambda mark: mark.is_read),
            important=_changed(self.important, marks, lambda mark: mark.is_important),
        )

    def without(self, uids: Collection[int]) -> "Agreed":
        """Return the state with these messages gone."""
        return replace(
            self,
            present=self.present.difference(uids),
            read=self.read.difference(uids),
            important=self.important.difference(uids),
        )

    def above(self, from_uid: int) -> "Agreed":
        """Return the state without what is older than this; it never grows back."""
        if from_uid <= self.from_uid:
            return self
        old = [uid for uid in self.present if uid < from_uid]
        return replace(self.without(old), from_uid=from_uid)


@dataclass(frozen=True, slots=True)
class Tracked:
    """A folder that is compared; ``filed_as`` as in ``FolderMarked``.

    ``is_fetched``: its messages become e-mails; those of the others are known from elsewhere.
    """

    account_id: str
    folder: str
    filed_as: str | None = None
    is_fetched: bool = True
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """A message that somebody marked on the server, or put into the folder (``arrived``)."""

    uid: int
    mark: Mark
    before: Mark = Mark()
    arrived: bool = False

    @property
    def is_read(self) -> bool | None:
        """Whether it is read now; None where that is as before. It may have changed on its way."""
        changed = self.arrived or self.mark.is_read != self.before.is_read
        return self.mark.is_read if changed else None

    @property
    def is_important(self) -> bool | None:
        """Whether it is important now; None where that is as before."""
        changed = self.arrived or self.mark.is_important != self.before.is_important
        return self.mark.is_important if changed else None


@dataclass(frozen=True, slots=True)
class Shown:
    """What a server shows: the UIDs from ``from_uid`` on, and marks of those that may differ."""

    uidvalidity: int
    present: Uids
    marks: Mapping[int, Mark]
    from_uid: int = 1
    modseq: int | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """What others have done since the agreed state."""

    changes: tuple[Change, ...] = ()
    vanished: tuple[int, ...] = ()


def agreed_of(last: Recorded[Event] | None) -> Agreed:
    """Return the state that a folder's last ``FolderMarked`` stands for.

    Raises:
        UnreadableHistory: a newer Courrier wrote it.
    """
    event = readable(last.event) if last else None
    if last is None or not isinstance(event, FolderMarked):
        return Agreed()
    return Agreed(
        event.uidvalidity,
        event.from_uid,
        event.modseq,
        uids_of(event.present),
        uids_of(event.read),
        uids_of(event.important),
        last.sequence,
        last.version,
    )


def mark_of(flags: Iterable[str]) -> Mark:
    """Return what flags mean; their case does not (RFC 9051 section 2.3.2)."""
    lowered = {flag.lower() for flag in flags}
    return Mark(SEEN.lower() in lowered, FLAGGED.lower() in lowered)


def oldest_compared(existing: Collection[int], agreed: Agreed, most: int) -> int:
    """Return the UID from which on messages are compared."""
    newest = sorted(existing)[-most:]
    first = newest[0] if len(newest) == most else 1
    return max(first, agreed.from_uid)


def difference(agreed: Agreed, shown: Shown, *, arrivals: bool = True) -> Difference:
    """Return what differs; ``agreed`` is for the UIDVALIDITY that is shown.

    Where the folder is compared for the first time nothing arrives: it was there before. Marks are
    told all the same, of what is marked at all, unless ``arrivals`` is false: then the folder is
    one from which nothing is fetched, and how it was before says nothing.
    """
    known = agreed.above(shown.from_uid)
    changes = []
    for uid in sorted(shown.marks.keys() & shown.present):
        mark, arrived = shown.marks[uid], not agreed.is_new and uid not in known.present
        if (agreed.is_new and not arrivals) or (mark == known.of(uid) and not arrived):
            continue
        changes.append(Change(uid, mark, known.of(uid), arrived))
    gone = known.present - shown.present
    return Difference(tuple(changes), tuple(sorted(gone)))


def steps(agreed: Agreed, shown: Shown, found: Difference) -> Iterator[tuple[Agreed, Difference]]:
    """Yield the states to record, each with what it tells: at most ``CHANGES`` changes at a time.

    Only the last has the new MODSEQ: after a crash between them the rest is asked for again, and
    what was there before the first comparison has still not arrived.
    """
    state = replace(agreed, uidvalidity=shown.uidvalidity).above(shown.from_uid)
    state = state.without(found.vanished)
    if agreed.is_new:
        state = replace(state, present=shown.present)
    runs = _runs(found.changes) or [()]
    for number, run in enumerate(runs):
        state = state.having({change.uid: change.mark for change in run})
        if run is runs[-1]:
            there = {uid: m for uid, m in shown.marks.items() if uid in shown.present}
            state = replace(state.having(there), modseq=shown.modseq)
        yield state, Difference(tuple(run), () if number else found.vanished)


def fitting(agreed: Agreed) -> Agreed:
    """Return the state with so few messages that an event can carry it: the oldest are let go."""
    state = agreed
    while any(len(text) > SET_CHARACTERS for text in _sets(state)):
        kept = sorted(state.present)[len(state.present) // 4 :]
        state = state.above(kept[0] if kept else state.from_uid + 1)
    return state


def folder_marked(
    tracked: Tracked,
    agreed: Agreed,
    changes: Sequence[ServerMark] = (),
    vanished: Sequence[int] = (),
) -> FolderMarked:
    """Return the event that this state, which fits, stands for."""
    present, read, important = _sets(agreed)
    spans = UidSet.of((uid, uid) for uid in vanished[-CHANGES:]).spans
    return FolderMarked(
        account_id=tracked.account_id,
        folder=tracked.folder,
        filed_as=tracked.filed_as,
        places=tracked.places,
        uidvalidity=agreed.uidvalidity,
        from_uid=agreed.from_uid,
        modseq=agreed.modseq,
        present=present,
        read=read,
        important=important,
        changes=tuple(changes),
        vanished=tuple(UidRange(first=first, last=last) for first, last in spans),
    )


def uids_of(text: str) -> Uids:
    """Return the UIDs of a sequence-set that we wrote."""
    uids: set[int] = set()
    for span in filter(None, text.split(",")):
        first, _, last = span.partition(":")
        uids.update(range(int(first), int(last or first) + 1))
    return frozenset(uids)


def _sets(agreed: Agreed) -> tuple[str, str, str]:
    return (
        sequence_set(agreed.present),
        sequence_set(agreed.read),
        sequence_set(agreed.important),
    )


def _changed(before: Uids, marks: Mapping[int, Mark], is_set: Callable[[Mark], bool]) -> Uids:
    return before.difference(marks) | {uid for uid, mark in marks.items() if is_set(mark)}


def _runs(changes: Sequence[Change]) -> list[Sequence[Change]]:
    return [changes[start : start + CHANGES] for start in range(0, len(changes), CHANGES)]
