"""Attachments and originals: handed out as octets that no browser opens by itself."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from secure_mail.application.casework.open_attachment import Attachment
from secure_mail.domain.filenames import clean_name
from secure_mail.domain.ids import MessageId, PartId, Reference
from secure_mail.domain.routing.facts import ScanVerdict
from secure_mail.interfaces.web.forms import form_of
from secure_mail.interfaces.web.staff.desk import Desk, Visitor, reference_of
from secure_mail.interfaces.web.staff.timeline import verdict

_FILE = "/files/{part:uuid}"
_UNQUOTED = "!#$&+-.^_`|~"
"""`attr-char` of RFC 8187 beyond letters and digits."""


@dataclass(frozen=True, slots=True)
class Files:
    desk: Desk

    def routes(self) -> list[Route]:
        signed_in = self.desk.signed_in
        return [
            route
            for base, get, post in (
                ("/staff/cases/{reference}", self.of_case, self.confirmed_of_case),
                ("/staff/held/{message:uuid}", self.of_held, self.confirmed_of_held),
            )
            for route in (
                Route(base + _FILE, signed_in(get)),
                Route(base + _FILE, signed_in(post), methods=["POST"]),
            )
        ]

    async def of_case(self, request: Request, visitor: Visitor) -> Response:
        reference = reference_of(request)
        back = f"/staff/cases/{reference}"
        return await self._answer(request, visitor, reference, back, confirmed=False)

    async def confirmed_of_case(self, request: Request, visitor: Visitor) -> Response:
        reference = reference_of(request)
        back = f"/staff/cases/{reference}"
        return await self._answer(request, visitor, reference, back, confirmed=_said(request))

    async def of_held(self, request: Request, visitor: Visitor) -> Response:
        message = MessageId(request.path_params["message"])
        back = f"/staff/held/{message}"
        return await self._answer(request, visitor, message, back, confirmed=False)

    async def confirmed_of_held(self, request: Request, visitor: Visitor) -> Response:
        message = MessageId(request.path_params["message"])
        back = f"/staff/held/{message}"
        return await self._answer(request, visitor, message, back, confirmed=_said(request))

    async def _answer(
        self,
        request: Request,
        visitor: Visitor,
        of: Reference | MessageId,
        back: str,
        *,
        confirmed: bool,
    ) -> Response:
        """The file; a question before one that nobody scanned; a no to a harmful one."""
        part = request.path_params["part"]
        if not isinstance(part, UUID):
            raise HTTPException(404)
        found = await self.desk.pool.run(
            self.desk.app.open_attachment, visitor.who, of, PartId(part), confirmed=confirmed
        )
        name = clean_name(found.label.name) or "file"
        if found.octets is not None:
            return _download(found.octets, name)
        context = {**_asked(found, name), "href": request.url.path, "back": back}
        status = 403 if found.verdict is ScanVerdict.INFECTED else 200
        return self.desk.page(request, "staff/download_confirm.html", context, status=status)


def _said(request: Request) -> bool:
    return bool(form_of(request).line("confirmed"))


def _asked(found: Attachment, name: str) -> dict[str, object]:
    return {
        "name": name,
        "octets": found.size,
        "media_type": found.label.media_type,
        "verdict": verdict(found.verdict),
    }


def _download(octets: bytes, name: str) -> Response:
    return Response(
        octets,
        media_type="application/octet-stream",
        headers={
            "Content-Disposition": disposition(name),
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )


def disposition(name: str) -> str:
    """`attachment` with the name in ASCII and, if need be, in UTF-8 (RFC 6266, 8187)."""
    plain = "".join(sign if _plain(sign) else "_" for sign in name)
    exact = "" if plain == name else f"; filename*=UTF-8''{quote(name, safe=_UNQUOTED)}"
    return f'attachment; filename="{plain}"{exact}'


def _plain(sign: str) -> bool:
    return sign.isascii() and sign.isprintable() and sign not in '"\\%'
