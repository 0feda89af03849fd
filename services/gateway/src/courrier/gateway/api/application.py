"""The application: routes, errors, limits, and the OpenAPI document that describes them."""

from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi

from courrier.events.runtime.health import Health
from courrier.gateway.handlers.log_in import Throttle
from courrier.gateway.ports import Gateway

from . import problems
from .catalogue import router as catalogue
from .email_accounts import router as email_accounts
from .email_actions import router as email_actions
from .email_parts import router as email_parts
from .emails import router as emails
from .events import router as events
from .folders import router as folders
from .handing_in import router as handing_in
from .middleware import BodyLimit, RequestId
from .probes import router as probes
from .records import router as records
from .session import router as session
from .users import router as users

BASE = "/api/v1"
ROUTERS = (session, users, email_accounts, records, handing_in, emails, email_actions)
MORE_ROUTERS = (email_parts, folders, events, catalogue)


def build(gateway: Gateway, health: Health, *further: APIRouter) -> FastAPI:
    """Return the application; ``further`` routers (the web page) stand beside the API."""
    app = FastAPI(
        title="Courrier",
        version="1",
        summary="E-mail for a CRM: event-sourced, linked, explainable",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.gateway = gateway
    app.state.health = health
    app.state.throttle = Throttle()
    problems.install(app)
    for router in (*ROUTERS, *MORE_ROUTERS):
        app.include_router(router, prefix=BASE)
    for router in (probes, *further):
        app.include_router(router)
    app.add_middleware(BodyLimit, limits=gateway.limits)
    app.add_middleware(RequestId)
    app.openapi = lambda: openapi_of(app)  # type: ignore[method-assign]  # FastAPI's own way
    return app


def openapi_of(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document, made once."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            summary=app.summary,
            openapi_version="3.1.0",
            routes=app.routes,
        )
        document.setdefault("components", {})["securitySchemes"] = {
            "token": {"type": "http", "scheme": "bearer"},
            "session": {"type": "apiKey", "in": "cookie", "name": "courrier_session"},
        }
        document["security"] = [{"token": []}, {"session": []}]
        app.openapi_schema = document
    return app.openapi_schema
