"""Whose message is next: every account in turn, within what each may be given."""

from datetime import UTC, datetime, timedelta

from courrier.sender.domain.turns import Due, Limits, Turns

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def _due(account: str, number: int, *domains: str) -> Due:
    return Due(f"{account}{number}", account, domains or ("x.test",))


def _begun(turns: Turns, due: list[Due], now: datetime = NOON) -> list[str]:
    begun = []
    for each in turns.choose(due, now):
        turns.begin(each, now)
        begun.append(each.email_id)
    return begun


def test_a_long_queue_stands_in_nobodys_way() -> None:
    """One message of each account before the second of any."""
    turns = Turns(Limits(overall=4, per_account=2))
    queues = [_due("a", n) for n in range(100)] + [_due("b", 0), _due("c", 0)]

    assert _begun(turns, queues) == ["a0", "b0", "c0", "a1"]


def test_who_was_served_last_waits_longest() -> None:
    """A place that becomes free goes to the account whose last turn is oldest."""
    turns = Turns(Limits(overall=2, per_account=2))
    first = [_due("a", 0), _due("b", 0)]
    _begun(turns, first)
    turns.end(first[0])

    assert _begun(turns, [_due("a", 1), _due("b", 1), _due("c", 0)]) == ["c0"]


def test_an_account_and_a_domain_have_so_many_dialogues_at_once() -> None:
    """The others go on; when one ends, the next begins."""
    turns = Turns(Limits(per_account=2, per_domain=3))
    queue = [_due("a", n) for n in range(4)] + [_due("b", n) for n in range(3)]
    elsewhere = _due("c", 0, "y.test")
    begun = _begun(turns, [*queue, elsewhere])
    turns.end(queue[0])

    assert begun == ["a0", "b0", "c0", "a1"]
    assert _begun(turns, [queue[5]]) == ["b1"]


def test_an_account_sends_so_many_a_minute() -> None:
    """A minute's worth at once, then evenly; when the next may go is known."""
    turns = Turns(Limits(overall=99, per_account=99, per_domain=99, account_per_minute=6))
    queue = [_due("a", n) for n in range(8)]
    begun = _begun(turns, queue)
    later = turns.next_free(queue[6:], NOON)

    assert begun == [f"a{n}" for n in range(6)]
    assert later == NOON + timedelta(seconds=10)
    assert _begun(turns, queue[6:], NOON + timedelta(seconds=9)) == []
    assert _begun(turns, queue[6:], NOON + timedelta(seconds=10)) == ["a6"]


def test_a_domain_is_sent_so_many_a_minute_by_all_accounts_together() -> None:
    """What goes elsewhere does not wait with them."""
    turns = Turns(Limits(overall=99, per_domain=99, domain_per_minute=2))
    queue = [_due("a", 0), _due("b", 0), _due("c", 0), _due("c", 1, "y.test")]

    assert _begun(turns, queue) == ["a0", "b0", "c1"]


def test_nought_a_minute_is_as_many_as_there_are() -> None:
    """Limits of speed can be switched off."""
    limits = Limits(overall=99, per_account=99, per_domain=99)
    turns = Turns(Limits(99, 99, 99, account_per_minute=0, domain_per_minute=0))

    assert len(_begun(turns, [_due("a", n) for n in range(90)])) == 90
    assert limits.account_per_minute > 0
