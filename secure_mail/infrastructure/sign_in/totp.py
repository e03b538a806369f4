"""One-time codes of an authenticator (RFC 6238: SHA-1, six digits, 30 seconds)."""

from __future__ import annotations

from datetime import datetime
from hmac import compare_digest
from io import BytesIO

import pyotp
import segno


class AuthenticatorCodes:
    """Accepts the present step and one either side; that a step counts once is the caller's."""

    def new_secret(self) -> str:
        return pyotp.random_base32(32)

    def step(self, secret: str, code: str, now: datetime) -> int | None:
        totp = pyotp.TOTP(secret)
        present = totp.timecode(now)
        typed = code.replace(" ", "").encode()
        for step in (present, present - 1, present + 1):
            if compare_digest(totp.generate_otp(step).encode(), typed):
                return step
        return None

    def code(self, secret: str, now: datetime) -> str:
        """The code of the present step: what the demo prints."""
        return pyotp.TOTP(secret).at(now)

    def uri(self, secret: str, email: str, issuer: str) -> str:
        return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=issuer)

    def image(self, uri: str) -> str:
        """The address as a QR code: an SVG document without style sheets or outside references."""
        drawn = BytesIO()
        # A light background, so that it can be read in dark mode too.
        segno.make(uri, error="m").save(drawn, kind="svg", scale=5, light="#fff")
        return drawn.getvalue().decode()
