"""The bytes of every event version ever released: decoded here for ever, never edited.

A golden file is one message as it stood on a stream: headers and body. A new event or version
adds a file (``python tests/contract/test_wire.py`` writes the missing ones); existing files are
never changed, because logs out there hold those bytes.
"""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest

from courrier.events.base import Event, Evidence, Mailbox, RecordRef
from courrier.events.catalogue import BY_TYPE, EVENTS, UnknownType
from courrier.events.envelope import BadEnvelope, Context, NewEvent, decode, encode
from courrier.events.families import (
    conversation,
    crm,
    dead,
    email,
    identity,
    mailbox,
    outbound,
    settings,
)
from support import configured, mailbox_states, outgoing_states, skipped_states, states

GOLDEN = Path(__file__).parent / "golden"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ADA = Mailbox(name="Ada Lovelace", address="ada@example.org")
RAW = mailbox.BlobRef(digest="ab" * 32, size=1234)
CONTACT = RecordRef(type="contact", id="c1")
REASON = Evidence(rule="address", field="from", value="ada@example.org")
BODY = b'{"email_id": "e1", "person_id": "u1"}'
OUTCOME = outbound.RecipientOutcome(address="ada@example.org", outcome="sent", code=250, text="ok")
SERVER = settings.Server(host="mx.example.org", port=993, user="ada", secret="account.a1.imap")
ADA_FIELDS = identity.UserFields(
    login="ada", name="Ada L.", email_addresses=("ada@example.org",), team_ids=("t1",)
)
TEAM = identity.TeamFields(name="Sales", role_ids=("r1",))
ROLE = identity.RoleFields(
    name="Seller", rights={"contact": identity.Permission(create=True, read="all", edit="team")}
)

