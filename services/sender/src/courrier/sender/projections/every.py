"""All views of the sender, by the stream that feeds them: what a rebuild makes anew."""

from courrier.events.postgres.views import Feed, Views

from .accounts import accounts
from .deliveries import CHECKPOINT, deliveries

SETTINGS_FEED = Feed("accounts", accounts.stream, (accounts,))
OUTBOUND_FEED = Feed(CHECKPOINT.consumer, deliveries.stream, (deliveries,))
VIEWS = Views("sender", "courrier.sender", (SETTINGS_FEED, OUTBOUND_FEED))
