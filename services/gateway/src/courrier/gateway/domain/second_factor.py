"""Decide about a person's second factor: one-time codes, and recovery codes that work once each."""

from collections.abc import Collection
from dataclasses import dataclass

from courrier.events.base import Event
from courrier.events.families.identity import (
    RecoveryCodesReplaced,
    RecoveryCodeUsed,
    TotpDisabled,
    TotpEnabled,
)

from .refusals import InTheWay, NotThere


@dataclass(frozen=True, slots=True)
class EnableTotp:
    """Ask for one-time codes; ``secret`` names the vault record, ``recovery`` are digests."""

    secret: str
    recovery: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DisableTotp:
    """Ask for the password only."""


@dataclass(frozen=True, slots=True)
class ReplaceRecoveryCodes:
    """Make the old recovery codes useless."""

    recovery: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UseRecoveryCode:
    """Let somebody in by a recovery code, once."""

    digest: str


class SecondFactorThere(InTheWay):
    """A second factor is set up already."""


class SecondFactorMissing(NotThere):
    """No second factor is set up, or no such recovery code is left."""


FactorCommand = EnableTotp | DisableTotp | ReplaceRecoveryCodes | UseRecoveryCode


def decide_factor(
    user_id: str, totp: str | None, recovery: Collection[str], command: FactorCommand
) -> list[Event]:
    """Return the new facts about a user who has this secret, if any, and these codes left.

    Raises:
        SecondFactorThere: one is to be set up, and is.
        SecondFactorMissing: none is set up, or no such recovery code is left.
    """
    if isinstance(command, EnableTotp):
        if totp is not None:
            raise SecondFactorThere("a second factor is set up already; remove it first")
        return [TotpEnabled(user_id=user_id, secret=command.secret, recovery=command.recovery)]
    if isinstance(command, DisableTotp):
        return [TotpDisabled(user_id=user_id)] if totp else []
    if totp is None:
        raise SecondFactorMissing("no second factor is set up")
    if isinstance(command, ReplaceRecoveryCodes):
        return [RecoveryCodesReplaced(user_id=user_id, recovery=command.recovery)]
    if command.digest not in recovery:
        raise SecondFactorMissing("there is no such recovery code, or it was used")
    return [RecoveryCodeUsed(user_id=user_id, digest=command.digest)]
