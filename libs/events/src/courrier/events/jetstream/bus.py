"""Commands over NATS request/reply on ``command.<service>.<name>``; one instance answers each."""

import asyncio

import nats.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from pydantic import TypeAdapter, ValidationError

from courrier.events.base import Command
from courrier.events.bus import Answer, C, Handler, NoAnswer
from courrier.events.commands.answers import Refused
from courrier.events.envelope import UnreadableHistory
from courrier.events.store import Conflict, StoreUnavailable

CONCURRENT = 100
"""Commands under way in one process; more wait in the broker's client and time out there."""

_ANSWER: TypeAdapter[Answer] = TypeAdapter(Answer)

log = structlog.get_logger(__name__)


def subject_of(command: type[Command]) -> str:
    """Return the subject that orders of this kind travel on."""
    return f"command.{command.SERVICE}.{command.NAME}"


class NatsCommandBus:
    """``CommandBus`` over one connection."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def ask(self, command: Command) -> Answer:
        """Return the service's answer (see ``CommandBus.ask``)."""
        body = command.model_dump_json(by_alias=True).encode()
        try:
            message = await self._client.request(
                subject_of(type(command)), body, timeout=command.ANSWER_WITHIN_S
            )
        except (TimeoutError, nats.errors.Error) as error:
            raise NoAnswer(f"the {command.SERVICE} did not answer {command.NAME}") from error
        if not message.data:
            raise NoAnswer(f"the {command.SERVICE} failed on {command.NAME}; see its log")
        return _ANSWER.validate_json(message.data)


class NatsCommandServer:
    """Answers the commands meant for this service; its instances share the work."""

    def __init__(self, client: Client, tasks: asyncio.TaskGroup) -> None:
        self._client = client
        self._tasks = tasks
        self._slots = asyncio.Semaphore(CONCURRENT)

    async def serve(self, command: type[C], handler: Handler[C]) -> None:
        """Call ``handler`` for each command of this class from now on."""

        async def receive(message: Msg) -> None:
            await self._slots.acquire()
            self._tasks.create_task(self._answer(message, command, handler))

        await self._client.subscribe(subject_of(command), queue=command.SERVICE, cb=receive)

    async def _answer(self, message: Msg, command: type[C], handler: Handler[C]) -> None:
        try:
            async with asyncio.timeout(command.ANSWER_WITHIN_S):
                answer = await handler(command.model_validate_json(message.data))
            await message.respond(answer.model_dump_json().encode())
        except ValidationError as error:
            await message.respond(_refusal("malformed", error))
        except UnreadableHistory as error:
            await message.respond(_refusal("unreadable-history", error))
        except (Conflict, StoreUnavailable, TimeoutError) as error:
            log.warning("command.failed", command=command.NAME, error=repr(error))
        except Exception:
            log.exception("command.broken", command=command.NAME)
            await message.respond(b"")
        finally:
            self._slots.release()


def _refusal(reason: str, error: Exception) -> bytes:
    return Refused(reason=reason, text=str(error)).model_dump_json().encode()
