"""What the cookies of reading stand for."""

from __future__ import annotations

import hashlib
import hmac

from secure_mail.domain.sealing import BrowserSecret


def cookie_hash(secret: BrowserSecret) -> bytes:
    """SHA-256 by which a request for a code, or a session, is looked up."""
    return hashlib.sha256(secret.octets).digest()


def code_hmac(secret: BrowserSecret, code: str) -> bytes:
    """HMAC-SHA-256 of a code under the secret of the browser that asked: of use there only."""
    return hmac.digest(secret.octets, code.encode(), "sha256")
