"""Set up a second factor: its secret is in the vault before it is asked for, codes shown once."""

import os
from dataclasses import dataclass, field

from courrier.events import subjects
from courrier.events.vault import SecretMissing
from courrier.gateway.domain.refusals import Unfit
from courrier.gateway.domain.second_factor import DisableTotp, EnableTotp, ReplaceRecoveryCodes
from courrier.gateway.domain.totp import (
    RECOVERY_BYTES,
    RECOVERY_CODES,
    SECRET_BYTES,
    matching_step,
    recovery_code,
    recovery_digest,
)
from courrier.gateway.domain.user import user
from courrier.gateway.entrance import TimeSteps

from .facts import Cause, Written, carry_out
from .people import Registry


class CodeDoesNotFit(Unfit):
    """The code is not the one that the authenticator should show now."""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """Recovery codes in clear, shown once, and where the fact stands."""

    codes: tuple[str, ...] = field(repr=False)
    position: str | None


def totp_secret(user_id: str) -> str:
    """Return the vault record of a user's secret."""
    return f"user.{user_id}.totp"


def _offered(user_id: str) -> str:
    return f"user.{user_id}.totp-offered"


async def offer(registry: Registry, user_id: str) -> bytes:
    """Return a new secret; nothing is asked for before a code of it was shown."""
    secret = os.urandom(SECRET_BYTES)
    await registry.vault.put(_offered(user_id), secret)
    return secret


async def enable(
    registry: Registry, steps: TimeSteps, user_id: str, *, code: str, cause: Cause
) -> Enrolled:
    """Ask for codes of the offered secret from now on.

    Raises:
        CodeDoesNotFit: no secret was offered, or this is no code of it.
        SecondFactorThere: one is set up already.
    """
    try:
        secret = (await registry.vault.get(_offered(user_id))).value
    except SecretMissing:
        raise CodeDoesNotFit("ask for a key first", pointer="/code") from None
    step = matching_step(secret, code, cause.now.timestamp())
    if step is None or not await steps.take(user_id, step):
        text = "this is not the code that the authenticator shows now"
        raise CodeDoesNotFit(text, pointer="/code")
    codes = _codes()
    name = f"{totp_secret(user_id)}.{os.urandom(8).hex()}"
    await registry.vault.put(name, secret)
    order = EnableTotp(name, tuple(map(recovery_digest, codes)))
    written = await carry_out(registry.store, subjects.user(user_id), user, order, cause)
    await registry.vault.put(_offered(user_id), os.urandom(SECRET_BYTES))
    return Enrolled(codes, written.position)


async def replace_codes(registry: Registry, user_id: str, cause: Cause) -> Enrolled:
    """Make the old recovery codes useless and return new ones.

    Raises:
        SecondFactorMissing: none is set up.
    """
    codes = _codes()
    order = ReplaceRecoveryCodes(tuple(map(recovery_digest, codes)))
    written = await carry_out(registry.store, subjects.user(user_id), user, order, cause)
    return Enrolled(codes, written.position)


async def disable(registry: Registry, user_id: str, cause: Cause) -> Written:
    """Ask for the password only."""
    return await carry_out(registry.store, subjects.user(user_id), user, DisableTotp(), cause)


def _codes() -> tuple[str, ...]:
    return tuple(recovery_code(os.urandom(RECOVERY_BYTES)) for _ in range(RECOVERY_CODES))
