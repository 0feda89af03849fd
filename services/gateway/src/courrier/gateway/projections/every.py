"""All projections, and the tables that each stream feeds: what a rebuild makes anew."""

from collections.abc import Mapping, Sequence

from courrier.events.postgres.pool import Db
from courrier.events.postgres.views import Feed, Views
from courrier.events.projection import Projection

from .audit import audit
from .bounces import bounces
from .configured import configured
from .conversations import conversations
from .decisions import decisions
from .deliveries import deliveries
from .drafts import drafts
from .email_accounts import email_accounts
from .emails import emails
from .holdings import holdings
from .ledgers import fetching
from .mail_openings import mail_openings
from .own_accounts import own_accounts
from .positions import CONSUMER, SERVICE
from .record_addresses import record_addresses
from .records import records
from .sending_holds import sending_holds
from .skipped_messages import skipped_messages
from .teams import teams
from .texts import texts
from .tokens import tokens
from .uploads import uploads
from .users import users

EVERY: tuple[Projection[Db], ...] = (
    users,
    tokens,
    teams,
    email_accounts,
    configured,
    own_accounts,
    mail_openings,
    uploads,
    audit,
    records,
    record_addresses,
    fetching,
    texts,
    emails,
    holdings,
    decisions,
    conversations,
    skipped_messages,
    deliveries,
    bounces,
    sending_holds,
    drafts,
)

TABLES: Mapping[str, tuple[str, ...]] = {
    "SETTINGS": (
        "users",
        "user_addresses",
        "tokens",
        "teams",
        "roles",
        "email_accounts",
        "configured",
        "own_accounts",
        "mail_openings",
        "uploads",
        "audit",
    ),
    "CRM": ("records", "record_addresses", "merged_records", "gone_records"),
    "MAILBOX": ("fetching_states", "fetched_folders", "received_texts", "received_blobs"),
    "EMAIL": (
        "emails",
        "email_links",
        "joined_threads",
        "rethreaded",
        "email_holders",
        "given_up",
        "folder_counters",
        "team_copies",
        "team_counters",
        "decided",
        "decisions",
        "conversations",
        "notes",
        "notices",
        "skipped_messages",
    ),
    "OUTBOUND": ("deliveries", "bounces", "sending_holds", "drafts"),
}
"""Tables of the views by the one stream that feeds them."""


def projections_of(stream: str) -> Sequence[Projection[Db]]:
    """Return the projections that share a stream's checkpoint, in the order they are applied."""
    return [projection for projection in EVERY if projection.stream == stream]


VIEWS = Views(
    SERVICE,
    "courrier.gateway",
    tuple(Feed(CONSUMER, stream, tuple(projections_of(stream))) for stream in TABLES),
)
