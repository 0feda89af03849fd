"""Every way to log in, and every refusal told for what it is."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from courrier.events.families.settings import Server
from courrier.events.runtime.tls import client_context
from courrier.fetcher.adapters.imap.servers import ImapMailServers
from courrier.fetcher.domain.failures import CannotFetch
from courrier.fetcher.ports import MailConnection
from support.imap_imitations import gmail, icloud, listening
from support.imap_script import OK, Dialogue, ImapScript, Misdeed, imap_script

pytestmark = pytest.mark.integration

ME = "grace"
CONTEXT = client_context()
STRANGE = ['q"uo\\te', "naïve ünïcode 密码", "tab\there", "x" * 400, " space ", "{5}", "(%*)"]


@asynccontextmanager
async def logged_in(
    script: ImapScript, secret: str = "a password", *, oauth: str | None = None
) -> AsyncIterator[MailConnection]:
    """A connection to the scripted server, in clear as the account says."""
    async with imap_script(script) as port:
        server = Server(host="127.0.0.1", port=port, tls="none", user=ME, oauth=oauth)
        async with ImapMailServers(CONTEXT).connect(server, secret) as connection:
            yield connection


async def failure_of(script: ImapScript, **how: str | None) -> CannotFetch:
    """How logging in fails."""
    with pytest.raises(CannotFetch) as caught:
        async with logged_in(script, **how):  # type: ignore[arg-type]
            pass
    return caught.value


@pytest.mark.parametrize("password", STRANGE)
async def test_login_takes_any_password_as_a_literal(password: str) -> None:
    """What no quoted string can hold goes as bytes with their number."""
    script = listening()
    async with logged_in(script, password):
        (line,) = script.said("LOGIN")

    plain = password.replace("\\", "\\\\").replace('"', '\\"')
    assert line in (f'LOGIN "{ME}" "{plain}"'.encode(), f'LOGIN "{ME}" {password}'.encode())


@pytest.mark.parametrize("initial", [" SASL-IR", ""])
@pytest.mark.parametrize("password", STRANGE)
async def test_plain_takes_any_password(initial: str, password: str) -> None:
    """RFC 4616, with the first answer on the line or after the server's plus."""
    can = f"* CAPABILITY IMAP4rev1 LOGINDISABLED AUTH=PLAIN{initial}\r\n".encode()
    answer = OK if initial else Dialogue((b"+ \r\n",))
    script = listening(CAPABILITY=can + OK, AUTHENTICATE=answer)
    async with logged_in(script, password):
        said = script.heard[1].split()[-1] if initial else script.heard[2]

    assert f"\0{ME}\0{password}".encode() == base64.b64decode(said)


async def test_the_old_login_mechanism_is_spoken() -> None:
    """Where a server has neither LOGIN nor PLAIN."""
    can = b"* CAPABILITY IMAP4rev1 LOGINDISABLED AUTH=LOGIN\r\n" + OK
    talk = Dialogue((b"+ VXNlciBOYW1lAA==\r\n", b"+ UGFzc3dvcmQA\r\n"))
    script = listening(CAPABILITY=can, AUTHENTICATE=talk)
    async with logged_in(script, "secret"):
        said = [base64.b64decode(line) for line in script.heard[2:4]]

    assert [b"grace", b"secret"] == said


@pytest.mark.parametrize(
    ("can", "mechanism", "said"),
    [
        (b"AUTH=XOAUTH2 SASL-IR", "XOAUTH2", b"user=grace\1auth=Bearer tok\1\1"),
        (b"AUTH=OAUTHBEARER AUTH=XOAUTH2 SASL-IR", "XOAUTH2", b"user=grace\1auth=Bearer tok\1\1"),
        (b"AUTH=OAUTHBEARER SASL-IR", "OAUTHBEARER", b"auth=Bearer tok\1\1"),
    ],
)
async def test_tokens_are_presented(can: bytes, mechanism: str, said: bytes) -> None:
    """XOAUTH2 as Google and Microsoft want it; OAUTHBEARER (RFC 7628) where there is no other."""
    script = listening(CAPABILITY=b"* CAPABILITY IMAP4rev1 " + can + b"\r\n" + OK, AUTHENTICATE=OK)
    async with logged_in(script, "tok", oauth="google"):
        _, used, first = script.said("AUTHENTICATE")[0].split()

    assert mechanism == used.decode()
    assert said in base64.b64decode(first)


