"""``AccountFigures`` of the fetcher that holds an account, asked over core NATS.

Every instance hears the question, the holder answers. Nobody does while an account is paused, is
taken over by another instance, or no fetcher runs.
"""

import nats.errors
import structlog
from nats.aio.client import Client
from pydantic import ValidationError

from courrier.events.commands.figures import FIGURES_SUBJECT, FIGURES_TIMEOUT_S, AccountFigures

log = structlog.get_logger(__name__)


class NatsFigures:
    """``Holders`` over one connection."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def figures(self, account_id: str) -> AccountFigures | None:
        """Return what the holder says now (see ``Holders.figures``)."""
        try:
            message = await self._client.request(
                FIGURES_SUBJECT + account_id, timeout=FIGURES_TIMEOUT_S
            )
            return AccountFigures.model_validate_json(message.data)
        except (TimeoutError, nats.errors.Error) as error:
            log.info("figures.unheard", account=account_id, error=repr(error))
        except ValidationError as error:
            log.warning("figures.unreadable", account=account_id, errors=error.error_count())
        return None
