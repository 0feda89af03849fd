"""What several roles add up to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courrier.events.families.identity import OBJECT_TYPES, Permission, RoleFields
from courrier.gateway.domain.refusals import Unfit
from courrier.gateway.domain.rights import (
    ADMINISTRATION,
    DEFAULTS,
    LEVELS,
    Rights,
    allows,
    check_role,
    effective,
)

levels = st.sampled_from(LEVELS)
permissions = st.builds(Permission, create=st.booleans(), read=levels, edit=levels, delete=levels)
roles = st.dictionaries(st.sampled_from(OBJECT_TYPES), permissions)


def test_without_roles_people_have_what_is_theirs() -> None:
    """Their own records, and mail that is shared with them."""
    rights = effective([])

    assert DEFAULTS == rights
    assert "own" == allows(rights, "contact", "read")
    assert "all" == allows(rights, "email", "read")
    assert "no" == allows(rights, "no such type", "read")


def test_a_role_may_take_what_everybody_has() -> None:
    """Naming a type replaces what people have without roles."""
    rights = effective([{"contact": Permission()}])

    assert Permission() == rights["contact"]
    assert DEFAULTS["lead"] == rights["lead"]


def test_administrators_need_no_role() -> None:
    """And none takes anything from them."""
    assert ADMINISTRATION == effective([{"contact": Permission()}], is_admin=True)


@given(roles, roles)
def test_the_most_permissive_role_wins(one: Rights, other: Rights) -> None:
    """For each type that both name, action by action; order does not matter."""
    both = effective([one, other])

    assert effective([other, one]) == both
    for name in one.keys() & other.keys():
        for action in ("read", "edit", "delete"):
            wider = max(getattr(one[name], action), getattr(other[name], action), key=LEVELS.index)
            assert wider == getattr(both[name], action)


@given(roles)
def test_a_role_twice_is_a_role_once(role: Rights) -> None:
    """A role of mine that my team has too gives nothing more."""
    assert effective([role]) == effective([role, role])


@pytest.mark.parametrize(
    "permission", [Permission(read="own", edit="all"), Permission(read="no", delete="own")]
)
def test_nobody_changes_what_they_may_not_read(permission: Permission) -> None:
    """Such a role is refused."""
    with pytest.raises(Unfit):
        check_role(RoleFields(name="x", rights={"contact": permission}))


def test_a_role_names_types_that_exist() -> None:
    """A misspelt one would silently give nothing."""
    with pytest.raises(Unfit):
        check_role(RoleFields(name="x", rights={"contakt": Permission()}))
