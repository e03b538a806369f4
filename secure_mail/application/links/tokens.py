"""What a link's token opens: its row by hash, its masked address by a key derived from it."""

from __future__ import annotations

import hashlib

from secure_mail.domain.sealing import BrowserSecret


def token_hash(token: str) -> bytes:
    """SHA-256 by which a link is looked up (links.md rule 1); any text may be asked for."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()


def masked_secret(token: str) -> BrowserSecret:
    """The secret under which the worker seals the masked address for whoever holds the token."""
    return BrowserSecret(hashlib.sha256(b"secure-mail masked" + token.encode()).digest())


def cookie_hash(secret: BrowserSecret) -> bytes:
    """SHA-256 by which a session is looked up."""
    return hashlib.sha256(secret.octets).digest()