SAMPLES: tuple[Event, ...] = (
    mailbox.MessageReceived(
        account_id="a1",
        folder="INBOX",
        uidvalidity=1,
        uid=7,
        raw=RAW,
        received_at=NOON,
        flags=("\\Seen",),
        message_id="m1@example.org",
        references=("m0@example.org",),
        date=NOON,
        sent_from=ADA,
        to=(ADA,),
        recipient_count=1,
        subject="Grüße",
        text="Hello",
        attachments=(
            mailbox.AttachmentSummary(
                position=0, filename="a.pdf", content_type="application/pdf", size=3, sha256="00"
            ),
        ),
        attachment_count=1,
    ),
    mailbox.FolderAdvanced(
        account_id="a1",
        folder="INBOX",
        uidvalidity=1,
        uid_ranges=(mailbox.UidRange(first=1, last=7),),
        received=1,
        skipped=(mailbox.SkippedUid(uid=3, reason="too-old"),),
    ),
    mailbox.FetchingFailed(account_id="a1", reason="tls", text="The certificate has expired."),
    mailbox.FetchingRecovered(account_id="a1"),
    mailbox.FetchingSuspended(
        account_id="a1",
        reason="log-in-refused",
        text="The password is wrong.",
        since=datetime(2026, 3, 2, 12, tzinfo=UTC),
        tries=3,
        account_version=2,
    ),
    mailbox.FetchingResumed(account_id="a1", cause="changed"),
    mailbox.MessageErased(message_key="k1", source_ids=("s1",)),
    email.EmailImported(
        email_id="e1",
        source_id="s1",
        status="archived",
        raw=RAW,
        account_id="a1",
        message_id="m1@example.org",
        thread_id="t1",
        thread_reason=REASON,
        subject="Grüße",
        sent_from=ADA,
        to=(ADA,),
        date=NOON,
        snippet="Hello",
        links=(email.Link(record=CONTACT, parent=True, reason=REASON),),
        holdings=(email.Holding(holder_id="u1", folder="inbox", reason=REASON),),
    ),
    email.EmailShared(
        email_id="e1",
        source_id="s2",
        holdings=(email.Holding(holder_id="u2", folder="inbox", reason=REASON),),
    ),
    email.EmailLinked(
        email_id="e1",
        links=(email.Link(record=CONTACT, parent=True, reason=REASON),),
        because=REASON,
    ),
    conversation.EmailRethreaded(
        email_id="e1",
        thread_id="t2",
        left="t1",
        apart=True,
        reason=Evidence(rule="split", field="thread_id", value="t1"),
    ),
    email.ThreadsJoined(thread_id="t1", joined="t2", email_id="e1", reason=REASON),
    email.EmailMarkedRead(email_id="e1", person_id="u1"),
    email.EmailMarkedUnread(email_id="e1", person_id="u1"),
    email.EmailErased(email_id="e1", message_key="k1"),
    email.CaseRequested(email_id="e1", account_id="a1", reason=Evidence(rule="group-account")),
    email.CaseAnswered(
        email_id="e1",
        record=RecordRef(type="case", id="c1"),
        at=NOON,
        reason=Evidence(rule="parent-of-answered", field="email_id", value="e0"),
    ),
    email.AutoReplyPermitted(
        email_id="e1",
        account_id="a1",
        template_id="tpl1",
        recipient=ADA,
        thread_id="t1",
        message_id="q1@example.org",
        references=("q0@example.org",),
        subject="Offer",
        date=NOON,
        case=RecordRef(type="case", id="c1"),
        case_number=7,
        reason=Evidence(rule="written-by-person", field="from", value="ada@example.org"),
    ),
    email.MessageSkipped(
        source_id="s1",
        source_sequence=7,
        account_id="a1",
        folder="INBOX",
        uidvalidity=1,
        uid=9,
        message_key="ab" * 16,
        reason=Evidence(rule="filter", rule_id="f1"),
    ),
    outbound.SendRequested(
        email_id="e2",
        author_id="u1",
        account_id="a1",
        raw=RAW,
        message_id="e2.sig@example.org",
        sent_from=ADA,
        to=(ADA,),
        envelope_to=("ada@example.org",),
        subject="Re: Grüße",
        date=NOON,
    ),
    outbound.DeliveryStarted(
        email_id="e2", attempt=1, host="mx.example.org", recipients=("ada@example.org",)
    ),
    outbound.MessageSent(
        email_id="e2",
        attempt=1,
        author_id="u1",
        account_id="a1",
        raw=RAW,
        message_id="e2.sig@example.org",
        sent_from=ADA,
        subject="Re: Grüße",
        date=NOON,
        outcomes=(OUTCOME,),
    ),
    outbound.DeliveryDeferred(email_id="e2", attempt=1, outcomes=(OUTCOME,), retry_at=NOON),
    outbound.DeliveryFailed(email_id="e2", attempt=1, outcomes=(OUTCOME,), text="550 no such user"),
    outbound.DeliveryBecameUncertain(email_id="e2", attempt=1, text="no answer after DATA"),
    outbound.OutboundErased(email_id="e2"),
    settings.ErasureStarted(erasure_id="h1", kind="address", planned={"emails": 2}),
    settings.ErasureFinished(erasure_id="h1", removed={"emails": 2}),
    settings.UserAdded(user_id="u1", login="ada", name="Ada", email_addresses=("ada@example.org",)),
    settings.PasswordSet(user_id="u1", secret="user.u1.password"),
    settings.TokenIssued(token_id="k1", user_id="u1", name="laptop", digest="cd" * 32),
    settings.TokenRevoked(token_id="k1", user_id="u1"),
    settings.EmailAccountAdded(
        account_id="a1",
        owner_id="u1",
        name="Work",
        address="ada@example.org",
        imap=SERVER,
        smtp=SERVER,
        fetch_since=date(2026, 1, 1),
    ),
    settings.EmailAccountPaused(account_id="a1"),
    settings.EmailAccountResumed(account_id="a1"),
    settings.EmailAccountRemoved(account_id="a1"),
    *configured.SAMPLES,
    *states.SAMPLES,
    *mailbox_states.SAMPLES,
    *outgoing_states.SAMPLES,
    *skipped_states.SAMPLES,
    identity.UserChanged(user_id="u1", fields=ADA_FIELDS, changed=("name", "team_ids")),
    identity.UserDeactivated(user_id="u1"),
    identity.UserReactivated(user_id="u1"),
    identity.TotpEnabled(user_id="u1", secret="user.u1.totp.1", recovery=("ef" * 32,)),
    identity.TotpDisabled(user_id="u1"),
    identity.RecoveryCodesReplaced(user_id="u1", recovery=("ef" * 32,)),
    identity.RecoveryCodeUsed(user_id="u1", digest="ef" * 32),
    identity.LoginClaimed(login_key="l1", user_id="u1"),
    identity.TeamCreated(team_id="t1", fields=TEAM),
    identity.TeamChanged(team_id="t1", fields=TEAM),
    identity.TeamRemoved(team_id="t1"),
    identity.RoleCreated(role_id="r1", fields=ROLE),
    identity.RoleChanged(role_id="r1", fields=ROLE),
    identity.RoleRemoved(role_id="r1"),
    identity.PrivateMailOpened(email_id="e1", user_id="u1", reason="a leak is looked into"),
    crm.RecordCreated(record=CONTACT, fields=crm.RecordFields(name="Ada", custom={"vip": True})),
    crm.RecordChanged(record=CONTACT, fields=crm.RecordFields(name="A."), changed=("name",)),
    crm.RecordRemoved(record=CONTACT),
    crm.RecordsMerged(record=CONTACT, merged=("c2", "c3")),
    crm.RecordReplaced(record=RecordRef(type="contact", id="c2"), by=CONTACT),
    crm.CaseNumbersTaken(first=7, last=8),
    crm.CaseTurnTaken(account_id="a1", user_id="u1", case_id="k1"),
    crm.CaseOpened(
        record=RecordRef(type="case", id="k1"),
        number=7,
        email_id="e1",
        account_id="a1",
        request_id="00000000-0000-0000-0000-000000000007",
        assigned_user_id="u1",
        reason=Evidence(rule="round-robin"),
    ),
    crm.AddressAssigned(address="ada@example.org", owner=CONTACT, account_id="acc1"),
    crm.AddressReleased(address="ada@example.org", owner=CONTACT),
    crm.RecordErased(record=CONTACT),
    crm.AddressErased(address_key="h1"),
    dead.EventParked(
        consumer="gateway.read-models",
        stream="EMAIL",
        subject="email.03.e1",
        sequence=7,
        event_id="00000000-0000-0000-0000-000000000007",
        type="courrier.email.EmailFolded.v9",
        reason="unknown-type",
        text="no event type 'courrier.email.EmailFolded.v9' in this version's catalogue",
    ),
    dead.EventReplayed(
        consumer="gateway.read-models",
        stream="EMAIL",
        subject="email.03.e1",
        sequence=7,
        event_id="00000000-0000-0000-0000-000000000007",
        type="courrier.email.EmailFolded.v9",
    ),
)


