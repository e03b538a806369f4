"""Read an answer: the address, then the code; the same pages for every address."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from secure_mail.application.apps import ReadingApp
from secure_mail.domain.addresses import EmailAddress, InvalidAddressError
from secure_mail.domain.answers import CODE_LIFE
from secure_mail.domain.refusals import Refusal
from secure_mail.interfaces.web.answers import HTTP_PAGES, Beside
from secure_mail.interfaces.web.client import client_of
from secure_mail.interfaces.web.cookies import CODE, READING, secret_text
from secure_mail.interfaces.web.forms import form_of
from secure_mail.interfaces.web.frame import Frame, see_other
from secure_mail.interfaces.web.language import language_of
from secure_mail.interfaces.web.reading.asking import Asking


@dataclass(frozen=True, slots=True)
class AskForCode:
    app: ReadingApp
    frame: Frame

    def routes(self) -> list[Route]:
        ours = "/{language:language}/read"
        return [
            Route(ours, self.ask),
            Route(ours, self.asked, methods=["POST"]),
            Route(f"{ours}/code", self.ask_code),
            Route(f"{ours}/code", self.entered, methods=["POST"]),
        ]

    async def ask(self, request: Request) -> Response:
        return await self.frame.page(request, "reading/read.html")

    async def asked(self, request: Request) -> Response:
        typed = form_of(request).line("address")
        try:
            address = EmailAddress.parse(typed)
        except InvalidAddressError:
            line = "e.addr.form" if typed else "e.addr.empty"
            return await self._address_page(request, typed, self.frame.say(request, line))
        requested = await self.frame.pool.run(
            self.app.request_code,
            address=address,
            language=language_of(request),
            client=client_of(request, self.frame.web),
        )
        response = see_other(request, "/read/code")
        asking = Asking.of(requested, str(address))
        self.frame.jar.put(response, CODE, asking.to_cookie(), CODE_LIFE)
        return response

    async def ask_code(self, request: Request) -> Response:
        asking = self._asking(request)
        if asking is None:
            return see_other(request, "/read")
        return await self._code_page(request, asking)

    async def entered(self, request: Request) -> Response:
        asking, typed = self._asking(request), form_of(request).line("code")
        if asking is not None and not typed:
            said = self.frame.say(request, "e.code.empty")
            return await self._code_page(request, asking, said)
        try:
            entered = await self.frame.pool.run(
                self.app.enter_code, asking.secret if asking else None, typed
            )
        except Refusal as refusal:
            return await self._refused(request, asking, refusal)
        response = see_other(request, "/messages")
        self.frame.jar.put(response, READING, secret_text(entered.secret))
        self.frame.jar.clear(response, CODE)
        return response

    async def _refused(self, request: Request, asking: Asking | None, refusal: Refusal) -> Response:
        """Said beside the field; without a request of this browser there is only a new one."""
        page = HTTP_PAGES[refusal.code]
        if not isinstance(page, Beside):
            raise refusal
        said = self.frame.say(request, page.line, n=refusal.facts.get("left", 0))
        if asking is None:
            return await self._address_page(request, "", said)
        return await self._code_page(request, asking, said)

    async def _address_page(self, request: Request, typed: str, said: str) -> Response:
        context = {"values": {"address": typed}, "errors": {"address": said}}
        return await self.frame.page(request, "reading/read.html", context, status=422)

    async def _code_page(self, request: Request, asking: Asking, said: str = "") -> Response:
        context = {
            "address": asking.address,
            "words": asking.words,
            "minutes": int(CODE_LIFE.total_seconds()) // 60,
            "errors": {"code": said} if said else {},
            "back": f"/{language_of(request)}/read",
        }
        return await self.frame.page(
            request, "reading/code.html", context, status=422 if said else 200
        )

    def _asking(self, request: Request) -> Asking | None:
        return Asking.from_cookie(self.frame.jar.read(request, CODE) or "")
