"""A self-signed certificate for the demo's SMTP door; a real deployment brings its own."""

from __future__ import annotations

from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from secure_mail.infrastructure.vault.private_files import write_new

LIFE = timedelta(days=365)


def make_certificate(folder: Path, now: datetime) -> tuple[Path, Path]:
    """Writes `smtp-cert.pem` and `smtp-key.pem` (0600) for localhost and 127.0.0.1, if absent."""
    certificate, private = folder / "smtp-cert.pem", folder / "smtp-key.pem"
    if certificate.exists():
        return certificate, private
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    hosts = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + LIFE)
        .add_extension(x509.SubjectAlternativeName(hosts), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, SHA256())
    )
    write_new(private, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    write_new(certificate, made.public_bytes(Encoding.PEM))
    return certificate, private
