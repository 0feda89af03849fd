"""The application: routes, errors, limits."""

from fastapi import APIRouter, FastAPI

from courrier.events.runtime.health import Health
from courrier.gateway.ports import Gateway

from . import problems
from .account_trying import group_accounts as group_account_trying
from .account_trying import router as account_trying
from .attachments import router as attachments
from .audit import router as audit
from .catalogue import router as catalogue
from .composing import router as composing
from .conversations import router as conversations
from .dead import router as dead
from .decisions import router as decisions
from .describing import openapi_of
from .email_accounts import group_accounts
from .email_accounts import router as email_accounts
from .email_bulk import router as email_bulk
from .email_changes import router as email_changes
from .email_links import router as email_links
from .email_parts import router as email_parts
from .emails import router as emails
from .entry_codes import router as entry_codes
from .events import router as events
from .explanations import router as explanations
from .filter_suggestions import router as filter_suggestions
from .filters import filters
from .filters_over_past import router as filters_over_past
from .folders import router as folders
from .frame import Frame
from .from_addresses import router as from_addresses
from .handing_in import router as handing_in
from .imports import router as imports
from .jobs import router as jobs
from .junk import router as junk
from .methods import Methods
from .middleware import BodyLimit
from .notifications import router as notifications
from .openings import router as openings
from .own_account import router as own_account
from .own_folders import folders as own_folders
from .own_folders import group_folders
from .preferences import router as preferences
from .probes import router as probes
from .quota import Quota
from .record_bulk import router as record_bulk
from .record_merging import router as record_merging
from .records import router as records
from .rereading import router as rereading
from .sending import router as sending
from .session import router as session
from .sessions import router as sessions
from .signing_in import router as signing_in
from .skipped import router as skipped
from .smtp_accounts import smtp_accounts
from .smtp_trying import router as smtp_trying
from .snoozing import router as snoozing
from .stream import router as stream
from .teams import router as teams
from .template_previews import router as template_previews
from .templates import templates
from .thread_moves import router as thread_moves
from .threads import router as threads
from .tokens import router as tokens
from .uncertain import router as uncertain
from .users import router as users
from .webhooks import router as webhook_calls
from .webhooks import webhooks

BASE = "/api/v1"
EVERY_ROUTER = (
    session,
    sessions,
    own_account,
    entry_codes,
    audit,
    dead,
    users,
    tokens,
    teams,
    account_trying,
    group_account_trying,
    signing_in,
    email_accounts,
    imports,
    record_bulk,
    group_accounts,
    smtp_trying,
    smtp_accounts,
    preferences,
    own_folders,
    group_folders,
    filter_suggestions,
    filters_over_past,
    filters,
    template_previews,
    templates,
    record_merging,
    records,
    handing_in,
    conversations,
    emails,
    email_bulk,
    junk,
    snoozing,
    uncertain,
    rereading,
    decisions,
    skipped,
    threads,
    thread_moves,
    notifications,
    email_links,
    email_changes,
    composing,
    sending,
    attachments,
    from_addresses,
    openings,
    email_parts,
    explanations,
    folders,
    jobs,
    events,
    stream,
    webhook_calls,
    webhooks,
    catalogue,
)


def build(gateway: Gateway, health: Health, *further: APIRouter) -> FastAPI:
    """Return the application; ``further`` routers (the web page) stand beside the API."""
    app = interface()
    app.state.gateway = gateway
    app.state.health = health
    app.state.quota = Quota(gateway.limits)
    problems.install(app)
    for router in (probes, *further):
        app.include_router(router)
    app.add_middleware(Methods, routers=EVERY_ROUTER, base=BASE)
    app.add_middleware(BodyLimit, limits=gateway.limits)
    app.add_middleware(Frame, gateway=gateway)
    return app


def interface() -> FastAPI:
    """Return the routes under ``/api/v1`` and their description, with nothing behind them."""
    app = FastAPI(
        title="Courrier",
        version="1",
        summary="E-mail for a CRM: event-sourced, linked, explainable",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
    )
    for router in EVERY_ROUTER:
        app.include_router(router, prefix=BASE)
    app.openapi = lambda: openapi_of(app, EVERY_ROUTER)  # type: ignore[method-assign]  # FastAPI's own way
    return app
