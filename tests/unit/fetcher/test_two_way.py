"""What is done on a mail server and in Courrier ends the same on both sides, and there it ends."""

import asyncio
from typing import Any

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from courrier.events.commands.linker import StateChange
from courrier.events.families.mailbox_state import ErrandsNoted
from courrier.fetcher.domain.marks import (
    FLAGGED,
    SEEN,
    SET_CHARACTERS,
    Agreed,
    Mark,
    Shown,
    Tracked,
    difference,
    fitting,
    folder_marked,
    steps,
)
from support.builders import raw_message
from unit.fetcher.two_way import ELSEWHERE, PLACES, World

NUMBERS = st.integers(0, 1)
STEPS = st.one_of(
    st.tuples(st.just("server marks"), NUMBERS, st.sampled_from([SEEN, FLAGGED]), st.booleans()),
    st.tuples(st.just("server moves"), NUMBERS, st.sampled_from(sorted(PLACES))),
    st.tuples(st.just("person reads"), NUMBERS, st.booleans()),
    st.tuples(st.just("person marks"), NUMBERS, st.booleans()),
    st.tuples(
        st.just("person files"), NUMBERS, st.sampled_from([*sorted(PLACES.values()), ELSEWHERE])
    ),
    st.tuples(st.just("fetcher works"), st.integers(0, 2), st.one_of(st.none(), st.integers(0, 2))),
    st.tuples(st.just("linker works")),
)


async def play(world: World, step: tuple[Any, ...]) -> None:
    """Let one thing happen."""
    match step:
        case ("server marks", number, flag, is_set):
            folder, uid = world.place(number)
            world.server.flag(folder, uid, flag, is_set=is_set)
        case ("server moves", number, target):
            folder, uid = world.place(number)
            if folder != target:
                world.server.shift(folder, uid, target)
        case ("person reads", number, value):
            await world.wish(number, StateChange(is_read=value))
        case ("person marks", number, value):
            await world.wish(number, StateChange(is_important=value))
        case ("person files", number, folder):
            await world.wish(number, StateChange(folder=folder))
        case ("fetcher works", lag, fails_after):
            await world.session(lag=lag, fails_after=fails_after)
        case _:
            await world.link()


async def sides(world: World, number: int) -> tuple[tuple[bool, bool, str], tuple[bool, bool, str]]:
    """Return one message's state on the server and in Courrier: read, important, place."""
    folder, uid = world.place(number)
    flags = world.server.folder_messages[folder][uid].flags
    copy = await world.copy(number)
    place = copy.place.folder
    shown = place if place == ELSEWHERE else PLACES[folder]
    return (SEEN in flags, FLAGGED in flags, shown), (copy.is_read, copy.is_important, place)


@settings(max_examples=120, deadline=None)
@given(st.lists(STEPS, max_size=14), st.booleans())
def test_any_interleaving_converges_and_becomes_quiet(
    steps: list[tuple[Any, ...]],
    condstore: bool,  # noqa: FBT001
) -> None:
    """Both sides change everything, lines are lost after any change: in the end all agree."""
    note(f"{steps} {condstore}")

    async def run() -> None:
        world = World(2, condstore=condstore)
        await world.begin()
        for step in steps:
            await play(world, step)
        await world.settle()
        for number in range(2):
            server, courrier = await sides(world, number)
            assert server == courrier

    asyncio.run(run())


async def test_what_was_moved_and_marked_before_we_looked_is_told_where_we_moved_it() -> None:
    """Neither the move nor the mark was agreed on when a person filed the e-mail elsewhere."""
    world = await world_of()
    await world.wish(0, StateChange(is_read=True))
    await world.session()
    folder, uid = world.place(0)
    world.server.shift(folder, uid, "Archive")
    await world.wish(0, StateChange(folder=PLACES["Customers"]))
    folder, uid = world.place(0)
    world.server.flag(folder, uid, SEEN, is_set=False)
    await world.settle()
    server, courrier = await sides(world, 0)

    assert (False, False, PLACES["Customers"]) == server == courrier


async def world_of(count: int = 1, **options: Any) -> World:
    """Return a world in which the messages are known on both sides."""
    world = World(count, **options)
    await world.begin()
    return world


async def results(world: World) -> list[tuple[str, str | None]]:
    """Return how errands ended."""
    noted = [one for one in await world.events("MAILBOX") if isinstance(one, ErrandsNoted)]
    return [(result.end, result.text) for one in noted for result in one.finished]


async def test_what_is_read_elsewhere_is_read_here() -> None:
    r"""\Seen and \Flagged set by another program are the owner's read and important."""
    world = await world_of()
    folder, uid = world.place(0)
    world.server.flag(folder, uid, SEEN, is_set=True)
    world.server.flag(folder, uid, FLAGGED, is_set=True)

    await world.settle()

    copy = await world.copy(0)
    assert (True, True, "inbox") == (copy.is_read, copy.is_important, copy.place.folder)
    assert [] == world.server.changes