def golden(sample: Event) -> dict[str, object]:
    """One message as it stands on a stream."""
    context = Context("/courrier/test", "user:u1", NOON, "corr-1", "cause-1")
    headers, body = encode(NewEvent("email.00.x", sample, UUID(int=1), 1, context, 0))
    return {"headers": headers, "body": body.decode()}


def test_every_event_has_a_golden_sample() -> None:
    """An event in the catalogue without golden bytes is not released."""
    assert {event.TYPE for event in EVENTS} == {sample.TYPE for sample in SAMPLES}
    assert set(BY_TYPE) <= {path.stem for path in GOLDEN.glob("*.json")}


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: str(sample.TYPE))
def test_golden_bytes_still_mean_the_same(sample: Event) -> None:
    """What was written by the first release reads as it was meant."""
    stored = json.loads((GOLDEN / f"{sample.TYPE}.json").read_text("utf-8"))

    read = decode(
        stored["headers"], stored["body"].encode(), subject="email.00.x", stream="EMAIL", sequence=9
    )

    assert sample == read.event
    assert ("user:u1", NOON, 1, 9) == (read.actor, read.time, read.version, read.sequence)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: str(sample.TYPE))
def test_what_is_written_today_is_what_was_released(sample: Event) -> None:
    """A change of the bytes within a version is a break of the contract."""
    assert json.loads((GOLDEN / f"{sample.TYPE}.json").read_text("utf-8")) == golden(sample)


def test_an_unknown_type_is_named() -> None:
    """An event of a newer Courrier is recognised as such, not taken for damage."""
    headers = {**_headers(), "ce-type": "courrier.email.EmailFolded.v9"}

    with pytest.raises(UnknownType, match="EmailFolded"):
        decode(headers, b"{}", subject="email.00.x", stream="EMAIL", sequence=1)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"email_id": 1}', b"\xff"])
def test_a_damaged_body_is_a_bad_envelope(body: bytes) -> None:
    """The place in the log is part of the message."""
    with pytest.raises(BadEnvelope, match="EMAIL:7"):
        decode(_headers(), body, subject="email.00.x", stream="EMAIL", sequence=7)


def test_a_missing_header_is_a_bad_envelope() -> None:
    """Every attribute is needed."""
    headers = {k: v for k, v in _headers().items() if k != "ce-aggregateversion"}

    with pytest.raises(BadEnvelope, match="aggregateversion"):
        decode(headers, BODY, subject="email.00.x", stream="EMAIL", sequence=7)


def test_a_damaged_body_is_reported_without_its_content() -> None:
    """What people wrote does not end up in a log line."""
    with pytest.raises(BadEnvelope) as caught:
        decode(_headers(), b'{"email_id": {"hush": 1}}', subject="s", stream="EMAIL", sequence=7)

    assert "hush" not in str(caught.value)


def _headers() -> dict[str, str]:
    stored = golden(email.EmailMarkedRead(email_id="e1", person_id="u1"))["headers"]
    assert isinstance(stored, dict)
    return stored


if __name__ == "__main__":
    for one in SAMPLES:
        path = GOLDEN / f"{one.TYPE}.json"
        if not path.exists():
            path.write_text(json.dumps(golden(one), indent=2, ensure_ascii=False) + "\n", "utf-8")