async def test_a_refused_token_is_answered_and_told_at_once() -> None:
    """The library waits for ever: the challenge wants an empty line before the server says NO."""
    challenge = b"+ " + base64.b64encode(b'{"status":"400"}') + b"\r\n"
    refusal = Dialogue((challenge,), b"{tag} NO [AUTHENTICATIONFAILED] Invalid credentials\r\n")
    script = gmail(AUTHENTICATE=refusal)
    failure = await failure_of(script, secret="old", oauth="google")

    assert ("sign-in-ended", "log-in-refused", "log-in") == (
        failure.problem,
        failure.reason,
        failure.step,
    )
    assert b"" == script.heard[-1]


REFUSALS = [
    (b"NO [AUTHENTICATIONFAILED] no", "log-in-refused"),
    (b"NO [ALERT] Application-specific password required: see help", "app-password-needed"),
    (b"NO [ALERT] Please log in via your web browser: see help", "browser-log-in-needed"),
    (b"NO [WEBALERT https://x.test] Web login required.", "browser-log-in-needed"),
    (b"NO [ALERT] Your account is not enabled for IMAP use.", "imap-disabled"),
    (b"NO User is authenticated but not connected.", "imap-disabled"),
    (b"NO BasicAuthBlocked", "oauth-needed"),
    (b"NO [ALERT] Too many simultaneous connections. (Failure)", "too-many-connections"),
    (
        b"NO [AUTHENTICATIONFAILED] LOGIN invalid credentials or IMAP is disabled",
        "log-in-or-imap-refused",
    ),
    (b"NO [UNAVAILABLE] later", "log-in-failed"),
    (b"BAD what", "log-in-failed"),
]


@pytest.mark.parametrize(("answer", "problem"), REFUSALS)
async def test_refusals_are_told_apart(answer: bytes, problem: str) -> None:
    """By the words of the servers that we know, in both languages, without the password."""
    failure = await failure_of(listening(LOGIN=b"{tag} " + answer + b"\r\n"), secret="hush-hush")

    assert (problem, "log-in") == (failure.problem, failure.step)
    assert {"en", "fr"} == set(failure.texts)
    assert "hush-hush" not in str(failure.texts)


async def test_a_server_without_passwords_says_so() -> None:
    """LOGINDISABLED in clear: TLS is what is missing."""
    can = b"* CAPABILITY IMAP4rev1 LOGINDISABLED STARTTLS\r\n" + OK
    script = listening(CAPABILITY=can)
    failure = await failure_of(script)

    assert "password-needs-tls" == failure.problem
    assert [] == script.said("LOGIN") + script.said("AUTHENTICATE")


async def test_capabilities_told_only_by_the_greeting_count() -> None:
    """ICloud answers CAPABILITY with nothing."""
    script = icloud(AUTHENTICATE=OK)
    async with logged_in(script, "naïve") as connection:
        can = connection.capabilities

    assert "AUTH=PLAIN" in can
    assert 1 == len(script.said("AUTHENTICATE"))


GREETINGS: list[tuple[bytes | Misdeed, str]] = [
    (b"220 mail.example.test ESMTP\r\n", "not-imap"),
    (b"+OK POP3 ready\r\n", "not-imap"),
    (b"HTTP/1.1 400 Bad Request\r\n", "not-imap"),
    (b"* BYE too many connections from your address\r\n", "too-many-connections"),
    (b"* BYE down for maintenance\r\n", "said-goodbye"),
    (Misdeed.CLOSE, "disconnected"),
]


@pytest.mark.parametrize(("greeting", "problem"), GREETINGS)
async def test_greetings_are_told_apart(greeting: bytes | Misdeed, problem: str) -> None:
    """What is no IMAP server, and what has no time for us; a stranger's words are not shown."""
    script = listening()
    script.greeting = greeting
    failure = await failure_of(script)

    assert problem == failure.problem
    assert "ESMTP" not in failure.text
