from functools import cache

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from courrier.mail.writing.dkim import Unsignable, relaxed_body, relaxed_field, sign
from courrier.mail.writing.dkim_keys import (
    InvalidKey,
    KeyKind,
    SigningKey,
    dns_name,
    dns_value,
    new_private_key,
    read_key,
)

NOW = 1_768_212_672
PLAIN = b"From: ann@example.org\r\nTo: bob@example.net\r\nSubject: Plan\r\n\r\nGood day\r\n"


@cache
def key(kind: KeyKind) -> SigningKey:
    """One key of each kind for all tests."""
    return read_key("Example.ORG", f"s-{kind}", new_private_key(kind))


@cache
def both() -> tuple[SigningKey, SigningKey]:
    """What a message is best signed with."""
    return key("ed25519"), key("rsa")


def verified(message: bytes) -> list[bool]:
    """What dkimpy says of each signature, asking our DNS records."""
    records = {f"{dns_name(each)}.".encode(): dns_value(each).encode() for each in both()}

    def answer(name: bytes, timeout: int = 5) -> bytes | None:
        return records.get(name)

    def is_good(index: int) -> bool:
        try:
            return bool(dkim.DKIM(message).verify(index, dnsfunc=answer))
        except dkim.ValidationError:
            return False

    count = message.partition(b"\r\n\r\n")[0].count(b"DKIM-Signature:")
    return [is_good(index) for index in range(count)]


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(PLAIN, id="plain"),
        pytest.param(PLAIN.replace(b"Good day\r\n", b""), id="empty body"),
        pytest.param(PLAIN.replace(b"Good day", b"\r\n\r\n"), id="body of empty lines"),
        pytest.param(PLAIN.replace(b"Good day\r\n", b"Good day"), id="no last line end"),
        pytest.param(PLAIN + b"\r\n\r\n", id="empty lines at the end"),
        pytest.param(PLAIN + b" \r\n\t\r\n", id="lines of blanks at the end"),
        pytest.param(PLAIN + b"a \t b\t\r\n  c  \r\n.\r\n..d\r\n", id="blanks and dots"),
        pytest.param(PLAIN.replace(b"Plan", b"a  b\r\n\tc \t d "), id="folded field"),
        pytest.param(PLAIN.replace(b"Subject: ", b"SUBJECT:"), id="capitals, no blank"),
        pytest.param(b"Subject: 1\r\nList-Id: <a.b>\r\nSubject: 2\r\n" + PLAIN, id="repeated"),
        pytest.param(b"Subject:\r\n" + PLAIN, id="empty field"),
        pytest.param(PLAIN.replace(b"Plan", "Grüße".encode()), id="raw UTF-8"),
    ],
)
def test_another_program_finds_both_signatures_good(message: bytes) -> None:
    """RFC 6376 section 3.4, checked by dkimpy for every shape of field and body."""
    assert verified(sign(message, both(), now=NOW)) == [True, True]


lines = st.lists(st.binary(max_size=40), max_size=12).map(
    lambda each: b"".join(line.translate(None, b"\r\n") + b"\r\n" for line in each)
)


@given(lines, st.text(st.sampled_from("ab \t"), max_size=60))
@settings(max_examples=60, deadline=None)
def test_any_body_and_any_blanks_verify(body: bytes, value: str) -> None:
    """Whatever stands in a message with CRLF line ends, both programs read the same in it."""
    message = f"From: a@example.org\r\nSubject:{value}x\r\n\r\n".encode() + body

    assert verified(sign(message, both()[:1], now=NOW)) == [True]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"Good day", b"Good night"),
        (b"Subject: Plan", b"Subject: Spam"),
        (b"\r\nTo:", b"\r\nFrom: eve@example.org\r\nTo:"),
        (b"\r\nTo:", b"\r\nSubject: Spam\r\nTo:"),
        (b"\r\nTo:", b"\r\nCc: eve@example.org\r\nTo:"),
        (b"\r\nTo:", b"\r\nReply-To: eve@example.org\r\nTo:"),
    ],
)
def test_a_changed_or_added_field_is_noticed(before: bytes, after: bytes) -> None:
    """Fields that a reader is shown can neither be altered nor added, on top or below."""
    signed = sign(PLAIN, both(), now=NOW)

    assert verified(signed.replace(before, after)) == [False, False]


