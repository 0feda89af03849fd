"""What filters and an account's settings do with a message before anybody sees it.

A filter of everybody, of the account or of the group may keep a message out. Whatever is let in is
filed for each holder by the first filter that matches: the mailbox's, else the holder's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from courrier.events.base import Evidence
from courrier.events.families.email import Holding
from courrier.events.families.mailbox import MessageReceived
from courrier.linker.domain.filters import Filter, Met, first_met
from courrier.linker.domain.junk import JUNK
from courrier.linker.domain.places import INBOX, TRASH


@dataclass(frozen=True, slots=True)
class Target:
    """Where an account's mail is filed: its own folder, and others by folder of the server."""

    folder_id: str | None = None
    by_server_folder: Mapping[str, str] = field(default_factory=dict)

    def of(self, folder: str) -> str | None:
        """Return the folder of ours for what came from this folder of the server."""
        return self.by_server_folder.get(folder) or self.folder_id


@dataclass(frozen=True, slots=True)
class Rules:
    """What is set up for the mailboxes and holders of a batch; filters are in order.

    ``folders`` are the own and group folders there are, True where they are silent.
    """

    everywhere: tuple[Filter, ...] = ()
    by_account: Mapping[str, tuple[Filter, ...]] = field(default_factory=dict)
    by_owner: Mapping[str, tuple[Filter, ...]] = field(default_factory=dict)
    targets: Mapping[str, Target] = field(default_factory=dict)
    folders: Mapping[str, bool] = field(default_factory=dict)


def met_at_mailbox(
    message: MessageReceived, rules: Rules, *, letting_in: bool = False
) -> Met | None:
    """Return the filter of everybody or of the mailbox that matches; by hand none does.

    ``letting_in``: somebody took it back, so that none keeps it out any more.
    """
    if message.holder_id:
        return None
    filters = (*rules.everywhere, *rules.by_account.get(message.account_id, ()))
    if letting_in:
        filters = tuple(each for each in filters if each.fields.action != "skip")
    return first_met(message, filters) if filters else None


def keeps_out(met: Met) -> bool:
    """Tell whether no e-mail is to be made of a message that meets this at its mailbox."""
    return met.filter.fields.action == "skip"


def filed(holding: Holding, message: MessageReceived, rules: Rules, met: Met | None) -> Holding:
    """Return the holding where it belongs: only what would lie in the inbox is filed elsewhere.

    ``met`` is what the message meets at its mailbox (``met_at_mailbox``).
    """
    if holding.folder != INBOX or message.holder_id:
        return holding
    own = rules.by_owner.get(holding.holder_id, ()) if holding.holder_type == "user" else ()
    met = met or (first_met(message, own) if own else None)
    targeted = _targeted(holding, message, rules)
    return _by_filter(targeted, met, rules) if met else targeted


def _targeted(holding: Holding, message: MessageReceived, rules: Rules) -> Holding:
    """File it where its account says, if that folder is still there (S4)."""
    target = rules.targets.get(message.account_id, Target()).of(message.folder)
    if target is None or target not in rules.folders:
        return holding
    why = Evidence(
        rule="account-folder", rule_id=message.account_id, field="folder", value=message.folder
    )
    quiet = holding.is_quiet or rules.folders[target]
    return holding.model_copy(update={"folder": target, "is_quiet": quiet, "reason": why})


def _by_filter(holding: Holding, met: Met, rules: Rules) -> Holding:
    fields = met.filter.fields
    folder = _folder(holding, met, rules)
    return holding.model_copy(
        update={
            "folder": folder,
            "is_read": holding.is_read or fields.mark_read,
            "is_important": holding.is_important or fields.important,
            "is_quiet": holding.is_quiet
            or fields.skip_notification
            or folder in {TRASH, JUNK}
            or rules.folders.get(folder, False),
            "reason": met.evidence,
        }
    )


def _folder(holding: Holding, met: Met, rules: Rules) -> str:
    """Return where the filter files it; a folder that is gone files nothing."""
    fields = met.filter.fields
    if fields.action == "skip":
        return TRASH
    wanted = fields.folder_id if fields.action in ("move", "group_move") else None
    is_there = wanted == JUNK or wanted in rules.folders
    return wanted if wanted and is_there else holding.folder
