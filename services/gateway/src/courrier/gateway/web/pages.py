"""All pages, for ``build(gateway, health, router)``."""

from fastapi import APIRouter

from . import accounts, assets, emails, gate, log_in, mailbox, oidc, records

router = APIRouter(include_in_schema=False)
for module in (assets, log_in, oidc, gate, mailbox, emails, records, accounts):
    router.include_router(module.router)
