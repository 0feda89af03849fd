"""Copies in a removed folder are in the Inbox again; what lies elsewhere stays there."""

from courrier.events.base import Evidence
from courrier.events.families.email import EmailEvent, EmailImported
from courrier.events.families.email_state import (
    EmailArchived,
    EmailFiled,
    EmailGivenUp,
    EmailTrashed,
)
from courrier.linker.domain.copies import copies
from courrier.linker.domain.emptying import given_back
from support.builders import EMAIL, HOLDING, USER, example

OTHER_USER = "9" * 32
BOX, OTHER_BOX = "a1", "a2"
MINE = {"email_id": EMAIL, "person_id": USER}
IN_BOTH = (HOLDING | {"folder": BOX}, HOLDING | {"holder_id": OTHER_USER, "folder": OTHER_BOX})
CAME = example(EmailImported, holdings=IN_BOTH)
TABLE: tuple[tuple[tuple[EmailEvent, ...], list[str]], ...] = (
    ((CAME,), [USER]),
    ((CAME, EmailFiled(**MINE, folder=OTHER_BOX)), []),
    ((CAME, EmailFiled(**MINE, folder="inbox")), []),
    ((CAME, EmailTrashed(**MINE)), []),
    ((CAME, EmailArchived(**MINE)), []),
    ((CAME, EmailTrashed(**MINE), EmailGivenUp(**MINE)), []),
    ((CAME, EmailFiled(email_id=EMAIL, person_id=OTHER_USER, folder=BOX)), [USER, OTHER_USER]),
    ((example(EmailImported, holdings=[HOLDING | {"holder_type": "group", "folder": BOX}]),), []),
)


def test_only_copies_that_lie_in_the_folder_come_back() -> None:
    """Each person's own copy, with the folder as the reason."""
    reason = Evidence(rule="folder-removed", rule_id=BOX, field="folder", value=BOX)
    for history, expected in TABLE:
        found = given_back(copies.fold(history), BOX, EMAIL)

        assert [
            EmailFiled(email_id=EMAIL, person_id=person, folder="inbox", reason=reason)
            for person in expected
        ] == list(found)
