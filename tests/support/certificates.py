"""A certificate authority of our own, made in milliseconds, for servers on loopback."""

import datetime as dt
import ipaddress
import ssl
from dataclasses import dataclass, field, replace
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NAMES = ("localhost", "imap.example.test", "smtp.example.test")
LOOPBACK = "127.0.0.1"
LIFETIME = dt.timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Certificates:
    """PEM files: the authority to trust, and a server's certificate and key signed by it."""

    ca_file: Path
    cert_file: Path
    key_file: Path
    authority: "Authority" = field(repr=False)

    def server_context(self) -> ssl.SSLContext:
        """Return what a TLS server of these certificates needs."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.cert_file, self.key_file)
        return context

    def client_context(self) -> ssl.SSLContext:
        """Return what a client needs that trusts this authority and no other."""
        return ssl.create_default_context(cafile=str(self.ca_file))


@dataclass(frozen=True, slots=True)
class Authority:
    """Signs any number of server certificates; its own certificate is ``ca_file``."""

    directory: Path
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def issue(
        self, address: str = LOOPBACK, *, expired: bool = False, by_itself: bool = False
    ) -> Certificates:
        """Write a new server certificate for this IP address and the usual names."""
        at, name = self.directory, f"{address}{'.expired' * expired}{'.alone' * by_itself}"
        made = Certificates(at / "ca.pem", at / f"{name}.pem", at / f"{name}.key.pem", self)
        key = ec.generate_private_key(ec.SECP256R1())
        signer = replace(self, key=key) if by_itself else self
        server = _server(signer, key, address, by_itself=by_itself, expired=expired)
        made.cert_file.write_bytes(server.public_bytes(serialization.Encoding.PEM))
        made.key_file.touch(mode=0o600)
        made.key_file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return made


def make_authority(directory: Path) -> Authority:
    """Write a new authority's certificate into ``directory``."""
    key = ec.generate_private_key(ec.SECP256R1())
    made = Authority(directory, _authority(key), key)
    pem = made.certificate.public_bytes(serialization.Encoding.PEM)
    (directory / "ca.pem").write_bytes(pem)
    return made


def make_certificates(directory: Path) -> Certificates:
    """Write a new authority and a certificate for loopback into ``directory``."""
    return make_authority(directory).issue()


def _authority(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = _name("Courrier test authority")
    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    builder = _builder(name, name, key.public_key())
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(usage, critical=True)
    subject_id = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return builder.add_extension(subject_id, critical=False).sign(key, hashes.SHA256())


def _server(
    authority: Authority,
    private: ec.EllipticCurvePrivateKey,
    address: str,
    *,
    by_itself: bool,
    expired: bool,
) -> x509.Certificate:
    key = private.public_key()
    issuer = _name(NAMES[0]) if by_itself else authority.certificate.subject
    names: list[x509.GeneralName] = [x509.DNSName(name) for name in NAMES]
    names.append(x509.IPAddress(ipaddress.ip_address(address)))
    issuer_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key())
    builder = _builder(issuer, _name(NAMES[0]), key)
    if expired:
        builder = _builder(issuer, _name(NAMES[0]), key, LIFETIME + dt.timedelta(days=1))
    builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    builder = builder.add_extension(issuer_id, critical=False)
    return builder.sign(authority.key, hashes.SHA256())


def _builder(
    issuer: x509.Name,
    subject: x509.Name,
    key: ec.EllipticCurvePublicKey,
    ago: dt.timedelta = dt.timedelta(minutes=5),
) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .issuer_name(issuer)
        .subject_name(subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - ago)
        .not_valid_after(now - ago + LIFETIME)
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
