"""What is to be done on a server: taken once, tried a bounded number of times, appended once."""

from dataclasses import replace
from datetime import timedelta

from courrier.events.blobs import MemoryBlobs, ref_of
from courrier.events.commands.figures import ErrandFigures
from courrier.events.families.email import EmailMarkedRead
from courrier.events.families.mailbox_state import Errand, ErrandResult, ErrandsNoted
from courrier.events.families.outbound import MessageSent
from courrier.events.families.settings import Server
from courrier.events.memory import MemoryEventStore
from courrier.events.subjects import account_errands
from courrier.fetcher.domain.accounts import Account, ServerState
from courrier.fetcher.domain.errands import (
    TRIES,
    Errands,
    desires,
    errand_of,
    finishing,
    refused,
    stores_copies_itself,
    taking,
)
from courrier.fetcher.domain.failures import CannotFetch
from courrier.fetcher.domain.tracked import tracked_folders
from courrier.fetcher.handlers.figures import Figures
from courrier.fetcher.handlers.noting import Notes
from courrier.fetcher.handlers.performing import Layout, Performing, Reach
from support.builders import ACCOUNT, NOON, USER, example, new_event, raw_message, recorded
from support.memory_mailbox import MemoryMailbox
from unit.fetcher.two_way import IDENTITY

BOTH = Account(
    ACCOUNT,
    Server(host="imap.example.test", port=993),
    state=ServerState(USER, sync="both", store_sent=True),
)
GROUP = replace(BOTH, state=replace(BOTH.state, is_group=True))
SENT_RAW = raw_message(message_id="<sent@example.test>")
SENT = example(MessageSent, raw=ref_of(SENT_RAW).model_dump(), message_id="sent@example.test")


def errand() -> Errand:
    """Return what a person's reading asks for."""
    found = errand_of(BOTH, recorded(example(EmailMarkedRead)))
    assert found is not None
    return found


def test_only_what_the_owner_did_is_done_on_the_owners_server() -> None:
    """Neither another holder's reading, nor anybody's where the mailbox is a team's."""
    mine, theirs = example(EmailMarkedRead), example(EmailMarkedRead, person_id="9" * 32)

    found = [
        errand_of(account, recorded(event))
        for account, event in ((BOTH, mine), (BOTH, theirs), (GROUP, mine))
    ]

    assert [True, False, False] == [one is not None for one in found]


def test_a_wish_that_comes_twice_is_one_errand() -> None:
    """A reading that begins again before what is on the log adds nothing."""
    once = taking(Errands(), [errand()], {"EMAIL": 3})

    twice = taking(once, [errand()], {"EMAIL": 3})

    assert (once.waiting, {"EMAIL": 3}) == (twice.waiting, twice.seen)


def test_a_refused_errand_waits_longer_each_time_and_is_given_up() -> None:
    """An hour at most; then people see that it was refused, and why."""
    one: Errand | ErrandResult = errand()
    waits = []
    while isinstance(one, Errand):
        one = refused(one, "Permission denied", NOON)
        if isinstance(one, Errand) and one.retry_at:
            waits.append(one.retry_at - NOON)

    assert (TRIES - 1, timedelta(minutes=8)) == (len(waits), waits[-1])
    assert ("refused", "Permission denied") == (one.end, one.text)


def test_an_errand_that_waits_holds_back_later_ones_of_its_e_mail_only() -> None:
    """Read, then unread: the order is the person's."""
    other = errand().model_copy(update={"email_id": "9" * 32, "cause_id": "c"})
    later = errand().model_copy(update={"cause_id": "b"})
    waiting = refused(errand(), "no", NOON)
    assert isinstance(waiting, Errand)
    errands = finishing(taking(Errands(), [errand(), later, other], {}), [waiting])

    assert [other] == errands.due(NOON)
    assert [waiting, later, other] == errands.due(NOON + timedelta(hours=1))


def test_providers_that_keep_sent_mail_are_known() -> None:
    """A copy of ours would be a second one."""
    hosts = ("imap.gmail.com", "outlook.office365.com", "imap.example.test", "notgmail.com")

    assert [True, True, False, False] == [stores_copies_itself(host) for host in hosts]


async def test_a_copy_is_appended_once_though_the_line_is_lost_after_it() -> None:
    """Who does not know whether it is there looks before they append again."""
    server = MemoryMailbox({"INBOX": (), "Sent": ("\\Sent",)})
    store, blobs = MemoryEventStore(), MemoryBlobs()
    await blobs.put([SENT_RAW])
    await store.append([new_event(SENT, expected=0)])
    figures = Figures(ACCOUNT)
    notes = Notes(store, ACCOUNT, lambda: NOON, figures)
    await notes.load()
    wish = errand_of(BOTH, recorded(SENT))
    assert wish
    await notes.take(taking(notes.errands, [wish], {"OUTBOUND": 1}))
    waiting = figures.told("one", NOON).errands
    server.fails_after = 0
    listing = await server.folders()
    layout = Layout(listing, tracked_folders(BOTH, listing))
    lost = 0
    for _ in range(3):
        await notes.load()
        reach = Reach(store, blobs, IDENTITY)
        performing = Performing(server, BOTH, notes=notes, layout=layout, reach=reach)
        for desire in desires(notes.errands.due(NOON)):
            try:
                await performing.perform(desire)
            except CannotFetch:
                lost += 1

    noted = (await store.last([account_errands(ACCOUNT)]))[account_errands(ACCOUNT)]
    assert isinstance(noted.event, ErrandsNoted)
    assert waiting == ErrandFigures(waiting=1, since=wish.asked_at)
    assert ErrandFigures() == figures.told("one", NOON).errands
    assert (1, ["append Sent"]) == (lost, server.changes)
    assert [("done", "Sent", 1)] == [(r.end, r.folder, r.uid) for r in noted.event.finished]
