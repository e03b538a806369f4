"""Reading the certificates that partners hand over."""

from __future__ import annotations

from typing import Protocol

from secure_mail.domain.partners import CertificateFacts


class NoCertificateError(ValueError):
    """What was given is not one certificate that can be used; the text says what it is."""


class Certificates(Protocol):
    def read(self, pem: bytes) -> CertificateFacts:
        """The facts of the one certificate in a PEM file; its chain is asked of nobody.

        Raises NoCertificateError.
        """
        ...
