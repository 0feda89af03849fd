"""What becomes of a person's copy when somebody marks or moves the message on their mail server.

Only what was changed there is taken over, and only of the message that is meant: whoever reuses a
Message-ID in a mail of theirs marks and moves that one alone.
"""

from collections.abc import Sequence

from courrier.events.base import Evidence
from courrier.events.commands.linker import StateChange
from courrier.events.families.email import EmailEvent, EmailImported, EmailShared
from courrier.events.families.mailbox_state import FolderMarked, ServerMark
from courrier.events.identity import Identity
from courrier.linker.domain.copies import Copies, Copy, Wish
from courrier.linker.domain.places import INBOX

RULE = "server"


def is_meant(mark: ServerMark, facts: Sequence[EmailEvent], identity: Identity) -> bool:
    """Tell whether a mark is on this e-mail's message, and not on one that bears its id."""
    for fact in facts:
        if isinstance(fact, EmailImported):
            message = fact.message_id or fact.raw.digest
            return mark.message_key == identity.erased_message(message, fact.fingerprint or "")
    return False


def wish_of(
    event: FolderMarked,
    mark: ServerMark,
    *,
    person_id: str,
    copies: Copies,
    facts: Sequence[EmailEvent],
) -> Wish:
    """Return what the mark asks for of the person's copy; perhaps nothing.

    A message that came for the first time was not marked unread by anybody: it was never read.
    """
    sources = {f.source_id for f in facts if isinstance(f, EmailImported | EmailShared)}
    is_first = mark.source_id in sources
    change = StateChange(
        is_read=(mark.is_read or None) if is_first else mark.is_read,
        is_important=(mark.is_important or None) if is_first else mark.is_important,
        folder=None if is_first else _folder(event, mark, copies.of(person_id)),
    )
    reason = Evidence(rule=RULE, field="account_id", value=event.account_id)
    return Wish(person_id, change, reason=reason)


def _folder(event: FolderMarked, mark: ServerMark, copy: Copy | None) -> str | None:
    """Return where the copy goes; None: it is no move.

    A further copy of a message that arrives in the Inbox takes nothing out of a folder that the
    server knows nothing of.
    """
    if not mark.arrived or copy is None:
        return None
    if event.filed_as == INBOX and copy.place.folder not in event.places:
        return None
    return event.filed_as
