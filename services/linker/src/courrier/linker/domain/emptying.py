"""What becomes of the copies in a folder that was removed: they are in the Inbox again."""

from collections.abc import Sequence

from courrier.events.base import Evidence
from courrier.events.families.email import EmailEvent
from courrier.linker.domain.copies import Copies
from courrier.linker.domain.places import INBOX, Place, Whose, move

RULE = "folder-removed"
PERSON = "user:"


def given_back(state: Copies, folder_id: str, email_id: str) -> Sequence[EmailEvent]:
    """Return the facts that bring each person's copy out of a folder; none where it lies elsewhere.

    What a person put away from there (Trash, Archive, snoozed) stays where it is.
    """
    reason = Evidence(rule=RULE, rule_id=folder_id, field="folder", value=folder_id)
    return [
        fact
        for holder, copy in state.held.items()
        if holder.startswith(PERSON) and copy.place.folder == folder_id
        for fact in move(
            Whose(email_id, holder.removeprefix(PERSON), reason), copy.place, Place(INBOX)
        )
    ]
