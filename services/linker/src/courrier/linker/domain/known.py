"""What the index knew when a batch was looked up, and what the batch itself has added since."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from courrier.events.base import RecordRef
from courrier.linker.domain.filtering import Rules


@dataclass(frozen=True, slots=True)
class KnownEmail:
    """An e-mail that exists; its ``holders`` are written ``user:<id>``.

    ``subject_key`` is empty without a subject, ``fingerprint`` when it was not recorded. ``parent``
    is its record, or what stands for that now.
    """

    thread_id: str
    subject_key: str
    fingerprint: str
    holders: frozenset[str]
    date: datetime | None = None
    parent: RecordRef | None = None


@dataclass(frozen=True, slots=True)
class Owner:
    """A record that has an address; ``account_id`` is the CRM account it belongs to."""

    record: RecordRef
    account_id: str | None = None


@dataclass(frozen=True, slots=True)
class GroupAccount:
    """A mailbox that is a team's: who holds its mail, and what its mail starts.

    ``teams`` hold it, else ``user_id``, else who added it. ``template_id`` answers by machine.
    """

    address: str
    teams: tuple[str, ...] = ()
    user_id: str | None = None
    opens_cases: bool = False
    template_id: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """Answers to the questions of a batch; what is not in here does not exist.

    ``owners`` are CRM records by address, ``people`` our own users by address, ``account_owners``
    users by e-mail account, ``threads`` the threads by key (``domain.words``), ``accounts_of`` the
    CRM accounts of cases and opportunities. ``erased`` are e-mails that were erased and the keys of
    their messages (None: whatever comes under the id is refused). ``rules`` is what is set up for
    these mailboxes and holders, ``skipped`` the sources kept out, ``recalled`` those of them that
    somebody took back. ``b2c``: customers are persons; None where no administrator has said so or
    otherwise. ``trusted_servers`` are those whose word on From addresses counts wherever it stands
    in a header. ``groups`` are those of the e-mail accounts that are teams', ``group_addresses``
    those of the addresses that are of such accounts.
    """

    emails: Mapping[str, KnownEmail] = field(default_factory=dict)
    threads: Mapping[int, str] = field(default_factory=dict)
    accounts_of: Mapping[RecordRef, str] = field(default_factory=dict)
    owners: Mapping[str, tuple[Owner, ...]] = field(default_factory=dict)
    people: Mapping[str, frozenset[str]] = field(default_factory=dict)
    account_owners: Mapping[str, str] = field(default_factory=dict)
    erased: Mapping[str, str | None] = field(default_factory=dict)
    rules: Rules = field(default_factory=Rules)
    skipped: frozenset[str] = frozenset()
    recalled: frozenset[str] = frozenset()
    b2c: bool | None = None
    trusted_servers: frozenset[str] = frozenset()
    groups: Mapping[str, GroupAccount] = field(default_factory=dict)
    group_addresses: frozenset[str] = frozenset()
