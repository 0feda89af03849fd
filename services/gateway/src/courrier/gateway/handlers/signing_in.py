"""Sign in with a provider for an account: begin, take the answer, end."""

import base64
import binascii
import secrets
from datetime import datetime

from pydantic import ValidationError

from courrier.events import subjects
from courrier.events.base import Command, derived_id
from courrier.events.commands.mailboxes import EndSignIn, RedeemSignIn, tokens_of
from courrier.events.families.configuration import SystemFields
from courrier.events.families.settings import EmailAccountChanged, OAuthProvider
from courrier.events.vault import BadMasterKey, Vault
from courrier.gateway.domain import sign_in
from courrier.gateway.domain.configured import SYSTEM, SYSTEM_ID, ChangeItem
from courrier.gateway.domain.email_account import ChangeAccount, email_account
from courrier.gateway.domain.refusals import InTheWay, Unfit
from courrier.gateway.domain.shared_sign_in import with_sign_in
from courrier.gateway.domain.sign_in import LIFE, State
from courrier.gateway.ports import Gateway

from .configuring import configure, fields_of
from .facts import Cause, carry_out
from .inspecting import facts_of

STATE = "oauth-state"
VERIFIER_BYTES = 48


class StateRefused(InTheWay):
    """The answer is to no question of this person in this session, or came too late."""


async def provider_of(gateway: Gateway, name: str) -> OAuthProvider:
    """Return how people sign in with a provider here.

    Raises:
        Unfit: no administrator has set it up.
    """
    found = (await _system(gateway)).oauth_providers.get(name)
    if found is None:
        raise Unfit("signing in with this provider is not set up: see /oauth-providers")
    return found


async def keep_provider(
    gateway: Gateway, name: str, provider: OAuthProvider, secret: str | None, cause: Cause
) -> OAuthProvider:
    """Set a provider up; without a new secret it keeps the one it has, for the same client.

    Raises:
        Unfit: an endpoint in clear.
    """
    sign_in.check_urls(provider)
    before = (await _system(gateway)).oauth_providers.get(name)
    if secret is not None:
        record = f"oauth-client.{name}"
        await gateway.vault.put(record, secret.encode())
        provider = provider.model_copy(update={"secret": record})
    elif before is not None and _is_same_client(before, provider):
        provider = provider.model_copy(update={"secret": before.secret})
    await _change(gateway, {name: provider}, cause)
    return provider


async def drop_provider(gateway: Gateway, name: str, cause: Cause) -> None:
    """Offer a provider no more; sign-ins that were kept go on until they end."""
    await _change(gateway, {name: None}, cause)


def begun(vault: Vault, provider: OAuthProvider, state: State, address: str) -> str:
    """Return where the person's browser has to go."""
    sealed = vault.seal(STATE, state.model_dump_json().encode())
    shown = base64.urlsafe_b64encode(sealed).decode()
    return sign_in.authorization_url(provider, state, shown, address)


def new_state(asked: dict[str, str], now: datetime) -> State:
    """Return a new question; ``asked`` are its other fields."""
    verifier = secrets.token_urlsafe(VERIFIER_BYTES)
    return State.model_validate({**asked, "verifier": verifier, "ends_at": now + LIFE})


def opened(vault: Vault, shown: str, *, person_id: str, session: str, now: datetime) -> State:
    """Return the question that an answer is to.

    Raises:
        StateRefused: see there.
    """
    try:
        sealed = base64.urlsafe_b64decode(shown.encode())
        state = State.model_validate_json(vault.open(STATE, sealed))
    except (BadMasterKey, binascii.Error, ValidationError, ValueError) as error:
        raise StateRefused("this answer is to no question of ours: begin again") from error
    if not sign_in.is_answer_to(state, person_id=person_id, session=session, now=now):
        raise StateRefused("this answer came too late, or is somebody else's: begin again")
    return state


async def redemption(gateway: Gateway, state: State, code: str, cause: Cause) -> Command:
    """Return the order to exchange a code; the code travels sealed."""
    order = RedeemSignIn(
        command_id=cause.command_id,
        account_id=state.account_id,
        provider=await provider_of(gateway, state.provider),
        redirect_uri=state.redirect_uri,
        sealed_code="",
        actor=cause.actor,
    )
    secret = f"{code} {state.verifier}".encode()
    sealed = base64.b64encode(gateway.vault.seal(order.sealed_name, secret)).decode()
    return order.model_copy(update={"sealed_code": sealed})


async def use_tokens(gateway: Gateway, state: State, cause: Cause) -> str | None:
    """Let the account log in with the tokens; return the position, None: it did before."""
    facts = await facts_of(gateway, state.account_id)
    record = tokens_of(state.account_id)
    _check_fetched(facts)
    return await _alter(gateway, with_sign_in(facts, state.provider, record), cause)


async def end(gateway: Gateway, account_id: str, provider: str, cause: Cause) -> Command:
    """Let the account use no tokens any more; return the order to forget them.

    Raises:
        Unfit: it does not sign in with this provider.
    """
    facts = await facts_of(gateway, account_id)
    if facts.imap is None or facts.imap.oauth != provider:
        raise Unfit("this account does not sign in with this provider")
    await _alter(gateway, with_sign_in(facts, None, None), cause)
    order_id = derived_id(str(cause.command_id), "end-sign-in")
    return EndSignIn(command_id=order_id, account_id=account_id, actor=cause.actor)


async def _alter(gateway: Gateway, facts: EmailAccountChanged, cause: Cause) -> str | None:
    subject = subjects.email_account(facts.account_id)
    order = ChangeAccount(facts)
    return (await carry_out(gateway.store, subject, email_account, order, cause)).position


def _check_fetched(facts: EmailAccountChanged) -> None:
    if facts.imap is None:
        raise Unfit("this account fetches nothing: it has no IMAP server", pointer="/imap")


async def _system(gateway: Gateway) -> SystemFields:
    return await fields_of(gateway.store, SYSTEM, SYSTEM_ID) or SystemFields()


async def _change(gateway: Gateway, changes: dict[str, OAuthProvider | None], cause: Cause) -> None:
    after = dict((await _system(gateway)).oauth_providers)
    for name, provider in changes.items():
        after.pop(name, None)
        if provider is not None:
            after[name] = provider
    kept = {name: one.model_dump() for name, one in after.items()}
    order = ChangeItem(SYSTEM_ID, {"oauth_providers": kept})
    await configure(gateway.store, SYSTEM, SYSTEM_ID, order, cause)


def _is_same_client(one: OAuthProvider, other: OAuthProvider) -> bool:
    return (one.client_id, one.token_url) == (other.client_id, other.token_url)
