"""What is wrong with an outgoing server is told exactly and soon, and nothing is sent."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from hashlib import sha256

import pytest

from courrier.events.commands.mailboxes import MailboxSeen
from courrier.events.families.settings import Server
from courrier.events.runtime.tls import Contexts, client_context
from courrier.sender.adapters.smtp_inspecting import SmtpInspection
from support.certificates import Authority, Certificates, make_authority
from support.smtp_sink import PASSWORD, USER, SinkOptions, SmtpSink, Tls, start_sink

pytestmark = pytest.mark.integration

HOST = "127.0.0.1"
TOKEN = "an-access-token"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority that nobody trusts unless told."""
    return make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def sinks(authority: Authority) -> Iterator[dict[Tls, SmtpSink]]:
    """A server of each kind."""
    made = authority.issue()
    with (
        start_sink(made, SinkOptions(tls="implicit", requires_login=True)) as implicit,
        start_sink(made, SinkOptions(requires_starttls=True, requires_login=True)) as starttls,
        start_sink(made, SinkOptions(tls="none")) as none,
    ):
        yield {"implicit": implicit, "starttls": starttls, "none": none}


async def look(
    port: int,
    *,
    made: Certificates,
    secret: str | None = PASSWORD,
    **more: str | None,
) -> MailboxSeen:
    """Try a server whose authority is trusted, unless ``ca_file`` says otherwise."""
    context = client_context(made.ca_file if more.pop("trust", "yes") else None)
    there: dict[str, object] = {"host": HOST, "port": port, "tls": "implicit", "user": USER} | more
    inspection = SmtpInspection(Contexts(context), "courrier.example.test", reply_s=1.0)
    async with asyncio.timeout(10):
        return await inspection.look(Server.model_validate(there), secret, "grace@x.test")


@pytest.mark.parametrize("tls", ["implicit", "starttls", "none"])
async def test_a_server_that_works_is_told_so_and_nothing_is_sent(
    sinks: dict[Tls, SmtpSink], authority: Authority, tls: Tls
) -> None:
    """It has let us in and taken the address, in both directions."""
    sink = sinks[tls]
    sink.commands.clear()
    user = None if tls == "none" else USER
    seen = await look(sink.port, made=authority.issue(), tls=tls, user=user)

    assert ("done", None, True) == (seen.step, seen.problem, "grace@x.test" in seen.texts["fr"])
    assert "SIZE" in seen.capabilities
    assert sink.commands[-2:] == ["MAIL grace@x.test -> 250 OK", "RCPT grace@x.test -> 250 OK"]
    assert [] == sink.messages


@pytest.mark.parametrize(
    ("kind", "more", "step", "problem"),
    [
        ("implicit", {"host": "no-such-host.invalid"}, "name", "name-not-found"),
        ("implicit", {"trust": ""}, "tls", "tls-unknown-issuer"),
        ("starttls", {"tls": "starttls", "trust": ""}, "tls", "tls-unknown-issuer"),
        ("implicit", {"secret": "wrong"}, "log-in", "log-in-refused"),
        ("implicit", {"secret": None}, "log-in", "password-missing"),
        ("implicit", {"user": None}, "sender", "log-in-needed"),
        ("implicit", {"oauth": "google"}, "log-in", "no-log-in"),
        ("starttls", {}, "tls", "tls-not-spoken"),
        ("none", {"tls": "starttls"}, "tls", "starttls-missing"),
        ("implicit", {"tls": "starttls"}, "tls", "tls-wanted"),
        ("implicit", {"certificate_sha256": "00" * 32}, "tls", "tls-certificate-changed"),
    ],
)
async def test_what_is_wrong_is_told_with_the_step_that_was_reached(  # noqa: PLR0917  a table
    sinks: dict[Tls, SmtpSink],
    authority: Authority,
    kind: Tls,
    more: dict[str, str | None],
    step: str,
    problem: str,
) -> None:
    """In English and French; no password was heard in clear."""
    seen = await look(sinks[kind].port, made=authority.issue(), **more)

    assert (step, problem) == (seen.step, seen.problem)
    assert seen.texts["en"] != seen.texts["fr"]
    assert "{" not in seen.texts["en"] + seen.texts["fr"]
    assert (seen.certificate is not None) == (
        problem in {"tls-unknown-issuer", "tls-certificate-changed"}
    )


async def test_a_port_where_nobody_listens_and_a_certificate_that_is_trusted_by_itself(
    authority: Authority, unused_tcp_port: int
) -> None:
    """Expired and self-signed ones are told apart, and a named one is enough."""
    alone = authority.issue(by_itself=True)
    der = ssl.PEM_cert_to_DER_cert(alone.cert_file.read_text())
    options = SinkOptions(tls="implicit")
    with start_sink(alone, options) as sink:
        refused = await look(sink.port, made=alone, trust="")
        named = await look(sink.port, made=alone, certificate_sha256=sha256(der).hexdigest())
    with start_sink(authority.issue(expired=True), options) as sink:
        late = await look(sink.port, made=alone)
    nobody = await look(unused_tcp_port, made=alone)

    assert "tls-self-signed" == refused.problem
    assert refused.certificate is not None
    assert sha256(der).hexdigest() == refused.certificate.sha256
    assert ("done", "tls-expired", "refused") == (named.step, late.problem, nobody.problem)


async def test_servers_that_do_not_want_us_or_are_none(authority: Authority) -> None:
    """Their own words stand in the text."""
    made = authority.issue()
    with start_sink(made, SinkOptions(tls="none")) as sink:
        sink.answer("MAIL", "550 5.7.60 Client cannot send as this sender")
        refused = await look(sink.port, made=made, tls="none", user=None)
        sink.behave()
        sink.answer("MAIL", "451 4.7.0 Too much mail")
        busy = await look(sink.port, made=made, tls="none", user=None)
        sink.behave()
        sink.answer("AUTH", "535 5.7.139 basic authentication is disabled")
        by_token = await look(sink.port, made=made, tls="none")
    async with saying(b"HTTP/1.0 400 Bad Request\r\n\r\n") as port:
        other = await look(port, made=made, tls="none")
    async with saying(b"554 5.7.1 go away\r\n") as port:
        away = await look(port, made=made, tls="none")

    assert ("sender-refused", True) == (refused.problem, "cannot send as" in refused.texts["en"])
    assert ("throttled", "oauth-needed") == (busy.problem, by_token.problem)
    assert ("not-smtp", "turned-away") == (other.problem, away.problem)


async def test_a_token_is_shown_where_somebody_signed_in(authority: Authority) -> None:
    """By XOAUTH2; one that is refused means a new sign-in."""
    made = authority.issue()
    with start_sink(made, SinkOptions(tls="implicit", access_token=TOKEN)) as sink:
        good = await look(sink.port, made=made, secret=TOKEN, oauth="google")
        bad = await look(sink.port, made=made, secret="old", oauth="google")

    assert ("done", "sign-in-ended") == (good.step, bad.problem)


@asynccontextmanager
async def saying(greeting: bytes) -> AsyncIterator[int]:
    """Yield the port of a server that says this and hangs up."""

    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(greet, HOST, 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
