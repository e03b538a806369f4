"""A one-time address sets up an account: a password, then an authenticator."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from secure_mail.application.casework.set_up_account import MIN_PASSWORD
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.interfaces.web.forms import form_of
from secure_mail.interfaces.web.staff.desk import Desk, go

_ADDRESS = "/staff/set-up/{token}"


@dataclass(frozen=True, slots=True)
class SettingUp:
    """Every page raises Refusal LINK_DEAD for an address that does not work."""

    desk: Desk

    def routes(self) -> list[Route]:
        return [
            Route(_ADDRESS, self.show),
            Route(_ADDRESS, self.choose, methods=["POST"]),
            Route(f"{_ADDRESS}/code", self.show_code),
            Route(f"{_ADDRESS}/code", self.finish, methods=["POST"]),
            Route(f"{_ADDRESS}/qr.svg", self.image),
        ]

    async def show(self, request: Request) -> Response:
        return await self._password(request, {})

    async def choose(self, request: Request) -> Response:
        form = form_of(request)
        password, again = form.text("password"), form.text("password_again")
        errors = {}
        if len(password) < MIN_PASSWORD:
            errors["password"] = self.desk.say(request, "e.password.short", n=MIN_PASSWORD)
        elif password != again:
            errors["password_again"] = self.desk.say(request, "e.password.match")
        if errors:
            return await self._password(request, errors)
        token = _token(request)
        await self.desk.pool.run(self.desk.app.choose_password, token, password)
        return go(f"/staff/set-up/{token}/code")

    async def show_code(self, request: Request) -> Response:
        return await self._code(request, {})

    async def finish(self, request: Request) -> Response:
        code = form_of(request).line("code")
        try:
            member = await self.desk.pool.run(self.desk.app.finish_set_up, _token(request), code)
        except Refusal as refusal:
            if refusal.code is not RefusalCode.SIGN_IN_FAILED:
                raise
            return await self._code(request, {"code": self.desk.say(request, "e.staff.code")})
        context = {"pending": not member.setup_confirmed}
        return self.desk.page(request, "staff/setup_done.html", context)

    async def image(self, request: Request) -> Response:
        _, address = await self.desk.pool.run(self.desk.app.show_totp, _token(request))
        return Response(self.desk.app.totp_image(address), media_type="image/svg+xml")

    async def _password(self, request: Request, errors: dict[str, str]) -> Response:
        member = await self.desk.pool.run(self.desk.app.look_at_set_up, _token(request))
        context = {"name": member.name, "min_length": MIN_PASSWORD, "errors": errors}
        status = 422 if errors else 200
        return self.desk.page(request, "staff/setup.html", context, status=status)

    async def _code(self, request: Request, errors: dict[str, str]) -> Response:
        token = _token(request)
        secret, _ = await self.desk.pool.run(self.desk.app.show_totp, token)
        groups = (secret[place : place + 4] for place in range(0, len(secret), 4))
        context = {
            "secret": " ".join(groups),
            "qr_src": f"/staff/set-up/{token}/qr.svg",
            "errors": errors,
        }
        status = 422 if errors else 200
        return self.desk.page(request, "staff/setup_totp.html", context, status=status)


def _token(request: Request) -> str:
    return str(request.path_params["token"])
