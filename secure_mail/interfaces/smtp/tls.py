"""TLS of the mail doors: the pair in force, and whose certificates the partners' listener takes."""

from __future__ import annotations

import base64
import ssl
import tempfile
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

import structlog

from secure_mail.application.ports.safety import SafetyError
from secure_mail.domain.partners import Certificate

log = structlog.get_logger("smtp")

_TRUSTED_AS_CLIENT = bytes.fromhex("300c 300a 0608 2b06 0105 0507 0302")
"""OpenSSL's X509_CERT_AUX: trusted for id-kp-clientAuth. What the operator registered is trusted
whatever usage its issuer wrote into it: public issuers no longer write clientAuth."""


class TlsPair:
    """The server's certificate and key, as they were last read in good order."""

    def __init__(self, certificate: Path, key: Path | None) -> None:
        """Raises SafetyError."""
        self._certificate = certificate
        self._key = key
        try:
            self._context = self.fresh()
        except OSError as error:
            raise SafetyError(
                "The SMTP door's certificate cannot be loaded",
                str(certificate),
                "Check that SMTP_TLS_CERT and SMTP_TLS_KEY are a readable PEM pair",
            ) from error

    @property
    def context(self) -> ssl.SSLContext:
        """For a handshake that begins now."""
        return self._context

    def fresh(self) -> ssl.SSLContext:
        """TLS 1.2 and newer, no renegotiation, with the files as they are now. Raises OSError."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
        context.load_cert_chain(self._certificate, self._key)
        return context

    def reload(self) -> None:
        """Later handshakes take the files as they are now; a faulty pair changes nothing."""
        try:
            self._context = self.fresh()
        except OSError as error:
            log.warning("smtp.certificate-kept", error=type(error).__name__)
        else:
            log.info("smtp.certificate-loaded")


class PartnerTls:
    """Contexts that require a client certificate, and know exactly those that are registered."""

    def __init__(self, pair: TlsPair) -> None:
        self._pair = pair
        self._made: tuple[ssl.SSLContext, frozenset[str], ssl.SSLContext] | None = None

    def context(self, certificates: Iterable[Certificate]) -> ssl.SSLContext:
        """For a handshake that begins now; made anew when pair or registry have changed.

        With the old context go its session tickets: nobody comes back by a certificate of before.
        Raises OSError.
        """
        pems = {known.fingerprint: known.pem for known in certificates}
        pair, names = self._pair.context, frozenset(pems)
        if self._made is None or self._made[0] is not pair or self._made[1] != names:
            self._made = pair, names, self._trusting(pems.values())
        return self._made[2]

    def _trusting(self, pems: Iterable[str]) -> ssl.SSLContext:
        context = self._pair.fresh()
        context.verify_mode = ssl.CERT_REQUIRED
        # What is registered is the anchor, be it issued by somebody or by itself.
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        anchors = "".join(map(_anchor, pems))
        if anchors:
            # Of all the ways to load an anchor, only files carry what it is trusted for.
            with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
                file.write(anchors)
                file.flush()
                context.load_verify_locations(cafile=file.name)
        return context


def fingerprint(der: bytes) -> str:
    """As `Certificate.fingerprint` has it."""
    return sha256(der).hexdigest()


def why(error: OSError) -> str:
    """Why a handshake failed, in OpenSSL's words: nothing of the certificate's own."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    return getattr(error, "reason", None) or type(error).__name__


def _anchor(pem: str) -> str:
    octets = ssl.PEM_cert_to_DER_cert(pem.strip()) + _TRUSTED_AS_CLIENT
    text = base64.encodebytes(octets).decode()
    return f"-----BEGIN TRUSTED CERTIFICATE-----\n{text}-----END TRUSTED CERTIFICATE-----\n"
