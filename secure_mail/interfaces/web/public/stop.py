"""Stop our messages: address and stop code, then what should stop; one answer for every code."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from secure_mail.domain.addresses import EmailAddress, InvalidAddressError
from secure_mail.domain.links import StopAction
from secure_mail.interfaces.web.client import client_of
from secure_mail.interfaces.web.forms import Form, form_of
from secure_mail.interfaces.web.frame import see_other
from secure_mail.interfaces.web.language import language_of
from secure_mail.interfaces.web.public.desk import Desk


@dataclass(frozen=True, slots=True)
class Stop:
    """The worker alone knows whether a code is right (links.md rule 16)."""

    desk: Desk

    def routes(self) -> list[Route]:
        ours = "/{language:language}/stop"
        return [
            Route(ours, self.ask),
            Route(ours, self.confirm, methods=["POST"]),
            Route(f"{ours}/confirm", self.begin_again),
            Route(f"{ours}/confirm", self.stop, methods=["POST"]),
            Route(f"{ours}/done", self.done),
        ]

    async def ask(self, request: Request) -> Response:
        return await self.desk.frame.page(request, "public/stop.html")

    async def confirm(self, request: Request) -> Response:
        form = form_of(request)
        errors = self._errors(request, form)
        if errors:
            return await self._asked_again(request, form, errors)
        return await self._wish(request, form)

    async def begin_again(self, request: Request) -> Response:
        return see_other(request, "/stop")

    async def stop(self, request: Request) -> Response:
        form = form_of(request)
        errors = self._errors(request, form)
        if errors:
            return await self._asked_again(request, form, errors)
        wish = form.line("wish")
        if wish not in set(StopAction):
            return await self._wish(request, form, self.desk.frame.say(request, "e.stop.wish"))
        await self.desk.frame.pool.run(
            self.desk.app.request_stop,
            address=EmailAddress.parse(form.line("address")),
            code=form.line("stop_code"),
            action=StopAction(wish),
            client=client_of(request, self.desk.frame.web),
        )
        return see_other(request, "/stop/done")

    async def done(self, request: Request) -> Response:
        return await self.desk.frame.page(request, "public/stop_done.html")

    def _errors(self, request: Request, form: Form) -> dict[str, str]:
        errors = {}
        typed = form.line("address")
        try:
            EmailAddress.parse(typed)
        except InvalidAddressError:
            line = "e.addr.form" if typed else "e.addr.empty"
            errors["address"] = self.desk.frame.say(request, line)
        if not form.line("stop_code"):
            errors["stop_code"] = self.desk.frame.say(request, "e.stop.code")
        return errors

    async def _asked_again(self, request: Request, form: Form, errors: dict[str, str]) -> Response:
        context = {"errors": errors, "values": form.values("address", "stop_code")}
        return await self.desk.frame.page(request, "public/stop.html", context, status=422)

    async def _wish(self, request: Request, form: Form, error: str = "") -> Response:
        context = {
            **form.values("address", "stop_code"),
            "values": form.values("wish"),
            "errors": {"wish": error} if error else {},
            "back": f"/{language_of(request)}/stop",
        }
        return await self.desk.frame.page(
            request, "public/stop_confirm.html", context, status=422 if error else 200
        )
