"""Asking for a link: the address, a word about slips, and the page that waits for the mail."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from secure_mail.application.links.request_link import WORDS_KEPT
from secure_mail.domain.addresses import EmailAddress, InvalidAddressError
from secure_mail.domain.links import Declaration
from secure_mail.interfaces.web.client import client_of
from secure_mail.interfaces.web.cookies import WORDS
from secure_mail.interfaces.web.forms import Form, form_of
from secure_mail.interfaces.web.frame import see_other
from secure_mail.interfaces.web.language import language_of
from secure_mail.interfaces.web.public.declaration import (
    outcome,
    read_declaration,
    text_version,
)
from secure_mail.interfaces.web.public.desk import Desk
from secure_mail.interfaces.web.public.slips import suggestion
from secure_mail.interfaces.web.public.waiting import Waiting


@dataclass(frozen=True, slots=True)
class AskForLink:
    """The answer is the same for every address (links.md rule 11)."""

    desk: Desk

    def routes(self) -> list[Route]:
        return [
            Route("/{language:language}/link", self.ask),
            Route("/{language:language}/link", self.asked, methods=["POST"]),
            Route("/{language:language}/link/sent", self.sent),
        ]

    async def ask(self, request: Request) -> Response:
        """The answers come from the page before, or from this browser's last request."""
        waiting = self._waiting(request)
        given = dict(request.query_params) or (waiting.declared if waiting else {})
        declaration = self._declaration(Form(tuple(given.items())))
        if declaration is None:
            return see_other(request, "/eligibility")
        return await self._page(request, declaration, waiting.address if waiting else "")

    async def asked(self, request: Request) -> Response:
        form = form_of(request)
        declaration = self._declaration(form)
        if declaration is None:
            return see_other(request, "/eligibility")
        onward = outcome(self.desk.book, declaration)
        if not onward.startswith("/link"):
            return see_other(request, onward)
        typed = form.line("address")
        try:
            address = EmailAddress.parse(typed)
        except InvalidAddressError:
            line = "e.addr.form" if typed else "e.addr.empty"
            return await self._page(request, declaration, typed, line)
        meant = None if "confirmed" in form else suggestion(address)
        if meant is not None:
            return await self._slip(request, declaration, typed, meant)
        return await self._ask_for(request, declaration, address)

    async def sent(self, request: Request) -> Response:
        waiting = self._waiting(request)
        if waiting is None:
            return see_other(request, "/eligibility")
        now = self.desk.app.clock.now()
        context = {
            "address": waiting.address,
            "words": waiting.words,
            "expires_at": waiting.expires_at,
            "country": waiting.declared.get("country") or None,
            "again_at": waiting.again_at if now < waiting.again_at else None,
        }
        return await self.desk.frame.page(request, "public/sent.html", context)

    async def _ask_for(
        self, request: Request, declaration: Declaration, address: EmailAddress
    ) -> Response:
        """A limit of the client's network becomes the page 429; nothing else can refuse."""
        previous = self._waiting(request)
        requested = await self.desk.frame.pool.run(
            self.desk.app.request_link,
            address=address,
            declaration=declaration,
            language=language_of(request),
            client=client_of(request, self.desk.frame.web),
            previous=previous.registration_id if previous else None,
        )
        response = see_other(request, "/link/sent")
        waiting = Waiting.of(requested, str(address), declaration)
        self.desk.frame.jar.put(response, WORDS, waiting.to_cookie(), WORDS_KEPT)
        return response

    async def _page(
        self, request: Request, declaration: Declaration, typed: str, error: str = ""
    ) -> Response:
        context = {
            "declaration": declaration,
            "days": self.desk.frame.web.link_days,
            "values": {"address": typed},
            "errors": {"address": self.desk.frame.say(request, error)} if error else {},
            "back": f"/{language_of(request)}/eligibility",
        }
        status = 422 if error else 200
        return await self.desk.frame.page(request, "public/link.html", context, status=status)

    async def _slip(
        self, request: Request, declaration: Declaration, typed: str, meant: EmailAddress
    ) -> Response:
        context = {"declaration": declaration, "typed": typed, "suggestion": str(meant)}
        return await self.desk.frame.page(request, "public/link_typo.html", context)

    def _declaration(self, form: Form) -> Declaration | None:
        known = {entry["value"] for entry in self.desk.frame.pages.countries("en")}
        return read_declaration(form, known, text_version(self.desk.frame.texts))

    def _waiting(self, request: Request) -> Waiting | None:
        return Waiting.from_cookie(self.desk.frame.jar.read(request, WORDS) or "")
