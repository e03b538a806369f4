"""Which way can I contact you? Five choices, the country, and the ways of everybody else."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from secure_mail.domain.links import Audience, Declaration
from secure_mail.interfaces.web.forms import form_of
from secure_mail.interfaces.web.frame import see_other
from secure_mail.interfaces.web.language import language_of
from secure_mail.interfaces.web.public.declaration import audience_of, outcome
from secure_mail.interfaces.web.public.desk import Desk


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Nothing is stored here: answers are kept with a request for a link only."""

    desk: Desk

    def routes(self) -> list[Route]:
        ours = "/{language:language}/eligibility"
        return [
            Route(ours, self.ask),
            Route(ours, self.chosen, methods=["POST"]),
            Route(f"{ours}/country", self.ask_country),
            Route(f"{ours}/country", self.country_chosen, methods=["POST"]),
            Route(f"{ours}/e-service", self.e_service),
            Route(f"{ours}/eidas", self.eidas),
            Route(f"{ours}/other", self.other),
        ]

    async def ask(self, request: Request) -> Response:
        return await self.desk.frame.page(
            request, "public/eligibility.html", {"back": _up(request)}
        )

    async def chosen(self, request: Request) -> Response:
        typed = form_of(request).line("audience")
        audience = audience_of(typed)
        if audience is None:
            return await self.desk.frame.page(
                request,
                "public/eligibility.html",
                {
                    "errors": {"audience": self.desk.frame.say(request, "e.elig")},
                    "values": {"audience": typed},
                    "back": _up(request),
                },
                status=422,
            )
        if audience is Audience.ABROAD:
            return see_other(request, "/eligibility/country")
        return see_other(request, outcome(self.desk.book, Declaration(audience=audience)))

    async def ask_country(self, request: Request) -> Response:
        failed = request.query_params.get("eidas_failed") == "1"
        return await self._country(request, failed=failed)

    async def country_chosen(self, request: Request) -> Response:
        form = form_of(request)
        failed = form.line("eidas_failed") == "1"
        country = form.line("country").upper()
        known = {entry["value"] for entry in self.desk.frame.pages.countries("en")}
        if country not in known:
            return await self._country(request, failed=failed, typed=country, status=422)
        declaration = Declaration(
            audience=Audience.EIDAS if failed else Audience.ABROAD,
            country=country,
            eidas_failed=failed,
        )
        return see_other(request, outcome(self.desk.book, declaration))

    async def e_service(self, request: Request) -> Response:
        return await self._outcome(request, "public/e_service.html")

    async def eidas(self, request: Request) -> Response:
        channel = self.desk.book.channels.get("use-eidas")
        url = channel.url[language_of(request)] if channel and channel.url else ""
        return await self._outcome(request, "public/eidas.html", eidas_url=url)

    async def other(self, request: Request) -> Response:
        abroad = request.query_params.get("why") == "not-abroad"
        why = "not-abroad" if abroad else "none"
        return await self._outcome(request, "public/other.html", why=why)

    async def _country(
        self, request: Request, *, failed: bool, typed: str = "", status: int = 200
    ) -> Response:
        errors = {"country": self.desk.frame.say(request, "e.country")} if status != 200 else {}
        context = {
            "countries": self.desk.frame.pages.countries(language_of(request)),
            "eidas_failed": failed,
            "values": {"country": typed},
            "errors": errors,
            "back": _up(request, "/eligibility/eidas" if failed else "/eligibility"),
        }
        return await self.desk.frame.page(request, "public/country.html", context, status=status)

    async def _outcome(self, request: Request, template: str, **context: object) -> Response:
        back = {"back": _up(request, "/eligibility")}
        return await self.desk.frame.page(request, template, {**back, **context})


def _up(request: Request, path: str = "/") -> str:
    return f"/{language_of(request)}{path}"
