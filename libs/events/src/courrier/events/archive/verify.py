"""Is the archive whole, and is the broker's log the one that was archived?

Every finding names the stream and the sequences that it is about, as exactly as can be known.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from courrier.events.archive import names
from courrier.events.archive.broker_log import BrokerLog, Deleted, Digest, same
from courrier.events.archive.chain import DELETED, start_of
from courrier.events.archive.kept import Archive
from courrier.events.archive.lines import Archived, Erased, Gap, Line
from courrier.events.archive.segment import Reading, examine

ARCHIVE_DAMAGED = "archive-damaged"
SEGMENT_MISSING = "segment-missing"
CHAIN_BROKEN = "chain-broken"
NOT_ERASED = "not-erased"
LOST_BEFORE = "lost-before-archived"
BROKER_LOST = "broker-lost"
BROKER_ERASED = "broker-erased"
BROKER_DIFFERS = "broker-differs"
BROKER_KEPT = "broker-kept"
BROKER_BEHIND = "broker-behind"
RESTORING = "restoring"

MENDABLE = (BROKER_LOST, BROKER_BEHIND)
"""What rebuilding the stream from the archive mends."""


@dataclass(frozen=True)
class Finding:
    """A fault in sequences ``first`` to ``last`` of a stream."""

    kind: str
    stream: str
    first: int
    last: int
    text: str

    def __str__(self) -> str:
        where = str(self.first) if self.first == self.last else f"{self.first}-{self.last}"
        return f"{self.stream}:{where} {self.kind}: {self.text}"


@dataclass
class Report:
    """What was found in one stream; ``events`` are those archived with content."""

    stream: str
    last: int
    events: int
    erased: int
    missing: int
    digest: str
    findings: list[Finding]


class _Stream:
    """One stream's check, line by line."""

    def __init__(self, archive: Archive, stream: str) -> None:
        self._archive = archive
        self._chain: bytes | None = start_of(stream)
        self._digest = Digest()
        self.report = Report(stream, 0, 0, 0, 0, "", [])

    def find(self, kind: str, first: int, last: int, text: str) -> None:
        """Note a fault; neighbours of one kind become one finding."""
        found = self.report.findings
        before = found[-1] if found else None
        if before and (before.kind, before.text) == (kind, text) and first == before.last + 1:
            first = found.pop().first
        found.append(Finding(kind, self.report.stream, first, last, text))

    async def lines(self) -> AsyncGenerator[list[Line], None]:
        """Check segment after segment; yield the lines that could be read."""
        for name in await self._archive.segments(self.report.stream):
            reading = examine(await self._archive.store.read(name))
            self._check(name, reading)
            gone = await self._archive.erased(self.report.stream, reading.first, reading.last)
            self._count(reading.lines, gone)
            yield reading.lines
        self.report.digest = self._digest.hexdigest()

    def _check(self, name: str, reading: Reading) -> None:
        due, begins = self.report.last + 1, names.first_of(name)
        if begins > due:
            self.find(SEGMENT_MISSING, due, begins - 1, "no segment holds these")
        elif begins < due:
            self.find(CHAIN_BROKEN, begins, due - 1, f"{name} begins before the last one's end")
        if reading.first and reading.previous != self._chain and self._chain and begins == due:
            text = f"{name} does not go on from the segment before it"
            self.find(CHAIN_BROKEN, begins, begins, text)
        if (reading.stream, reading.first) != (self.report.stream, begins) and reading.first:
            text = f"{name} says it is {reading.stream} from {reading.first}"
            self.find(ARCHIVE_DAMAGED, begins, max(begins, reading.last), text)
        for sequence, text in reading.faults:
            place = sequence or begins
            self.find(ARCHIVE_DAMAGED, place, place, f"{text} ({name})")
        self._chain = reading.chain
        self.report.last = max(reading.last, begins)

    def _count(self, lines: list[Line], gone: frozenset[int]) -> None:
        self._digest.add(lines)
        for line in lines:
            match line:
                case Archived():
                    self.report.events += 1
                    if line.sequence in gone:
                        text = "erased, and still in the archive: erase it again"
                        self.find(NOT_ERASED, line.sequence, line.sequence, text)
                case Erased():
                    self.report.erased += 1
                case Gap():
                    self.report.missing += line.last - line.sequence + 1
                    if line.why != DELETED:
                        text = "the broker could not read it when it was archived"
                        self.find(LOST_BEFORE, line.sequence, line.last, text)


async def verify(archive: Archive, stream: str, broker: BrokerLog | None = None) -> Report:
    """Check a stream's archive and, with ``broker``, the broker's copy of what is archived."""
    check = _Stream(archive, stream)
    if broker is None:
        async for _ in check.lines():
            continue
        return check.report
    comparison = await _Comparison.begin(check, broker)
    async for lines in check.lines():
        await comparison.compare(lines)
    comparison.end()
    return check.report


class _Comparison:
    """The archive's lines beside the broker's messages, both in order."""

    def __init__(self, check: _Stream, broker: BrokerLog, last: int, deleted: Deleted) -> None:
        self._check = check
        self._broker = broker
        self._last = last
        self._deleted = deleted

    @classmethod
    async def begin(cls, check: _Stream, broker: BrokerLog) -> "_Comparison":
        """Look at the bounds of the broker's stream."""
        state = await broker.state()
        if state.restoring:
            text = "a restore has begun and not ended: run courrier archive restore again"
            check.find(RESTORING, 0, 0, text)
        deleted = await broker.deleted() if state.exists else Deleted(0, frozenset())
        return cls(check, broker, state.last, deleted)

    async def compare(self, lines: list[Line]) -> None:
        """Compare a segment's lines with the same stretch of the broker."""
        if not lines:
            return
        first, last = lines[0].sequence, min(lines[-1].last, self._last)
        there: dict[int, Archived] = {}
        async for page in self._broker.messages(last, first):
            there.update((message.sequence, message) for message in page)
        for line in lines:
            if self._is_lost(line, there) and (found := await self._broker.from_leader(line.last)):
                there[line.last] = found
            self._compare(line, there)

    def _is_lost(self, line: Line, there: dict[int, Archived]) -> bool:
        is_due = isinstance(line, Archived) and line.sequence <= self._last
        return is_due and line.sequence not in there and line.sequence not in self._deleted

    def end(self) -> None:
        """Say whether the broker's stream ends before the archive."""
        archived = self._check.report.last
        if self._last < archived:
            text = f"the broker's stream ends at {self._last}"
            self._check.find(BROKER_BEHIND, self._last + 1, archived, text)

    def _compare(self, line: Line, there: dict[int, Archived]) -> None:
        sequence, found = line.sequence, there.get(line.sequence)
        if isinstance(line, Gap):
            kept = [each for each in range(line.sequence, line.last + 1) if each in there]
            for each in kept:
                self._check.find(BROKER_KEPT, each, each, "the broker has it, the archive a gap")
        elif sequence > self._last:
            return
        elif isinstance(line, Erased):
            if found:
                text = "erased in the archive, not in the broker"
                self._check.find(BROKER_KEPT, sequence, sequence, text)
        elif found is None:
            self._missing(sequence)
        elif not same(line, found):
            text = f"the broker has another event ({found.event_id or 'no event'})"
            self._check.find(BROKER_DIFFERS, sequence, sequence, text)

    def _missing(self, sequence: int) -> None:
        if sequence in self._deleted:
            text = "erased in the broker, not in the archive"
            self._check.find(BROKER_ERASED, sequence, sequence, text)
        else:
            text = "the broker cannot read it any more: restore --heal"
            self._check.find(BROKER_LOST, sequence, sequence, text)