async def test_what_is_done_here_is_done_on_the_server_once() -> None:
    """Read, important and moved in one go; it comes back as nobody's change."""
    world = await world_of()
    await world.wish(0, StateChange(is_read=True, is_important=True, folder="trash"))

    await world.settle()

    assert ["+\\Seen INBOX", "+\\Flagged INBOX", "move INBOX Trash"] == world.server.changes
    assert [] == await world.told()
    assert {("done", None)} == set(await results(world))


@pytest.mark.parametrize("target", ["Archive", "Trash", "Customers"])
async def test_a_message_moved_elsewhere_is_moved_here(target: str) -> None:
    """Archive, Trash and a mapped folder are where the owner finds it, and back."""
    world = await world_of()
    uid = world.server.shift("INBOX", world.place(0)[1], target)
    await world.settle()
    there = (await world.copy(0)).place.folder
    world.server.shift(target, uid, "INBOX")

    await world.settle()

    back = (await world.copy(0)).place.folder
    assert (PLACES[target], "inbox") == (there, back)
    assert [] == world.server.changes


async def test_from_the_server_only_changes_nothing_there() -> None:
    """With ``from_server`` what is done in Courrier stays in Courrier."""
    world = await world_of(sync="from_server")
    await world.wish(0, StateChange(is_read=True, folder="archive"))

    await world.settle()

    assert ([], "INBOX") == (world.server.changes, world.place(0)[0])


async def test_a_folder_of_ones_own_moves_nothing() -> None:
    """What the server has no folder for stays where it is there, and that is said."""
    world = await world_of()
    await world.wish(0, StateChange(folder=ELSEWHERE))

    await world.settle()

    assert [] == world.server.changes
    assert ["unneeded"] == [end for end, _ in await results(world)]


async def test_a_folder_that_can_only_be_read_is_left_and_that_is_said() -> None:
    """The errand ends as refused, with words; it is not tried for ever."""
    world = await world_of()
    world.server.read_only = frozenset({"INBOX"})
    await world.wish(0, StateChange(is_read=True))

    await world.settle()

    ((end, text),) = await results(world)
    assert ("refused", [], True) == (end, world.server.changes, "INBOX" in str(text))


async def test_a_message_that_is_gone_is_said_to_be_gone() -> None:
    """Expunged by somebody: nothing is to be done, and the person keeps their copy."""
    world = await world_of()
    del world.server.folder_messages["INBOX"][world.place(0)[1]]
    await world.wish(0, StateChange(is_read=True))

    await world.settle()

    ((end, _),) = await results(world)
    assert ("gone", "inbox") == (end, (await world.copy(0)).place.folder)


async def test_a_forged_message_id_moves_nobodys_mail() -> None:
    """Another mail under the same Message-ID is neither marked for, nor marks, the known one."""
    world = await world_of()
    forged = raw_message(message_id="<0@customer.test>", subject="Pay now", date="")
    uid = world.server.put("INBOX", forged)
    await world.settle()
    world.server.shift("INBOX", uid, "Trash")
    await world.wish(0, StateChange(is_read=True))

    await world.settle()

    ((folder, uid),) = world.server.where(forged)
    assert "inbox" == (await world.copy(0)).place.folder
    assert ("Trash", set()) == (folder, world.server.folder_messages[folder][uid].flags)


async def test_who_begins_later_is_told_what_is_marked_and_moved_by_nobody() -> None:
    """The first look tells what is read; what lies in Archive and Trash has not arrived now."""
    world = World(2)
    for number, raw in enumerate(world.raws):
        await world.bring(raw, "Trash" if number else "INBOX")
    world.server.flag("INBOX", 1, SEEN, is_set=True)

    await world.settle()

    first, second = await world.copy(0), await world.copy(1)
    assert (True, "inbox", "inbox") == (first.is_read, first.place.folder, second.place.folder)


def test_more_changes_than_one_event_holds_are_told_in_several() -> None:
    """Each event alone tells what is agreed on so far: a crash between two loses nothing."""
    agreed = Agreed(uidvalidity=7, present=frozenset(range(1, 1202)), modseq=1)
    marks = {uid: Mark(is_read=True) for uid in agreed.present}
    shown = Shown(7, agreed.present, marks, 1, 9)

    states = list(steps(agreed, shown, difference(agreed, shown)))

    assert [500, 500, 201] == [len(part.changes) for _, part in states]
    assert [500, 1000, 1201] == [len(state.read) for state, _ in states]
    assert [1, 1, 9] == [state.modseq for state, _ in states]


def test_a_state_that_is_too_long_lets_go_of_the_oldest() -> None:
    """An event carries what it can; every second message read is the longest there is."""
    every = frozenset(range(1, 20_001))
    state = Agreed(uidvalidity=7, present=every, read=frozenset(u for u in every if u % 2))

    kept = fitting(state)

    event = folder_marked(Tracked("a", "INBOX"), kept)
    assert len(event.read) <= SET_CHARACTERS
    assert max(kept.present) == 20_000
    assert kept.from_uid == min(kept.present) > 1
