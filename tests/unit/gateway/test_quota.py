"""How many requests a person may make in a minute."""

from courrier.gateway.api.quota import Left, Quota
from courrier.gateway.domain.access import Person
from courrier.gateway.ports import Limits

ADA = Person(id="1", login="ada", name="Ada")
ADMIN = Person(id="2", login="admin", name="Admin", is_admin=True)


def test_a_person_has_so_many_requests_a_minute() -> None:
    """Then none until the minute is over; others have their own."""
    quota = Quota(Limits(requests=2))
    left = [quota.take(ADA, now) for now in (0.0, 1.0, 59.0, 60.0)]

    assert [Left(2, 1, 61), Left(2, 0, 60), Left(2, -1, 2), Left(2, 1, 61)] == left
    assert Left(2, 1, 61) == quota.take(Person(id="3", login="eve", name="Eve"), 0.0)


def test_an_administrator_has_no_limit_unless_one_is_set() -> None:
    """A single machine is theirs to keep busy."""
    assert Quota(Limits(requests=1)).take(ADMIN, 0.0) is None
    assert Left(5, 4, 61) == Quota(Limits(requests=1, admin_requests=5)).take(ADMIN, 0.0)


def test_what_is_left_is_told_in_two_fields() -> None:
    """Policy and rest, as the draft has them; never below zero."""
    assert [
        (b"ratelimit-policy", b'"person";q=2;w=60'),
        (b"ratelimit", b'"person";r=0;t=3'),
    ] == Left(2, -1, 3).headers()
