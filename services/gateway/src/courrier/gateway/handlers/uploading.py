"""Files are uploaded: bytes first, then the fact; the same file under the same id is one."""

from collections.abc import Sequence

from courrier.events import subjects
from courrier.events.families.uploads import FileUploaded
from courrier.events.store import Conflict, EventStore

from .facts import ATTEMPTS, Cause, Contended, new_events


async def note_uploads(
    store: EventStore, uploads: Sequence[FileUploaded], cause: Cause
) -> str | None:
    """Record that these files are stored, as far as it is not recorded; return the position.

    Raises:
        Contended: others kept writing to the same ids.
        StoreUnavailable: repeat it.
    """
    for _ in range(ATTEMPTS):
        by_subject = {subjects.upload(each.upload_id): each for each in uploads}
        known = await store.last(list(by_subject)) if by_subject else {}
        events = [
            event
            for subject, upload in by_subject.items()
            if subject not in known
            for event in new_events(subject, [], [upload], cause)
        ]
        if not events:
            last = max((each.sequence for each in known.values()), default=0)
            return f"SETTINGS:{last}" if last else None
        try:
            return (await store.append(events)).position
        except Conflict:
            continue
    raise Contended("these files are uploaded by many at once")