def test_signing_is_a_function_of_its_arguments() -> None:
    """A message signed again at the same moment is the same message."""
    assert sign(PLAIN, both(), now=NOW) == sign(PLAIN, both(), now=NOW)
    assert b"t=1768212672;" in sign(PLAIN, both(), now=NOW)
    assert sign(PLAIN, (), now=NOW) == PLAIN


def test_signature_lines_are_short() -> None:
    """However many fields are signed: some relays fold or refuse longer lines."""
    fields = b"".join(b"List-%s: <https://x.example/>\r\n" % word for word in (
        b"Id", b"Help", b"Subscribe", b"Post", b"Owner", b"Archive", b"Unsubscribe",
    ))  # fmt: skip
    signed = sign(fields + PLAIN, both(), now=NOW)

    assert max(map(len, signed.split(b"\r\n"))) <= 78
    assert verified(signed) == [True, True]


@pytest.mark.parametrize(
    "message",
    [b"Subject: x\r\n\r\ny\r\n", PLAIN + b"a\nb", PLAIN + b"a\rb", PLAIN.replace(b"\r\n", b"\n")],
)
def test_what_would_change_on_its_way_is_not_signed(message: bytes) -> None:
    """A relay mends bare CR and LF, and a message without From is none."""
    with pytest.raises(Unsignable):
        sign(message, both(), now=NOW)


def test_more_signatures_than_verifiers_read_are_refused() -> None:
    """The fifth would never be looked at."""
    with pytest.raises(Unsignable, match="4"):
        sign(PLAIN, both() * 3, now=NOW)


@pytest.mark.parametrize(
    ("body", "canonical"),
    [
        (b"", b""),
        (b"\r\n", b""),
        (b" \r\n \t\r\n", b""),
        (b" C \r\nD \t E\r\n\r\n\r\n", b" C\r\nD E\r\n"),
        (b"a", b"a\r\n"),
        (b"a \r\n\r\nb", b"a\r\n\r\nb\r\n"),
    ],
)
def test_bodies_have_one_relaxed_form(body: bytes, canonical: bytes) -> None:
    """RFC 6376 sections 3.4.4 and 3.4.5."""
    assert relaxed_body(body) == canonical


def test_fields_have_one_relaxed_form() -> None:
    """RFC 6376 section 3.4.2."""
    assert relaxed_field(b"SubJect \t: Y\t\r\n\tZ  ") == b"subject:Y Z"


def test_a_public_key_follows_from_its_private_one() -> None:
    """With the pair that RFC 8463 appendix A.2 prints."""
    private = Ed25519PrivateKey.from_private_bytes(
        bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    )
    known = SigningKey("football.example.com", "brisbane", private)

    assert dns_name(known) == "brisbane._domainkey.football.example.com"
    assert dns_value(known) == (
        "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    )


def pem(
    private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
    encryption: KeySerializationEncryption | None = None,
) -> str:
    """A key as a customer might paste it."""
    return private.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption()
    ).decode()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "begins with"),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "damaged"),
        (pem(rsa.generate_private_key(65537, 1024), BestAvailableEncryption(b"x")), "passphrase"),
        (pem(ec.generate_private_key(ec.SECP256R1())), "only RSA and Ed25519"),
        (pem(rsa.generate_private_key(65537, 1024)).replace("PRIVATE", "PUBLIC"), "begins with"),
    ],
)
def test_a_key_that_cannot_sign_is_refused_with_its_reason(text: str, reason: str) -> None:
    """The customer who pasted it can mend it."""
    with pytest.raises(InvalidKey, match=reason):
        read_key("example.org", "s", text)


@pytest.mark.parametrize(
    ("domain", "selector"),
    [("", "s"), ("bücher.example", "s"), ("a;b", "s"), ("a\r\nb", "s"), ("example.org", "s t"),
     ("example.org", ""), ("-a.example", "s"), ("a..b", "s"), ("a.example", "s" * 300)],
)  # fmt: skip
def test_a_name_that_is_none_is_refused(domain: str, selector: str) -> None:
    """It stands in a header field and in a question to the DNS."""
    with pytest.raises(InvalidKey):
        read_key(domain, selector, new_private_key("ed25519"))
