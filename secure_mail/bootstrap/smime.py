"""S/MIME of the worker: who verifies, which key decrypts, and what it says when it cannot."""

from __future__ import annotations

from pathlib import Path

import structlog

from secure_mail.application.ports.safety import SafetyError
from secure_mail.application.processing.authenticate import Authenticate
from secure_mail.bootstrap.parts import Parts
from secure_mail.domain.partners import Check, PartnerOrganisation
from secure_mail.infrastructure.smime.openssl import openssl_available
from secure_mail.infrastructure.smime.verifier import OpenSslDecrypter, OpenSslVerifier
from secure_mail.infrastructure.vault.certificates import X509Certificates, key_is_of
from secure_mail.infrastructure.vault.private_files import read_private
from secure_mail.settings import Settings

log = structlog.get_logger("bootstrap")


def authenticate(parts: Parts) -> Authenticate:
    """Raises SafetyError: SMIME_KEY cannot be used."""
    _tell_unverifiable(parts)
    return Authenticate(
        verifier=OpenSslVerifier(),
        decrypter=decrypter(parts.settings),
        certificates=X509Certificates(),
    )


def decrypter(settings: Settings) -> OpenSslDecrypter | None:
    """None when partners cannot encrypt to us. Raises SafetyError."""
    if settings.smime_key is None and settings.smime_cert is None:
        return None
    if settings.smime_key is None or settings.smime_cert is None:
        missing = "SMIME_KEY" if settings.smime_key is None else "SMIME_CERT"
        raise SafetyError(
            "a setting is missing",
            f"SECURE_MAIL_{missing}",
            "Set SMIME_KEY and SMIME_CERT together, or neither",
        )
    key = read_private(settings.smime_key, "Correct SECURE_MAIL_SMIME_KEY")
    certificate = _read(settings.smime_cert)
    if not key_is_of(key, certificate):
        raise SafetyError(
            "the key that partners encrypt to is not of its certificate, or has a passphrase",
            str(settings.smime_key),
            "Correct SMIME_KEY and SMIME_CERT: PEM, without a passphrase",
        )
    if not openssl_available():
        raise SafetyError(
            "openssl is missing, so nothing that partners encrypt could be opened",
            "SECURE_MAIL_SMIME_KEY",
            "Install openssl, or unset SMIME_KEY and SMIME_CERT",
        )
    return OpenSslDecrypter(key=key, certificate=certificate)


def unverifiable(partners: list[PartnerOrganisation]) -> list[PartnerOrganisation]:
    """Those whose mail this machine can only hold, because it cannot verify S/MIME."""
    return [] if openssl_available() else [one for one in partners if Check.SMIME in one.required]


def _tell_unverifiable(parts: Parts) -> None:
    with parts.units.reading() as uow:
        held = unverifiable(list(uow.partners.all()))
    if held:
        log.error("smime.unavailable", partners=[str(partner.id) for partner in held])


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as failure:
        raise SafetyError(
            f"certificate cannot be read ({type(failure).__name__})",
            str(path),
            "Correct SECURE_MAIL_SMIME_CERT",
        ) from None
