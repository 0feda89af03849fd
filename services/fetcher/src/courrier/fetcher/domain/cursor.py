"""How far one folder is read: folded from its last ``FolderAdvanced``, which tells everything.

The sequence of that event is what the next append expects: of two fetchers on one folder, one is
refused, reads again and finds the other's work done.
"""

from dataclasses import dataclass, field, replace

from courrier.events.base import Event
from courrier.events.envelope import Recorded, readable
from courrier.events.families.mailbox import FolderAdvanced
from courrier.fetcher.domain.ledger import Ledger, ledger_of
from courrier.fetcher.domain.uids import Span, UidSet


@dataclass(frozen=True, slots=True)
class Cursor:
    """What is settled of a folder under ``uidvalidity``: received, skipped or not there.

    ``sequence`` is that of the last cursor event on the log (0: none) and ``version`` the last
    number given to an event of the folder. ``ledger`` holds the folder's numbers.
    """

    uidvalidity: int = 0
    settled: UidSet = field(default_factory=UidSet)
    sequence: int = 0
    version: int = 0
    ledger: Ledger = field(default_factory=Ledger)

    def under(self, uidvalidity: int) -> "Cursor":
        """Return the cursor for this UIDVALIDITY; another one makes every UID unknown again.

        What was received under the old one stays received.
        """
        if uidvalidity == self.uidvalidity:
            return self
        return replace(
            self, uidvalidity=uidvalidity, settled=UidSet(), ledger=Ledger(self.ledger.held)
        )

    def settling(self, covers: Span) -> UidSet:
        """Return what is settled once ``covers`` is, too."""
        return self.settled.with_span(covers)


def cursor_of(last: Recorded[Event] | None) -> Cursor:
    """Return the cursor that the folder's last cursor event stands for; None: never read.

    Raises:
        UnreadableHistory: a newer Courrier wrote it, and knows better how far the folder is read.
    """
    event = readable(last.event) if last else None
    if last is None or not isinstance(event, FolderAdvanced):
        return Cursor()
    settled = UidSet.of_ranges(event.uid_ranges)
    return Cursor(event.uidvalidity, settled, last.sequence, last.version, ledger_of(event))
