"""The port `Certificates`: X.509 in PEM (RFC 5280, RFC 7468)."""

from __future__ import annotations

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID

from secure_mail.application.ports.certificates import NoCertificateError
from secure_mail.domain.partners import Certificate, CertificateFacts

RSA_BITS = 2048
"""Shorter keys are within reach of others (NIST SP 800-131A)."""
LARGEST = 64 * 1024
_CLIENT = {ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}


class X509Certificates:
    """Reads with the library; what it cannot read is no certificate."""

    def read(self, pem: bytes) -> CertificateFacts:
        if b"PRIVATE KEY-----" in pem:
            raise NoCertificateError(
                "holds a private key, which nobody else may have: ask for the certificate alone, "
                "and for a new key"
            )
        try:
            found = x509.load_pem_x509_certificates(pem[:LARGEST])
            facts = _facts(found[0])
        except ValueError:
            raise NoCertificateError("is no certificate in PEM") from None
        if len(found) > 1:
            raise NoCertificateError(
                "holds several certificates: give the partner's own, without its issuers"
            )
        _refuse_weak_key(found[0])
        return facts


def key_is_of(key: bytes, certificate: bytes) -> bool:
    """Whether the private key (PEM, without a passphrase) belongs to the certificate."""
    try:
        private = load_pem_private_key(key, None)
        public = x509.load_pem_x509_certificate(certificate).public_key()
    except (TypeError, ValueError, UnsupportedAlgorithm):
        return False
    form = Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    return private.public_key().public_bytes(*form) == public.public_bytes(*form)


def _facts(found: x509.Certificate) -> CertificateFacts:
    """Raises ValueError when an extension cannot be read."""
    return CertificateFacts(
        certificate=Certificate(
            fingerprint=found.fingerprint(hashes.SHA256()).hex(),
            pem=found.public_bytes(Encoding.PEM).decode(),
            not_after=found.not_valid_after_utc,
        ),
        not_before=found.not_valid_before_utc,
        mailboxes=_mailboxes(found.extensions),
        client=_is_client(found.extensions),
    )


def _mailboxes(extensions: x509.Extensions) -> tuple[str, ...]:
    try:
        names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    return tuple(names.get_values_for_type(x509.RFC822Name))


def _is_client(extensions: x509.Extensions) -> bool:
    try:
        uses = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return any(use in _CLIENT for use in uses)


def _refuse_weak_key(found: x509.Certificate) -> None:
    key = found.public_key()
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < RSA_BITS:
        raise NoCertificateError(f"has a key of {key.key_size} bits: {RSA_BITS} are needed")
