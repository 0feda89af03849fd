"""An e-mail account: added, paused, resumed, removed."""

from courrier.events.families.settings import (
    EmailAccountAdded,
    EmailAccountPaused,
    EmailAccountRemoved,
    EmailAccountResumed,
)
from courrier.events.testing import Scenario
from courrier.gateway.domain.email_account import (
    AccountExists,
    AccountMissing,
    AddAccount,
    PauseAccount,
    RemoveAccount,
    ResumeAccount,
    email_account,
)
from support.builders import example

scenario = Scenario(email_account)
ADDED = example(EmailAccountAdded)
PAUSED = example(EmailAccountPaused)
RESUMED = example(EmailAccountResumed)
REMOVED = example(EmailAccountRemoved)


def test_an_account_is_added_once() -> None:
    """An id that was ever used is never used again."""
    scenario.when(AddAccount(ADDED)).then(ADDED)
    scenario.given(ADDED).when(AddAccount(ADDED)).refused(AccountExists)
    scenario.given(ADDED, REMOVED).when(AddAccount(ADDED)).refused(AccountExists)


def test_pausing_and_resuming_say_only_what_changes() -> None:
    """What is so already is no fact."""
    scenario.given(ADDED).when(PauseAccount()).then(PAUSED)
    scenario.given(ADDED, PAUSED).when(PauseAccount()).then()
    scenario.given(ADDED, PAUSED).when(ResumeAccount()).then(RESUMED)
    scenario.given(ADDED).when(ResumeAccount()).then()


def test_what_is_gone_takes_no_orders() -> None:
    """Neither does what never was."""
    scenario.given(ADDED).when(RemoveAccount()).then(REMOVED)
    scenario.given(ADDED, REMOVED).when(RemoveAccount()).refused(AccountMissing)
    scenario.when(PauseAccount()).refused(AccountMissing)
