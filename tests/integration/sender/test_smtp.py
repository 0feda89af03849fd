"""What is said to SMTP servers: in one piece where they allow it, and what they offer."""

import base64
import ssl

import pytest

from courrier.events.runtime.tls import Contexts
from courrier.sender.adapters.smtp import SmtpPost
from courrier.sender.adapters.smtp_pool import PoolBounds
from courrier.sender.adapters.smtp_session import Opener, TimeLimits
from courrier.sender.domain.answers import Answer, Answered, Unanswered, Unreached
from integration.sender.scripted import Scripted
from support.waiting import eventually

pytestmark = pytest.mark.integration

SHORT = TimeLimits(2.0, 2.0, 2.0, 2.0)
ADA, BOB = "ada@example.test", "bob@example.test"


def _post(**bounds: float) -> SmtpPost:
    contexts = Contexts(ssl.create_default_context())
    return SmtpPost(Opener(contexts, "courrier.example.test", SHORT), SHORT, PoolBounds(**bounds))  # type: ignore[arg-type]  # named as its fields are


def _outcomes(answer: Answer) -> list[str]:
    assert isinstance(answer, Answered)
    return [each.outcome for each in answer.outcomes]


async def test_an_envelope_leaves_in_one_piece_where_the_server_allows_it() -> None:
    """RFC 2920: MAIL, every RCPT and DATA together, and each reply goes to its command."""
    async with Scripted(("PIPELINING",)).running() as server:
        server.answers.append((f"RCPT TO:<{BOB}>", "550 5.1.1 unknown"))
        answer = await _post().deliver(server.letter(ADA, BOB))

    assert _outcomes(answer) == ["sent", "failed"]
    envelope = "MAIL FROM:<grace@example.test>\r\nRCPT TO:<ada@example.test>\r\n"
    assert f"{envelope}RCPT TO:<bob@example.test>\r\nDATA\r\n" in server.pieces


async def test_without_pipelining_each_command_waits_for_its_answer() -> None:
    """And DATA is not said where nobody is to get it."""
    async with Scripted().running() as server:
        server.answers += [("RCPT", "550 no"), ("RCPT", "450 later")]
        answer = await _post().deliver(server.letter(ADA, BOB))

    assert _outcomes(answer) == ["failed", "deferred"]
    assert all(piece.count("\r\n") == 1 for piece in server.pieces[:4])
    assert "DATA" not in server.lines


async def test_a_data_let_through_without_recipients_gets_no_byte_of_the_message() -> None:
    """A pipelined DATA may be answered by 354 all the same: only the dot follows."""
    async with Scripted(("PIPELINING",)).running() as server:
        server.answers += [("RCPT", "550 no"), (".", "554 no valid recipients")]
        answer = await _post().deliver(server.letter())

    assert _outcomes(answer) == ["failed"]
    assert "Hello" not in "".join(server.pieces)


async def test_a_session_carries_many_messages_and_is_ended_when_idle() -> None:
    """One greeting for three messages; QUIT when nobody needs it."""
    async with Scripted(("PIPELINING",)).running() as server:
        post = _post(idle_s=0.1)
        for _ in range(3):
            assert _outcomes(await post.deliver(server.letter())) == ["sent"]
        await eventually(lambda: "QUIT" in server.lines)

    assert server.sessions == 1
    assert server.lines.count("DATA") == 3


async def test_a_session_is_not_shared_by_accounts() -> None:
    """Each logs in as itself."""
    async with Scripted().running() as server:
        post = _post()
        await post.deliver(server.letter())
        await post.deliver(server.letter(account_id="a2"))
        await post.deliver(server.letter(secret="changed"))
        post.hang_up()

    assert server.sessions == 3


@pytest.mark.parametrize("end", [None, "421 4.4.2 idle for too long"])
async def test_a_session_that_was_closed_meanwhile_is_replaced(end: str | None) -> None:
    """The server has not heard of the message: it is said again, and arrives once."""
    async with Scripted(("PIPELINING",)).running() as server:
        post = _post()
        await post.deliver(server.letter())
        server.answers.append(("MAIL", end))
        answer = await post.deliver(server.letter())
        post.hang_up()

    assert _outcomes(answer) == ["sent"]
    assert server.sessions == 2
    assert server.lines.count(".") == 2


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (("MAIL", None), Unreached),
        (("DATA", None), Unreached),
        ((".", None), Unanswered),
        (("MAIL", "what?"), Unreached),
        (("RCPT", "250-" + "x" * 70_000), Unreached),
        ((".", "354 again"), Unanswered),
    ],
)
async def test_what_is_known_when_the_server_misbehaves(
    rule: tuple[str, str | None], expected: type
) -> None:
    """Before the final dot it cannot have the message; after it nobody knows."""
    async with Scripted(("PIPELINING",)).running() as server:
        server.answers.append(rule)
        answer = await _post().deliver(server.letter())

    assert type(answer) is expected


