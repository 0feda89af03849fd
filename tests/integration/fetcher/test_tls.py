"""TLS is what the account asks for, or nothing is said; what is wrong with it is told exactly."""

import ssl
from hashlib import sha256
from pathlib import Path

import pytest

from courrier.events.families.settings import Server, Tls
from courrier.events.runtime.tls import client_context
from courrier.fetcher.adapters.imap.servers import ImapMailServers
from courrier.fetcher.domain.failures import CannotFetch
from support.certificates import Authority, Certificates, make_authority
from support.imap_imitations import listening
from support.imap_script import OK, ImapScript, Misdeed, imap_script

pytestmark = pytest.mark.integration

HOST = "127.0.0.1"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority that nobody trusts unless told."""
    return make_authority(tmp_path_factory.mktemp("authority"))


def certificate_of(made: Certificates) -> str:
    """The SHA-256 of a server's certificate, with colons as people copy it."""
    der = ssl.PEM_cert_to_DER_cert(made.cert_file.read_text())
    return sha256(der).digest().hex(":").upper()


async def connect(script: ImapScript, server: Server, *, trusted: Path | None = None) -> None:
    """Connect, log in and leave; raises what goes wrong."""
    async with imap_script(script) as port:
        there = server.model_copy(update={"port": port})
        servers = ImapMailServers(client_context(trusted), extra_ca_file=trusted)
        async with servers.connect(there, "a password"):
            pass


async def problem_of(script: ImapScript, server: Server, *, trusted: Path | None = None) -> str:
    """What is wrong; no password may have been heard."""
    with pytest.raises(CannotFetch) as caught:
        await connect(script, server, trusted=trusted)
    assert [] == script.said("LOGIN") + script.said("AUTHENTICATE")
    return caught.value.problem


def server(tls: Tls = "implicit", host: str = HOST, **more: str) -> Server:
    """How the account is set up."""
    return Server(host=host, port=1, tls=tls, user="grace", **more)


def speaking_tls(made: Certificates, *, starttls: bool = False) -> ImapScript:
    """A server with this certificate."""
    script = listening()
    script.tls, script.starttls = made.server_context(), starttls
    if starttls:
        before = b"* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\r\n" + OK
        script.answers["CAPABILITY"] = [before, b"* CAPABILITY IMAP4rev1\r\n" + OK]
        script.answers["STARTTLS"] = OK
    return script


@pytest.mark.parametrize("starttls", [False, True])
async def test_certificates_are_told_apart(authority: Authority, *, starttls: bool) -> None:
    """Another name, an old date, no known issuer, its own issuer: each by its name."""
    mode: Tls = "starttls" if starttls else "implicit"
    trusted = authority.directory / "ca.pem"
    cases = {
        "tls-unknown-issuer": (authority.issue(), None),
        "tls-self-signed": (authority.issue(by_itself=True), None),
        "tls-expired": (authority.issue(expired=True), trusted),
        "tls-name-mismatch": (authority.issue("127.0.0.9"), trusted),
    }
    found = {
        wanted: await problem_of(speaking_tls(made, starttls=starttls), server(mode), trusted=trust)
        for wanted, (made, trust) in cases.items()
    }

    assert {name: name for name in cases} == found


@pytest.mark.parametrize("starttls", [False, True])
async def test_an_account_trusts_an_authority_of_its_own(
    authority: Authority, *, starttls: bool
) -> None:
    """Its PEM text is in the account's settings; nobody else trusts it for that."""
    made = authority.issue()
    script = speaking_tls(made, starttls=starttls)
    mode: Tls = "starttls" if starttls else "implicit"
    await connect(script, server(mode, ca_pem=made.ca_file.read_text()))

    assert 1 == len(script.said("LOGIN"))


async def test_an_account_trusts_one_certificate_and_no_other(authority: Authority) -> None:
    """A self-signed server is used by its fingerprint; any other certificate is refused."""
    made, other = authority.issue(by_itself=True), authority.issue("127.0.0.8", by_itself=True)
    trusting = server(certificate_sha256=certificate_of(made))
    script = speaking_tls(made)
    await connect(script, trusting)

    assert 1 == len(script.said("LOGIN"))
    assert "tls-certificate-changed" == await problem_of(speaking_tls(other), trusting)


async def test_bad_authorities_are_told() -> None:
    """What was pasted into the settings is no certificate."""
    assert "tls-failed" == await problem_of(listening(), server(ca_pem="no certificate"))


async def test_modes_are_told_apart(authority: Authority) -> None:
    """A plain server where TLS was expected."""
    assert "tls-not-spoken" == await problem_of(listening(), server("implicit"))


@pytest.mark.parametrize(
    ("answers", "greeting", "problem"),
    [
        ({}, b"* OK hi\r\n", "starttls-missing"),
        ({}, b"* PREAUTH welcome\r\n", "starttls-missing"),
        ({}, b"* OK [CAPABILITY IMAP4rev1 STARTTLS] hi\r\n", "starttls-missing"),
        ({"STARTTLS": b"{tag} NO not now\r\n"}, b"* OK hi\r\n", "server-error"),
        ({"STARTTLS": b"{tag} BAD what\r\n"}, b"* OK hi\r\n", "server-error"),
        ({"STARTTLS": OK + b"* OK injected\r\n"}, b"* OK hi\r\n", "tls-injected"),
        ({"STARTTLS": OK + b"A"}, b"* OK hi\r\n", "tls-injected"),
        ({"STARTTLS": Misdeed.CLOSE}, b"* OK hi\r\n", "disconnected"),
    ],
)
async def test_starttls_is_never_stripped(
    answers: dict[str, bytes | Misdeed], greeting: bytes, problem: str
) -> None:
    """Not offered, refused, or with bytes slipped in before the handshake: no password leaves."""
    script = listening()
    script.greeting = greeting
    if answers:
        script.answers["CAPABILITY"] = b"* CAPABILITY IMAP4rev1 STARTTLS\r\n" + OK
    script.answers |= answers

    assert problem == await problem_of(script, server("starttls"))


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
async def test_old_tls_is_refused(authority: Authority) -> None:
    """1.2 is the least."""
    made = authority.issue()
    script = speaking_tls(made)
    assert script.tls
    script.tls.set_ciphers("DEFAULT:@SECLEVEL=0")
    script.tls.minimum_version = ssl.TLSVersion.TLSv1
    script.tls.maximum_version = ssl.TLSVersion.TLSv1_1

    assert "tls-failed" == await problem_of(script, server(), trusted=made.ca_file)


async def test_addresses_that_are_no_mail_servers_are_not_reached() -> None:
    """Where private servers are not wanted, loopback is refused before a byte is sent."""
    script = listening()
    servers = ImapMailServers(client_context(), private_servers=False)
    async with imap_script(script) as port:
        there = server("none").model_copy(update={"port": port})
        with pytest.raises(CannotFetch) as caught:
            async with servers.connect(there, "a password"):
                pass

    assert "address-not-allowed" == caught.value.problem
    assert [] == script.heard
