"""``/healthz`` and ``/readyz`` on the main port, as on the health port."""

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse

from courrier.events.runtime.health import Health

router = APIRouter(include_in_schema=False)


@router.get("/healthz")
async def healthz(request: Request) -> PlainTextResponse:
    """Whether the process lives: it answers, so it does."""
    health: Health = request.app.state.health
    return PlainTextResponse("alive\n", 200 if health.alive else 503)


@router.get("/readyz")
async def readyz(request: Request) -> PlainTextResponse:
    """Whether the read models have caught up with what the log held at the start."""
    health: Health = request.app.state.health
    waiting = health.waiting_for
    text = f"waiting for {', '.join(waiting)}\n" if waiting else "ready\n"
    return PlainTextResponse(text, 503 if waiting else 200)
