"""Killed at every await there is, and started again: the same events, the same rows, once each.

Every step of the event loop at which a process could be dead is tried, one after the other, until
a run comes to its end unharmed. Invariants I1, I3 and I4.
"""

import random
from collections.abc import AsyncIterator
from itertools import count

import pytest

from courrier.events.postgres.migrations import migrate
from courrier.sender.domain.turns import Limits
from invariants.scenes import Fetching, Linking, Projecting, Scene, cut
from invariants.sending import EMAIL_IDS, Sending
from support.crashing import live

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]


every_step = pytest.mark.parametrize("every", [4, pytest.param(1, marks=pytest.mark.long)])
"""Each fourth step whenever tests run, and all of them with the long ones: a life takes 0.3 s."""


async def steps_survived(scene: Scene, every: int = 1, dice: random.Random | None = None) -> int:
    """Kill the process at its first step, at its second…; return how many steps there were.

    With ``dice`` its successor is killed too, somewhere, before a third one does the rest.
    """
    await scene.begin()
    assert await live(scene.process)
    expected = await scene.outcome()
    for step in count(1, every):
        await scene.begin()
        if await live(scene.process, dies_at=step):
            assert expected == await scene.outcome()
            return step - 1
        if dice:
            await scene.bury()
            await live(scene.process, dies_at=dice.randint(1, step + 10))
        await scene.bury()
        assert await live(scene.process)
        assert expected == await scene.outcome(), f"killed at step {step}"
    raise AssertionError("count() does not end")


@pytest.fixture
async def linking(database_url: str) -> AsyncIterator[Linking]:
    """The linker's scene, with its tables."""
    await migrate(database_url, package="courrier.linker", schema="linker")
    scene = Linking(database_url)
    yield scene
    await cut(scene.pools)


@pytest.fixture
async def projecting(database_url: str) -> AsyncIterator[Projecting]:
    """The gateway's scene, with its tables."""
    await migrate(database_url, package="courrier.gateway", schema="gateway")
    scene = Projecting(database_url, seed=1)
    yield scene
    await cut(scene.pools)


@pytest.fixture
async def sending(database_url: str) -> AsyncIterator[Sending]:
    """The sender's scene, with its tables."""
    await migrate(database_url, package="courrier.sender", schema="sender")
    scene = Sending(database_url)
    yield scene
    await cut(scene.pools)


async def test_fetching_survives_a_crash_at_every_await() -> None:
    """Fetch to append: every message once, with its bytes; the cursor where it was."""
    assert await steps_survived(Fetching()) >= 20


@every_step
async def test_linking_survives_a_crash_at_every_await(linking: Linking, every: int) -> None:
    """Append to index: every message one e-mail, its holders and links once, the same rows."""
    assert await steps_survived(linking, every) > 40


@every_step
async def test_projecting_survives_a_crash_at_every_await(
    projecting: Projecting, every: int
) -> None:
    """Log to read models: the same rows, counters and calls to screens."""
    assert await steps_survived(projecting, every) > 60


@every_step
async def test_sending_survives_a_crash_at_every_await(sending: Sending, every: int) -> None:
    """Order to answer: one copy or none, 'sent' only with a copy, else listed as uncertain (I10).

    Whoever dies between intent and answer leaves one message uncertain for each line in use.
    """
    doubtful: list[int] = []
    for step in count(1, every):
        await sending.begin()
        whole = await live(sending.process, dies_at=step)
        if not whole:
            await sending.bury()
            assert await live(sending.process)
        fates, copies, _ = await sending.outcome()
        assert set(fates) == set(EMAIL_IDS)
        assert all(copies[each] <= 1 for each in EMAIL_IDS), f"sent twice, killed at step {step}"
        assert all(copies[each] == 1 for each in fates if fates[each] == "MessageSent")
        assert set(fates.values()) <= {"MessageSent", "DeliveryBecameUncertain"}
        doubtful.append(list(fates.values()).count("DeliveryBecameUncertain"))
        if whole:
            break

    assert doubtful[-1] == 0
    assert set(doubtful) >= {0, 1}
    assert max(doubtful) <= Limits().per_account


@pytest.mark.long
@pytest.mark.parametrize("seed", range(5))
async def test_linking_survives_crash_upon_crash(linking: Linking, seed: int) -> None:
    """Who takes over is killed too."""
    assert await steps_survived(linking, dice=random.Random(seed)) > 40


@pytest.mark.long
@pytest.mark.parametrize("seed", range(5))
async def test_projecting_survives_crash_upon_crash(projecting: Projecting, seed: int) -> None:
    """In another life, too."""
    projecting.seed = seed
    assert await steps_survived(projecting, dice=random.Random(seed)) > 60
