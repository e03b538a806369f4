"""Cookies: `__Host-`, Secure, HttpOnly, Path=/, SameSite=Lax; plain names on loopback http only."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from secure_mail.domain.sealing import BrowserSecret
from secure_mail.interfaces.web.config import WebConfig

SESSION = "session"
DRAFT = "draft"
WORDS = "words"
CODE = "code"
READING = "reading"
PUBLIC = (SESSION, DRAFT, WORDS, CODE, READING)
"""All that "Finish and clear this device" clears."""

SECRET_OCTETS = 32


@dataclass(frozen=True, slots=True)
class Jar:
    """Reads and sets the cookies of one address."""

    secure: bool

    @classmethod
    def of(cls, web: WebConfig) -> Jar:
        return cls(web.secure)

    def read(self, request: Request, name: str) -> str | None:
        return request.cookies.get(self._named(name))

    def secret(self, request: Request, name: str) -> BrowserSecret | None:
        """The secret that a cookie holds; None when there is none or it cannot be one."""
        return secret_of(self.read(request, name) or "")

    def put(self, response: Response, name: str, value: str, life: timedelta | None = None) -> None:
        """Without `life` the browser forgets it when it closes."""
        response.set_cookie(
            self._named(name),
            value,
            max_age=None if life is None else int(life.total_seconds()),
            path="/",
            secure=self.secure,
            httponly=True,
            samesite="lax",
        )

    def clear(self, response: Response, *names: str) -> None:
        for name in names:
            self.put(response, name, "", timedelta(0))

    def _named(self, name: str) -> str:
        return f"__Host-{name}" if self.secure else name


def octets_text(octets: bytes) -> str:
    """base64url without padding (RFC 4648, section 5): fit for a cookie."""
    return urlsafe_b64encode(octets).rstrip(b"=").decode()


def octets_of(text: str) -> bytes | None:
    """The octets of base64url text; None when it is none."""
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (Base64Error, ValueError):
        return None


def secret_text(secret: BrowserSecret) -> str:
    """A secret as its cookie holds it."""
    return octets_text(secret.octets)


def secret_of(text: str) -> BrowserSecret | None:
    """What `secret_text` wrote; None for anything else."""
    octets = octets_of(text)
    return BrowserSecret(octets) if octets and len(octets) == SECRET_OCTETS else None
