"""A user: added once, with tokens that come and go."""

from courrier.events.families.identity import (
    LoginClaimed,
    UserChanged,
    UserDeactivated,
    UserFields,
    UserReactivated,
)
from courrier.events.families.settings import PasswordSet, TokenIssued, TokenRevoked, UserAdded
from courrier.events.testing import Scenario
from courrier.gateway.domain.login import ClaimLogin, login
from courrier.gateway.domain.refusals import VersionChanged
from courrier.gateway.domain.user import (
    AddUser,
    ChangeUser,
    DeactivateUser,
    IssueToken,
    LoginTaken,
    ReactivateUser,
    RevokeToken,
    SetPassword,
    TokenMissing,
    UserInactive,
    UserMissing,
    user,
    user_id_of,
)
from support.builders import TOKEN, USER, example

scenario = Scenario(user)
ADDED = example(UserAdded)
ISSUED = example(TokenIssued)
GRACE = UserFields(login="grace", name="Grace Hopper", email_addresses=("grace@example.test",))
ADD = AddUser(user_id=USER, fields=GRACE)


def test_a_person_is_let_in() -> None:
    """Without a password they can only use tokens."""
    scenario.when(ADD).then(ADDED)


def test_a_password_is_named_and_never_told() -> None:
    """The fact carries the name of the vault record."""
    order = AddUser(user_id=USER, fields=GRACE, secret=f"user.{USER}.password")
    added = example(UserAdded)

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


def test_a_change_says_what_differs() -> None:
    """The fact carries all fields, so that nobody has to add up."""
    order = ChangeUser(changes={"name": "Grace H.", "language": "en"})
    after = GRACE.model_copy(update={"name": "Grace H."})
    changed = UserChanged(user_id=USER, fields=after, changed=("name",))

    scenario.given(ADDED).when(order).then(changed)
    scenario.given(ADDED, changed).when(order).then()


def test_a_change_of_what_somebody_else_changed_is_refused() -> None:
    """The version counts the facts about the person."""
    password = example(PasswordSet)
    order = ChangeUser(changes={"name": "G."}, version=1)

    scenario.given(ADDED, password).when(order).refused(VersionChanged)


def test_who_is_deactivated_has_no_token_any_more() -> None:
    """Coming back does not bring them back."""
    gone = example(UserDeactivated)
    revoked = example(TokenRevoked)
    back = example(UserReactivated)
    order = IssueToken(token_id=TOKEN, name="laptop", digest="0" * 64)

    scenario.given(ADDED, ISSUED).when(DeactivateUser()).then(gone, revoked)
    scenario.given(ADDED, gone).when(DeactivateUser()).then()
    scenario.given(ADDED, gone).when(order).refused(UserInactive)
    scenario.given(ADDED, gone).when(ReactivateUser()).then(back)
    scenario.given(ADDED, gone, back).when(ReactivateUser()).then()


def test_a_login_once_used_is_its_users_for_good() -> None:
    """Nobody takes over a name that others know somebody by."""
    claimed = example(LoginClaimed)
    names = Scenario(login)

    names.when(ClaimLogin("6" * 32, USER)).then(claimed)
    names.given(claimed).when(ClaimLogin("6" * 32, USER)).then()
    names.given(claimed).when(ClaimLogin("6" * 32, "somebody")).refused(LoginTaken)
