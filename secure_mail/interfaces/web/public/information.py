"""Pages that everybody may read: start, help, contact, privacy, accessibility, genuine."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from secure_mail.interfaces.web.frame import see_other
from secure_mail.interfaces.web.language import language_of, path_of, preferred
from secure_mail.interfaces.web.public.desk import Desk

STATIC_PAGES = ("help", "contact", "privacy", "accessibility")


@dataclass(frozen=True, slots=True)
class Information:
    desk: Desk

    def routes(self) -> list[Route]:
        return [
            Route("/", self.negotiate),
            Route("/{language:language}", self.with_slash),
            Route("/{language:language}/", self.start),
            *(Route(f"/{{language:language}}/{name}", self.static_page) for name in STATIC_PAGES),
            Route("/{language:language}/genuine", self.genuine),
        ]

    async def negotiate(self, request: Request) -> Response:
        wished = preferred(request.headers.get("accept-language", ""))
        return RedirectResponse(f"/{wished}/", 303, {"Vary": "Accept-Language"})

    async def with_slash(self, request: Request) -> Response:
        return see_other(request, "/")

    async def start(self, request: Request) -> Response:
        return await self.desk.frame.page(
            request, "public/start.html", {"answer_days": self.desk.answer_days}
        )

    async def static_page(self, request: Request) -> Response:
        name = path_of(request).rpartition("/")[2]
        context = {
            "answer_days": self.desk.answer_days,
            "days": self.desk.frame.web.link_days,
            "backup_days": self.desk.frame.web.backup_days,
            "mailboxes": self.desk.mailboxes(language_of(request)),
        }
        return await self.desk.frame.page(request, f"public/{name}.html", context)

    async def genuine(self, request: Request) -> Response:
        context = {"mail_from": str(self.desk.book.mail_from)}
        return await self.desk.frame.page(request, "public/genuine.html", context)
