"""The hidden field `csrf`: proof that the browser that sends a form of a session was served it."""

from __future__ import annotations

import hmac

from secure_mail.domain.sealing import BrowserSecret
from secure_mail.interfaces.web.cookies import octets_text


def token(secret: BrowserSecret) -> str:
    """HMAC-SHA-256 under a secret that only this browser's cookie holds."""
    return octets_text(hmac.digest(secret.octets, b"secure-mail csrf", "sha256"))


def holds(sent: str, *secrets: BrowserSecret | None) -> bool:
    """Whether the field was made for one of the secrets of the request's cookies."""
    return any(
        hmac.compare_digest(sent.encode(), token(secret).encode())
        for secret in secrets
        if secret is not None
    )
