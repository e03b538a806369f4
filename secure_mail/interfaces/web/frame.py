"""What every public page is put into: language, notices, the words when something went wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from secure_mail.application.ports.store import StoreDownError
from secure_mail.application.ports.texts import Pages, Texts
from secure_mail.domain.refusals import Refusal
from secure_mail.interfaces.web.answers import Fault, OwnPage
from secure_mail.interfaces.web.config import WebConfig
from secure_mail.interfaces.web.cookies import Jar
from secure_mail.interfaces.web.forms import form_of
from secure_mail.interfaces.web.language import (
    address_of,
    language_of,
    path_of,
    place_of,
)
from secure_mail.interfaces.web.pool import Pool
from secure_mail.interfaces.web.security import SAFE_METHODS

MEGA = 1024 * 1024
UNPROCESSABLE = 422
NOTHING: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Renders the pages of one door. Fulfils `fence.Answering`."""

    pages: Pages
    texts: Texts
    notices: Callable[[str], tuple[str, ...]]
    """Service notices in a language; blocking, StoreDownError when the database is away."""
    pool: Pool
    web: WebConfig
    jar: Jar = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "jar", Jar.of(self.web))

    async def page(
        self,
        request: Request,
        template: str,
        context: Mapping[str, object] = NOTHING,
        *,
        status: int = 200,
        language: str | None = None,
    ) -> HTMLResponse:
        """The page in the request's language. The switch keeps the place; it is not offered where
        it would lose a text that was typed.
        """
        spoken = language or language_of(request)
        keeps = request.method in SAFE_METHODS or (
            status == UNPROCESSABLE and "text" not in form_of(request)
        )
        switched = keeps and path_of(request).startswith(f"/{spoken}/")
        common = {
            "notices": await self._notices(spoken),
            "path": place_of(request) if switched else None,
        }
        html = self.pages.render(template, spoken, **{**common, **context})
        return HTMLResponse(html, status)

    async def fault(self, request: Request, fault: Fault) -> Response:
        retry = {"action": address_of(request), "fields": fault.fields} if fault.fields else None
        context = {
            "kind": fault.page.kind,
            "number": fault.number,
            "kept": fault.kept,
            "retry": retry,
            "max": self.web.upload_max // MEGA,
        }
        page = await self.page(request, "public/error.html", context, status=fault.page.status)
        page.headers.update(fault.headers)
        return page

    async def refused(self, request: Request, page: OwnPage, refusal: Refusal) -> Response:
        facts = {"days": self.web.link_days, **refusal.facts}
        return await self.page(request, page.template, facts, status=page.status)

    def say(self, request: Request, line: str, **values: object) -> str:
        """A line of the catalogue in the request's language."""
        return self.texts.line(line, language_of(request), **values)

    async def _notices(self, language: str) -> tuple[str, ...]:
        try:
            return await self.pool.run(self.notices, language)
        except StoreDownError:
            return ()


def see_other(request: Request, path: str) -> Response:
    """303 to a page of ours in the language of the request: a path, never a host."""
    return RedirectResponse(f"/{language_of(request)}{path}", 303)
