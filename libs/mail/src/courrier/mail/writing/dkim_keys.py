"""Keys that sign mail: made, read from PEM, and shown as the DNS record that proves them."""

import re
from base64 import b64encode
from dataclasses import dataclass
from typing import Literal

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

RSA_BITS = 2048
MIN_RSA_BITS = 1024
"""RFC 8301 section 3.2: verifiers refuse shorter keys, and need not take longer ones than 4096."""
MAX_RSA_BITS = 4096
_MAX_PEM_CHARS = 16_384
_LABEL = r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\Z")
_MAX_NAME_CHARS = 253

KeyKind = Literal["rsa", "ed25519"]


class InvalidKey(ValueError):
    """A domain, selector or private key cannot sign; the text says why and holds no secret."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key and where its public half is found: `selector._domainkey.domain`."""

    domain: str
    selector: str
    private: RSAPrivateKey | Ed25519PrivateKey

    @property
    def algorithm(self) -> str:
        """The word of `a=`."""
        return f"{kind_of(self)}-sha256"


def read_key(domain: str, selector: str, pem: str) -> SigningKey:
    """A key that `sign` takes. Checking an RSA key takes milliseconds: keep what is returned.

    Args:
        domain: in A-labels; DMARC wants that of From or a parent of it.
        selector: one or several labels.
        pem: PKCS #8 or the older forms of OpenSSL, without a passphrase.

    Raises:
        InvalidKey: see there.
    """
    for what, name in (("domain", domain), ("selector", selector)):
        if _NAME.match(name) is None or len(name) > _MAX_NAME_CHARS:
            raise InvalidKey(f"{name[:80]!r} is no {what} (letters, digits, hyphens, dots)")
    return SigningKey(domain.lower(), selector.lower(), _private(pem))


def new_private_key(kind: KeyKind) -> str:
    """A new private key as PKCS #8 PEM, for the vault. The one function of this package that
    does not follow from its arguments; RSA takes some 100 ms.
    """  # noqa: D205  (one sentence)
    private = (
        Ed25519PrivateKey.generate() if kind == "ed25519" else generate_private_key(65537, RSA_BITS)
    )
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")


def dns_name(key: SigningKey) -> str:
    """Where the TXT record stands (RFC 6376 section 3.6.2.1)."""
    return f"{key.selector}._domainkey.{key.domain}"


def dns_value(key: SigningKey) -> str:
    """The TXT record's value; an RSA one is longer than 255 octets, and so several strings."""
    public = key.private.public_key()
    if isinstance(key.private, RSAPrivateKey):
        encoded = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    else:
        encoded = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return f"v=DKIM1; k={kind_of(key)}; p={b64encode(encoded).decode('ascii')}"


def kind_of(key: SigningKey) -> KeyKind:
    """The word of `k=`."""
    return "rsa" if isinstance(key.private, RSAPrivateKey) else "ed25519"


def _private(pem: str) -> RSAPrivateKey | Ed25519PrivateKey:
    if len(pem) > _MAX_PEM_CHARS or "PRIVATE KEY-----" not in pem:
        raise InvalidKey("a private key in PEM begins with -----BEGIN PRIVATE KEY-----")
    try:
        private = load_pem_private_key(pem.encode("ascii", "replace"), None)
    except TypeError as error:
        raise InvalidKey("the private key has a passphrase: give it without one") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise InvalidKey("the private key is damaged or of an unknown kind") from error
    if isinstance(private, Ed25519PrivateKey):
        return private
    if not isinstance(private, RSAPrivateKey):
        raise InvalidKey("only RSA and Ed25519 keys sign mail")
    if not MIN_RSA_BITS <= private.key_size <= MAX_RSA_BITS:
        text = f"an RSA key has {MIN_RSA_BITS} to {MAX_RSA_BITS} bits, best {RSA_BITS}"
        raise InvalidKey(f"{text}; this one has {private.key_size}")
    return private
