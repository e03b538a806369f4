"""Certificates and S/MIME messages, made by openssl as partners' programs make them."""

from __future__ import annotations

import subprocess
from base64 import encodebytes
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from secure_mail.infrastructure.smime.openssl import found

ENTITY = b"Content-Type: text/plain; charset=utf-8\r\n\r\nThe decision of the court.\r\n"
HEADER = (
    b"From: clerk@court.example\r\n"
    b"To: perintakeskus@kela.example\r\n"
    b"Subject: Decision\r\n"
    b"Message-ID: <1@court.example>\r\n"
)


@dataclass(frozen=True)
class Identity:
    """A key and its certificate, in files."""

    key_file: Path
    file: Path
    certificate: x509.Certificate
    key: rsa.RSAPrivateKey

    @property
    def pem(self) -> str:
        return self.file.read_text()

    @property
    def fingerprint(self) -> str:
        return self.certificate.fingerprint(hashes.SHA256()).hex()


def identity(
    folder: Path,
    name: str,
    *,
    mailbox: str | None = "clerk@court.example",
    issuer: Identity | None = None,
    authority: bool = False,
    begins: datetime | None = None,
    ends: datetime | None = None,
    uses: tuple[x509.ObjectIdentifier, ...] = (),
    serial: int | None = None,
    bits: int = 2048,
) -> Identity:
    """Self-signed, unless somebody issues it."""
    key = rsa.generate_private_key(65537, bits)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(serial or x509.random_serial_number())
        .not_valid_before(begins or now - timedelta(days=10))
        .not_valid_after(ends or now + timedelta(days=90))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    if mailbox:
        names = x509.SubjectAlternativeName([x509.RFC822Name(mailbox)])
        builder = builder.add_extension(names, critical=False)
    if uses:
        builder = builder.add_extension(x509.ExtendedKeyUsage(uses), critical=False)
    certificate = builder.sign(issuer.key if issuer else key, hashes.SHA256())
    files = folder / f"{name}.key", folder / f"{name}.pem"
    files[0].touch(0o600)
    files[0].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    files[1].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return Identity(*files, certificate, key)


SERVER_ONLY = (ExtendedKeyUsageOID.SERVER_AUTH,)


def cms(content: bytes, *arguments: str | Path) -> bytes:
    """What `openssl cms` makes of it."""
    command = [str(found()), "cms", "-binary", "-outform", "DER", *map(str, arguments)]
    return subprocess.run(command, input=content, capture_output=True, check=True).stdout


def signature(content: bytes, *signers: Identity, digest: str = "sha256", opaque: bool = False):
    words = [word for one in signers for word in ("-signer", one.file, "-inkey", one.key_file)]
    kind = ("-nodetach",) if opaque else ()
    return cms(content, "-sign", "-md", digest, *words, *kind)


def multipart(
    content: bytes,
    made: bytes,
    header: bytes = HEADER,
    boundary: bytes = b"cut",
    before: bytes = b"This is an S/MIME signed message\r\n\r\n",
    after: bytes = b"",
) -> bytes:
    """`multipart/signed` of what is signed and its signature."""
    return (
        header
        + b'MIME-Version: 1.0\r\nContent-Type: multipart/signed; micalg="sha-256";\r\n'
        + b' protocol="application/pkcs7-signature"; boundary="'
        + boundary
        + b'"\r\n\r\n'
        + before
        + b"--%b\r\n%b\r\n--%b\r\n" % (boundary, content, boundary)
        + b"Content-Type: application/pkcs7-signature; name=smime.p7s\r\n"
        + b"Content-Transfer-Encoding: base64\r\n\r\n"
        + encodebytes(made).replace(b"\n", b"\r\n")
        + b"\r\n--%b--\r\n" % boundary
        + after
    )


def pkcs7(made: bytes, kind: str, header: bytes = HEADER) -> bytes:
    """`application/pkcs7-mime` around a CMS object."""
    return (
        header
        + b"MIME-Version: 1.0\r\nContent-Type: application/pkcs7-mime; smime-type="
        + kind.encode()
        + b"; name=smime.p7m\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + encodebytes(made).replace(b"\n", b"\r\n")
    )


def signed(*signers: Identity, content: bytes = ENTITY, header: bytes = HEADER) -> bytes:
    return multipart(content, signature(content, *signers), header)


def encrypted(content: bytes, to: Identity, *options: str, header: bytes = HEADER) -> bytes:
    words = options or ("-aes-256-cbc",)
    return pkcs7(cms(content, "-encrypt", *words, "-recip", to.file), "enveloped-data", header)
