"""The read models under replay, redelivery and rebuilding: invariants I4 and I5."""

import random
from collections.abc import AsyncIterator

import pytest

from courrier.events.families.email import EmailImported
from courrier.events.families.mailbox import MessageReceived
from courrier.events.postgres.migrations import migrate
from courrier.events.postgres.pool import open_pool
from courrier.events.postgres.projector import Fenced, Projector
from courrier.gateway.domain.access import Reach
from courrier.gateway.projections import holdings, positions, view_changes
from courrier.gateway.projections.every import projections_of
from support.builders import USER, example, recorded

from .read_models import PEOPLE, TEAMS, ReadModels, a_life, batches_of, interleaved

pytestmark = pytest.mark.integration

CHANGES = "SELECT count(*) FROM gateway_state.view_changes"


@pytest.fixture
async def models(database_url: str) -> AsyncIterator[ReadModels]:
    """Empty read models."""
    await migrate(database_url, package="courrier.gateway", schema="gateway")
    pool = await open_pool(database_url, name="test", service="gateway", size=3)
    yield ReadModels(pool)
    await pool.close()


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_counters_equal_a_recount(models: ReadModels, seed: int) -> None:
    """After every batch of any stream, whatever the interleaving, and after a replay over it."""
    life = a_life(seed)
    dice = random.Random(seed)
    for batch in interleaved(life, dice):
        await models.feed(batch)
        assert await models.recount() == await models.counters()

    await models.forget_positions()
    for batch in interleaved(life, dice):
        await models.feed(batch)
        assert await models.recount() == await models.counters()


async def test_counters_of_members_equal_their_lists(models: ReadModels) -> None:
    """In no team, in one, in both; with copies of their own; whatever was done meanwhile."""
    dice = random.Random(4)
    for number, batch in enumerate(interleaved(a_life(4), dice)):
        await models.feed(batch)
        if number % 8 == 0 or batch[0].stream == "EMAIL":
            person, teams = dice.choice(PEOPLE), tuple(dice.sample(TEAMS, dice.randint(0, 2)))
            reach = Reach(person, (), tuple(sorted(teams)))
            counted = await holdings.counters_of(models.pool, reach)
            assert await models.listed(reach) == counted


async def test_a_rebuild_gives_the_same_rows(models: ReadModels) -> None:
    """Emptied and filled again in other batches and another order: the same, table by table."""
    life = a_life(7)
    await models.feed_all(interleaved(life, random.Random(1)))
    before = await models.digest()

    for seed in (2, 3):
        await models.empty()
        await models.feed_all(interleaved(life, random.Random(seed)))
        assert before == await models.digest()


async def test_a_replay_over_the_rows_changes_nothing(models: ReadModels) -> None:
    """Nor does it tell a screen anything: whatever a row has seen is passed over."""
    life = a_life(8)
    await models.feed_all(interleaved(life, random.Random(1)))
    before, told = await models.digest(), await models.pool.fetchval(CHANGES)

    await models.forget_positions()
    await models.feed_all(interleaved(life, random.Random(2)))

    assert before == await models.digest()
    assert told == await models.pool.fetchval(CHANGES)


async def test_a_replay_of_the_beginning_brings_nothing_back(models: ReadModels) -> None:
    """A row that has seen more stays as it is, however far the replay has come."""
    life = a_life(10, emails=10)
    await models.feed_all(life.values())
    before = await models.digest()

    await models.forget_positions()
    for recorded_event in (each for history in life.values() for each in history):
        await models.feed([recorded_event])
        assert before == await models.digest()


async def test_of_two_instances_one_writes(models: ReadModels) -> None:
    """The one that is late finds the checkpoint moved and leaves no trace."""
    life = a_life(9)
    first, second = batches_of(life["EMAIL"], random.Random(1))[:2]
    await models.feed(first)
    before = await models.digest()
    checkpoint = positions.checkpoint_of("EMAIL")
    late = Projector(models.pool, checkpoint, projections_of("EMAIL"))

    with pytest.raises(Fenced):
        await late.apply(second, 0)

    assert before == await models.digest()


async def test_hostile_characters_stop_no_stream(models: ReadModels) -> None:
    """U+0000, which PostgreSQL cannot hold, is left out wherever it stands."""
    nul = "a\0b"
    box = {"name": nul, "address": f"{nul}@example.test"}
    email = example(
        EmailImported,
        subject=nul,
        snippet=nul,
        message_id=nul,
        references=[nul],
        to=[box],
        cc=[box],
        thread_reason={"rule": nul, "value": nul},
        **{"from": box},
    )
    message = example(
        MessageReceived,
        text=nul,
        attachments=[
            {
                "position": 0,
                "filename": nul,
                "content_type": "a/b",
                "size": 1,
                "sha256": "0" * 64,
            }
        ],
    )

    await models.feed([recorded(email)])
    await models.feed([recorded(message)])

    row = await models.pool.fetchrow("SELECT subject, sent_from FROM gateway.emails")
    assert row is not None
    assert row["subject"] == "ab"


async def test_each_holder_is_told_of_new_mail_once(models: ReadModels) -> None:
    """One line for the e-mail, then one for the folder's counters, and the news."""
    await models.feed([recorded(example(EmailImported))])

    told = await view_changes.after(models.pool, [USER], 0)

    lines = [("email", "e" * 32), ("counters", "inbox"), ("notification", "e" * 32)]
    assert lines == [(c.kind, c.ref) for c in told]
    assert ["EMAIL:1"] * 3 == [c.position for c in told]
