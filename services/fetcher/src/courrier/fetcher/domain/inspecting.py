"""What a try of a mailbox is answered with."""

from collections.abc import Sequence

from courrier.events.commands.mailboxes import CertificateSeen, FolderSeen, MailboxSeen, Step
from courrier.fetcher.domain.failures import CannotFetch
from courrier.fetcher.domain.folders import Folder, uses

FOLDERS_TOLD = 2000
"""Folders in an answer; more than anybody can choose from, and less than the broker carries."""


def works(folders: Sequence[Folder], capabilities: frozenset[str]) -> MailboxSeen:
    """Return that everything works."""
    count = sum(folder.is_selectable for folder in folders)
    return MailboxSeen(
        step="done",
        texts={
            "en": f"The mailbox can be read: {count} folders.",
            "fr": f"La boîte peut être lue : {count} dossiers.",
        },
        folders=told(folders),
        capabilities=tuple(sorted(capabilities)[:100]),
    )


def fails(
    failure: CannotFetch,
    step: Step,
    folders: Sequence[Folder],
    certificate: CertificateSeen | None = None,
) -> MailboxSeen:
    """Return what is in the way; the folders where we came as far as them."""
    return MailboxSeen(
        step=step,
        problem=failure.problem,
        texts=failure.texts,
        folders=told(folders),
        certificate=certificate,
    )


def told(folders: Sequence[Folder]) -> tuple[FolderSeen, ...]:
    """Return folders as people choose from them, with what each is for."""
    used_for = uses(folders)
    return tuple(
        FolderSeen(
            name=folder.name,
            special_use=used_for.get(folder.name),
            selectable=folder.is_selectable,
        )
        for folder in folders[:FOLDERS_TOLD]
    )
