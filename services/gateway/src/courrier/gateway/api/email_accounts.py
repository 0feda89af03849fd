"""``/email-accounts`` and ``/group-accounts``: mailboxes that are fetched and written from.

Both are the same thing, a group account with what makes it a team's; so are their operations.
"""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from courrier.events.commands.fetcher import CompareAccount, FetchAccount, ResumeFetching
from courrier.gateway.domain.access import may_administer, may_use_account
from courrier.gateway.domain.email_account import (
    AccountCommand,
    AccountMissing,
    PauseAccount,
    RemoveAccount,
    ResumeAccount,
)
from courrier.gateway.domain.refusals import NotAllowed
from courrier.gateway.handlers.account_setup import Wanted, add_account, alter_account
from courrier.gateway.handlers.email_accounts import change_account
from courrier.gateway.ports import Gateway
from courrier.gateway.projections import email_accounts, sending_holds
from courrier.gateway.projections.email_accounts import AccountRow
from courrier.gateway.projections.ledgers import ledgers_of
from courrier.gateway.projections.skipped_messages import counts_of

from .account_forms import (
    ACCOUNT,
    GROUP_ACCOUNT,
    AccountBody,
    AccountChange,
    AccountShown,
    FetchShown,
    GroupAccountBody,
    GroupAccountChange,
    account_json,
    account_shown,
)
from .account_ledgers import LEDGER, LedgerShown, VerifyShown, ledger_json
from .account_status import STATUS, StatusShown, held_json, status_json
from .answers import Facts, answer, answers, listed, nothing
from .caller import Caller, CallerDep, GatewayDep, cause_of, command_id, gateway_of, new_id
from .freshness import Fresh
from .orders import order
from .paging import PagingDep, by_name
from .routing import CourrierRoute
from .values import PathId
from .versions import SeenVersion


