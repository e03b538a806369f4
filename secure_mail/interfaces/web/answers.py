"""What the pages say to a refusal: the table from refusal codes to pages, and what went wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from secure_mail.domain.refusals import RefusalCode as Code


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """`public/error.html` (or the staff's) with what it means for the message."""

    status: int
    kind: str


@dataclass(frozen=True, slots=True)
class OwnPage:
    """A page of its own, with the facts of the refusal."""

    status: int
    template: str


@dataclass(frozen=True, slots=True)
class SeeOther:
    """303 to another page; the path after the language."""

    path: str


@dataclass(frozen=True, slots=True)
class Beside:
    """Said beside the field that caused it, on the same page: 422, a line of the catalogue."""

    line: str
    status: int = 422


HttpPage = ErrorPage | OwnPage | SeeOther | Beside

FORBIDDEN: Final = ErrorPage(403, "403")
NOT_FOUND: Final = ErrorPage(404, "404")
METHOD: Final = ErrorPage(405, "method")
TOO_LARGE: Final = ErrorPage(413, "413")
WRONG_HOST: Final = ErrorPage(421, "421")
TOO_OFTEN: Final = ErrorPage(429, "429")
BROKEN: Final = ErrorPage(500, "500")
CLOSED: Final = ErrorPage(503, "503")
UNSURE: Final = ErrorPage(503, "unsure")

HTTP_PAGES: Final[Mapping[Code, HttpPage]] = MappingProxyType(
    {
        # who may write: the page of the way that is theirs
        Code.USE_E_SERVICE: SeeOther("/eligibility/e-service"),
        Code.USE_EIDAS: SeeOther("/eligibility/eidas"),
        Code.NOT_ABROAD: SeeOther("/eligibility/other?why=not-abroad"),
        Code.USE_SECURE_LINK: SeeOther("/eligibility"),
        Code.NOT_A_PARTNER: SeeOther("/eligibility/other"),
        Code.PARTNER_NOT_PROVED: SeeOther("/eligibility/other"),
        Code.WRONG_MAILBOX: SeeOther("/contact"),
        Code.NO_SUCH_MAILBOX: SeeOther("/contact"),
        # said by other doors; no page causes them
        Code.RELAYING_DENIED: FORBIDDEN,
        Code.NO_REPLY_ADDRESS: FORBIDDEN,
        Code.TLS_REQUIRED: FORBIDDEN,
        Code.TOO_MANY_RECIPIENTS: FORBIDDEN,
        Code.TOO_LARGE: TOO_LARGE,
        Code.BARE_LINE_ENDING: FORBIDDEN,
        Code.NUL_IN_MESSAGE: FORBIDDEN,
        Code.LINE_TOO_LONG: FORBIDDEN,
        Code.NOT_ONE_FROM: FORBIDDEN,
        Code.ROUTING_LOOP: FORBIDDEN,
        Code.DKIM_FAILED: FORBIDDEN,
        Code.SPF_FAILED: FORBIDDEN,
        Code.DNS_FAILURE: FORBIDDEN,
        Code.BOUNCE_TO_SEVERAL: FORBIDDEN,
        # the service's own state
        Code.RATE_LIMITED: TOO_OFTEN,
        Code.STORAGE_LOW: CLOSED,
        Code.BACKLOG: CLOSED,
        Code.TEMPORARY: CLOSED,
        Code.SHUTTING_DOWN: CLOSED,
        # the link, its session, the draft
        Code.LINK_DEAD: OwnPage(404, "public/link_dead.html"),
        Code.LINK_CAP: OwnPage(403, "public/link_cap.html"),
        Code.SESSION_ENDED: OwnPage(403, "public/closed.html"),
        Code.TOO_MANY_DRAFTS: Beside("e.drafts"),
        Code.DRAFT_INCOMPLETE: Beside("e.incomplete"),
        Code.DRAFT_ELSEWHERE: SeeOther("/drafts/found"),
        Code.FILE_TYPE: Beside("e.file.type"),
        Code.FILE_EMPTY: Beside("p.empty-file"),
        Code.FILE_TOO_LARGE: Beside("e.file.total"),
        Code.FILE_LOCKED: Beside("e.file.pw"),
        Code.FILE_UNREADABLE: Beside("p.unread-file"),
        Code.TOO_MANY_FILES: Beside("e.file.many"),
        # reading an answer
        Code.CODE_WRONG: Beside("e.code.wrong"),
        Code.CODE_DEAD: Beside("e.code.dead"),
        Code.CODE_OTHER_BROWSER: Beside("e.code.browser"),
        # staff
        Code.SIGN_IN_FAILED: Beside("e.sign-in"),
        Code.NO_ACCESS: OwnPage(403, "staff/no_access.html"),
        Code.NOT_FOUND: NOT_FOUND,
        Code.STALE: OwnPage(409, "staff/stale.html"),
        Code.NOT_IDENTIFIED: Beside("e.identified"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One request that went wrong, as an error page is told of it."""

    page: ErrorPage
    number: str = ""
    """Of the error, for support; in the log as well."""
    headers: Mapping[str, str] = field(default_factory=dict)
    kept: str | None = field(default=None, repr=False)
    """The text of the message, from the POST."""
    fields: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """Every field of the POST, to send the same again; empty when that would be wrong."""
