"""All views of the sender, by the stream that feeds them: what a rebuild makes anew."""

from courrier.events.postgres.views import Feed, Views

from .accounts import accounts
from .deliveries import CHECKPOINT, deliveries
from .holds import holds
from .sightings import CHECKPOINT as SIGHTINGS
from .sightings import sightings

SETTINGS_FEED = Feed("accounts", accounts.stream, (accounts,))
OUTBOUND_FEED = Feed(CHECKPOINT.consumer, deliveries.stream, (deliveries, holds))
MAILBOX_FEED = Feed(SIGHTINGS.consumer, sightings.stream, (sightings,))
VIEWS = Views("sender", "courrier.sender", (SETTINGS_FEED, OUTBOUND_FEED, MAILBOX_FEED))