class _Routes:
    """The operations on accounts of one sort under ``path``."""

    def __init__(self, path: str, noun: str, *, is_group: bool) -> None:
        self.one = f"a {noun}" if is_group else f"an {noun}"
        self.path = path
        self.noun = noun
        self.is_group = is_group
        self.example: Any = GROUP_ACCOUNT if is_group else ACCOUNT
        self.router = APIRouter(route_class=CourrierRoute, tags=[f"{noun}s"])
        self._add_setting_up(GroupAccountBody if is_group else AccountBody)
        self._add_changing(GroupAccountChange if is_group else AccountChange)
        self._add_reading()
        self._add_pausing()
        self._add_fetching()
        self._add_ledger()

    def _add_setting_up(self, new: type[AccountBody]) -> None:
        async def create(
            body: new,  # type: ignore[valid-type]  # FastAPI reads the model when it is added
            request: Request,
            gateway: GatewayDep,
            caller: CallerDep,
        ) -> Response:
            self._check_administrator(caller)
            account_id = new_id(request, caller, "email-account")
            wanted = self._wanted(account_id, body)
            cause = cause_of(request, caller)
            written = await add_account(gateway, caller.person, wanted, cause)
            shown = account_shown(written.account, "waiting")
            location = f"/api/v1{self.path}/{account_id}"
            return answer(shown, 201, Facts(written.position, shown["version"], location))

        self.router.post(
            self.path,
            status_code=201,
            name=f"create_{self._name}",
            description=f"Set up {self.one}; fetching starts at once.",
            responses=answers(self.example, 201, 403, shape=AccountShown),
        )(create)

    def _add_changing(self, change: type[AccountChange]) -> None:
        @self.router.patch(
            f"{self.path}/{{account_id}}",
            name=f"change_{self._name}",
            description=f"Change {self.one}; what is left out stays as it is.",
            responses=answers(self.example, 200, 403, 404, 412, shape=AccountShown),
        )
        async def alter(  # noqa: PLR0913, PLR0917  what FastAPI hands in
            account_id: PathId,
            body: change,  # type: ignore[valid-type]  # the same
            request: Request,
            gateway: GatewayDep,
            caller: CallerDep,
            seen: SeenVersion,
        ) -> Response:
            row = await self._account(gateway, caller, account_id)
            wanted = self._wanted(account_id, body)
            cause = cause_of(request, caller)
            written = await alter_account(gateway, wanted, seen, cause)
            shown = account_shown(written.account, row.state)
            return answer(shown, 200, Facts(written.position, shown["version"]))

        async def remove(account_id: PathId, request: Request, caller: CallerDep) -> Response:
            return nothing(await self._order(request, caller, account_id, RemoveAccount()))

        self.router.delete(
            f"{self.path}/{{account_id}}",
            status_code=204,
            name=f"remove_{self._name}",
            description=f"Remove {self.one}; its e-mails stay with their holders.",
            responses=answers(None, 204, 404),
        )(remove)

    def _add_reading(self) -> None:
        async def show_all(gateway: GatewayDep, caller: CallerDep, paging: PagingDep) -> Response:
            self._check_administrator(caller)
            owner = None if caller.person.is_admin else caller.person.id
            rows = await email_accounts.accounts_of(gateway.pool, owner, is_group=self.is_group)
            return paging.answer([account_json(row) for row in rows], by=by_name)

        async def read(account_id: PathId, gateway: GatewayDep, caller: CallerDep) -> Response:
            shown = account_json(await self._account(gateway, caller, account_id))
            return answer(shown, 200, Facts(version=shown["version"]))

        async def status(account_id: PathId, gateway: GatewayDep, caller: CallerDep) -> Response:
            row = await self._account(gateway, caller, account_id)
            folders = await email_accounts.folders_of(gateway.pool, account_id)
            figures = None if row.paused else await gateway.holders.figures(account_id)
            shown = status_json(row, folders, figures, caller.person.language)
            hold = await sending_holds.hold_of(gateway.pool, account_id)
            return answer(shown | {"sending": held_json(hold, datetime.now(UTC))})

        whose = "All" if self.is_group else "My"
        self.router.get(
            self.path,
            name=f"list_{self._name}s",
            description=f"{whose} {self.noun}s; an administrator sees everybody's.",
            dependencies=[Fresh],
            responses=listed(self.example, AccountShown, 400, 403, choose=True),
        )(show_all)
        self.router.get(
            f"{self.path}/{{account_id}}",
            name=f"read_{self._name}",
            description=f"One {self.noun}.",
            dependencies=[Fresh],
            responses=answers(self.example, 200, 404, shape=AccountShown),
        )(read)
        self.router.get(
            f"{self.path}/{{account_id}}/status",
            name=f"read_{self._name}_status",
            description="How fetching goes: state and why, each folder, what is being done now.",
            dependencies=[Fresh],
            responses=answers(STATUS, 200, 404, shape=StatusShown),
        )(status)

    def _add_pausing(self) -> None:
        async def pause(account_id: PathId, request: Request, caller: CallerDep) -> Response:
            return nothing(await self._order(request, caller, account_id, PauseAccount()))

        async def resume(
            account_id: PathId, request: Request, gateway: GatewayDep, caller: CallerDep
        ) -> Response:
            row = await self._account(gateway, caller, account_id)
            position = await self._order(request, caller, account_id, ResumeAccount())
            if row.is_suspended:
                again = ResumeFetching(
                    command_id=command_id(request, caller),
                    account_id=account_id,
                    actor=caller.person.actor,
                )
                position = (await order(gateway, again)).position or position
            return nothing(position)

        one = f"{self.path}/{{account_id}}"
        self.router.post(
            f"{one}:pause",
            status_code=204,
            name=f"pause_{self._name}",
            description="Fetch nothing until it is resumed.",
            responses=answers(None, 204, 404),
        )(pause)
        self.router.post(
            f"{one}:resume",
            status_code=204,
            name=f"resume_{self._name}",
            description="Fetch again, at once: what was paused, and what failed too often.",
            responses=answers(None, 204, 404, 409),
        )(resume)

    def _add_fetching(self) -> None:
        async def fetch(
            account_id: PathId, request: Request, gateway: GatewayDep, caller: CallerDep
        ) -> Response:
            await self._account(gateway, caller, account_id)
            command = FetchAccount(
                command_id=command_id(request, caller),
                account_id=account_id,
                actor=caller.person.actor,
            )
            return answer({}, 202, Facts((await order(gateway, command)).position))

        self.router.post(
            f"{self.path}/{{account_id}}:fetch",
            status_code=202,
            name=f"fetch_{self._name}",
            description="Look for new mail now, not at the next poll.",
            responses=answers({}, 202, 404, 409, shape=FetchShown),
        )(fetch)

    def _add_ledger(self) -> None:
        async def ledger(account_id: PathId, gateway: GatewayDep, caller: CallerDep) -> Response:
            await self._account(gateway, caller, account_id)
            ledgers = await ledgers_of(gateway.pool, account_id)
            return answer(ledger_json(ledgers, await counts_of(gateway.pool, account_id)))

        async def verify(
            account_id: PathId, request: Request, gateway: GatewayDep, caller: CallerDep
        ) -> Response:
            await self._account(gateway, caller, account_id)
            command = CompareAccount(
                command_id=command_id(request, caller),
                account_id=account_id,
                actor=caller.person.actor,
            )
            return answer({}, 202, Facts((await order(gateway, command)).position))

        one = f"{self.path}/{{account_id}}/ledger"
        self.router.get(
            one,
            name=f"read_{self._name}_ledger",
            description="Each folder: what the server says, what we hold, what is left out, why.",
            dependencies=[Fresh],
            responses=answers(LEDGER, 200, 404, shape=LedgerShown),
        )(ledger)
        self.router.post(
            f"{one}:verify",
            status_code=202,
            name=f"verify_{self._name}_ledger",
            description="Hold every folder against the server, message by message, and fetch what "
            "is missing; done when `compared.at` of the ledger is later.",
            responses=answers({}, 202, 404, 409, shape=VerifyShown),
        )(verify)

    @property
    def _name(self) -> str:
        return "group_account" if self.is_group else "email_account"

    def _wanted(self, account_id: str, body: AccountBody | AccountChange) -> Wanted:
        named = body.named()
        owner_id = named.pop("owner_id", None)
        if isinstance(body, GroupAccountBody | GroupAccountChange):
            is_new = isinstance(body, GroupAccountBody)
            if is_new or "group" in named:
                named["group"] = body.group.options()
        return Wanted(account_id, owner_id, named, dict(body.servers()))

    def _check_administrator(self, caller: Caller) -> None:
        if self.is_group and not may_administer(caller.person):
            raise NotAllowed("only an administrator sets up group accounts")

    async def _account(self, gateway: Gateway, caller: Caller, account_id: str) -> AccountRow:
        row = await email_accounts.account_by_id(gateway.pool, account_id)
        if row is None or row.is_group != self.is_group:
            raise AccountMissing(f"there is no such {self.noun}")
        allowed = may_administer if self.is_group else None
        seen = allowed(caller.person) if allowed else may_use_account(caller.person, row.owner_id)
        if not seen:
            raise AccountMissing(f"there is no such {self.noun}")
        return row

    async def _order(
        self, request: Request, caller: Caller, account_id: str, wanted: AccountCommand
    ) -> str | None:
        gateway = gateway_of(request)
        row = await self._account(gateway, caller, account_id)
        cause = cause_of(request, caller)
        return (await change_account(gateway.store, row.id, wanted, cause)).position


router = _Routes("/email-accounts", "e-mail account", is_group=False).router
group_accounts = _Routes("/group-accounts", "group account", is_group=True).router