async def test_reports_on_the_delivery_are_asked_for_where_they_can_be() -> None:
    """RFC 3461: our id, who it was written to, headers only; nobody is told on a null sender."""
    async with Scripted(("DSN", "SIZE 1000000")).running() as server:
        post = _post()
        await post.deliver(server.letter("a+b=c@example.test", envelope_id="e1"))
        await post.deliver(server.letter(envelope_id="e2", wants_receipt=True))
        await post.deliver(server.letter(envelope_id="e3", mail_from=""))

    commands = [line for line in server.lines if line[:4] in {"MAIL", "RCPT"}]
    assert commands == [
        "MAIL FROM:<grace@example.test> SIZE=51 RET=HDRS ENVID=e1",
        "RCPT TO:<a+b=c@example.test> NOTIFY=FAILURE,DELAY ORCPT=rfc822;a+2Bb+3Dc@example.test",
        "MAIL FROM:<grace@example.test> SIZE=51 RET=HDRS ENVID=e2",
        "RCPT TO:<ada@example.test> NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;ada@example.test",
        "MAIL FROM:<> SIZE=51 RET=HDRS ENVID=e3",
        "RCPT TO:<ada@example.test> NOTIFY=NEVER ORCPT=rfc822;ada@example.test",
    ]


async def test_text_beyond_ascii_needs_a_server_that_takes_it() -> None:
    """BODY=8BITMIME where it is offered; a clear refusal where not, before a byte leaves."""
    raw = "From: g@x.test\r\n\r\nGrüße\r\n".encode()
    async with Scripted().running() as old, Scripted(("8BITMIME",)).running() as new:
        refused = await _post().deliver(old.letter(raw=raw))
        taken = await _post().deliver(new.letter(raw=raw))

    assert _outcomes(refused) == ["failed"]
    assert isinstance(refused, Answered)
    assert "8BITMIME" in refused.outcomes[0].text
    assert not [line for line in old.lines if line.startswith("MAIL")]
    assert _outcomes(taken) == ["sent"]
    assert "MAIL FROM:<grace@example.test> BODY=8BITMIME" in new.lines


@pytest.mark.parametrize(
    ("mechanisms", "expected"),
    [
        ("XOAUTH2 OAUTHBEARER", "AUTH XOAUTH2 user=grace\1auth=Bearer token\1\1"),
        (
            "OAUTHBEARER",
            "AUTH OAUTHBEARER n,a=grace,\1host=127.0.0.1\1port=%d\1auth=Bearer token\1\1",
        ),
    ],
)
async def test_a_sign_in_logs_in_by_its_token(mechanisms: str, expected: str) -> None:
    """And a refused token is no end: it is renewed, and the message tried again."""
    async with Scripted((f"AUTH {mechanisms}",)).running() as server:
        server.answers += [("AUTH", "535 5.7.8 expired"), ("AUTH", "235 welcome")]
        signed_in = server.server.model_copy(update={"user": "grace", "oauth": "p"})
        letter = server.letter(server=signed_in, secret="token")
        refused = await _post().deliver(letter)
        taken = await _post().deliver(letter)

    first = next(line for line in server.lines if line.startswith("AUTH"))
    verb, mechanism, encoded = first.split(" ")
    said = f"{verb} {mechanism} {base64.b64decode(encoded).decode()}"
    assert said == (expected % server.port if "%d" in expected else expected)
    assert isinstance(refused, Unreached)
    assert refused.stale
    assert _outcomes(taken) == ["sent"]


async def test_a_provider_that_takes_no_passwords_any_more_says_so() -> None:
    """In words that tell what to do."""
    async with Scripted(("AUTH XOAUTH2",)).running() as server:
        with_password = server.server.model_copy(update={"user": "grace"})
        answer = await _post().deliver(server.letter(server=with_password, secret="password"))

    assert isinstance(answer, Unreached)
    assert "takes no passwords any more" in answer.text
