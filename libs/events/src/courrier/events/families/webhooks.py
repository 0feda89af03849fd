"""Where other programs want to be told of what happens (``SETTINGS``, by the gateway only).

``settings.<p>.webhook.<id>``. Secrets are derived from a key in the vault and never on the log.
"""

from datetime import datetime
from typing import ClassVar

from courrier.events.base import Event, Value


class WebhookFields(Value):
    """An address that gets the events of these types that its owner may see; no type: all.

    What happened before ``since`` is not told.

    ``secret_number`` counts the signing secrets; the one before ``rotated_at`` signs for another
    day, so that the other side has time to learn the new one.
    """

    owner_id: str
    name: str
    url: str
    since: datetime
    event_types: tuple[str, ...] = ()
    is_active: bool = True
    secret_number: int = 1
    rotated_at: datetime | None = None


class WebhookAdded(Event):
    """An administrator had events sent to an address."""

    TYPE: ClassVar[str] = "courrier.settings.WebhookAdded.v1"

    webhook_id: str
    fields: WebhookFields


class WebhookChanged(Event):
    """Another address, other types, a new secret, on or off."""

    TYPE: ClassVar[str] = "courrier.settings.WebhookChanged.v1"

    webhook_id: str
    fields: WebhookFields


class WebhookRemoved(Event):
    """Nothing more is sent there."""

    TYPE: ClassVar[str] = "courrier.settings.WebhookRemoved.v1"

    webhook_id: str
