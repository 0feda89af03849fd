"""A user: added once, with tokens that come and go."""

from courrier.events.families.settings import PasswordSet, TokenIssued, TokenRevoked, UserAdded
from courrier.events.testing import Scenario
from courrier.gateway.domain.user import (
    AddUser,
    IssueToken,
    LoginTaken,
    RevokeToken,
    SetPassword,
    TokenMissing,
    UserMissing,
    user,
    user_id_of,
)
from support.builders import TOKEN, USER, example

scenario = Scenario(user)
ADDED = example(UserAdded)
ISSUED = example(TokenIssued)
ADD = AddUser(
    user_id=USER, login="grace", name="Grace Hopper", email_addresses=("grace@example.test",)
)


def test_a_person_is_let_in() -> None:
    """Without a password they can only use tokens."""
    scenario.when(ADD).then(ADDED)


def test_a_password_is_named_and_never_told() -> None:
    """The fact carries the name of the vault record."""
    order = AddUser(user_id=USER, login="grace", name="Grace", secret=f"user.{USER}.password")
    added = example(UserAdded, name="Grace", email_addresses=[])

    scenario.when(order).then(added, example(PasswordSet))


def test_a_login_is_one_persons() -> None:
    """The second one is told whose it is."""
    refusal = scenario.given(ADDED).when(ADD).refused(LoginTaken)

    assert getattr(refusal, "existing_id", None) == USER


def test_logins_differ_by_more_than_case() -> None:
    """One id, one aggregate: the broker keeps them apart."""
    assert user_id_of("Grace ") == user_id_of("grace")
    assert user_id_of("grace") != user_id_of("grace2")


def test_nobody_gets_no_token() -> None:
    """Orders about nobody are declined."""
    order = IssueToken(token_id=TOKEN, name="laptop", digest="0" * 64)

    scenario.when(order).refused(UserMissing)
    scenario.when(SetPassword(secret="x")).refused(UserMissing)


def test_a_token_is_issued_once() -> None:
    """A repeat adds nothing."""
    order = IssueToken(token_id=TOKEN, name="laptop", digest="0" * 64)

    scenario.given(ADDED).when(order).then(ISSUED)
    scenario.given(ADDED, ISSUED).when(order).then()


def test_a_token_is_revoked_once() -> None:
    """Then it is missing."""
    revoked = example(TokenRevoked)

    scenario.given(ADDED, ISSUED).when(RevokeToken(token_id=TOKEN)).then(revoked)
    scenario.given(ADDED, ISSUED, revoked).when(RevokeToken(token_id=TOKEN)).refused(TokenMissing)
