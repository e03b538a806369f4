"""Signing in and out: address, password and code at once; nothing tells which of them was wrong."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from secure_mail.application.ports.texts import LANGUAGES
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.interfaces.allowance import Allowance, place_of
from secure_mail.interfaces.web import csrf
from secure_mail.interfaces.web.client import client_of
from secure_mail.interfaces.web.config import WebConfig
from secure_mail.interfaces.web.cookies import secret_text
from secure_mail.interfaces.web.fence import kept_text
from secure_mail.interfaces.web.forms import Form, form_of
from secure_mail.interfaces.web.security import SAFE_METHODS, StaleFormError
from secure_mail.interfaces.web.staff.desk import COOKIE, HOME, Desk, Visitor, go

SIGN_IN = "/staff/sign-in"
AT_ONCE = 2
"""Passwords that are checked at once: Argon2 must not take every thread of the pool."""
FAILURES, WHILE = 10, 15 * 60.0
"""Failures in so many seconds from one place with one e-mail: the place waits, not the account."""
_OURS = re.compile(r"(?!.*\.\.)/staff/[A-Za-z0-9/._-]*(\?[A-Za-z0-9=&%._+~-]*)?")
_CASE = re.compile(r"/staff/cases/[A-Za-z0-9-]+")

Resume = Callable[[Request, str, dict[str, str]], Awaitable[Response]]
"""Shows the case at a path, with texts in its fields."""


@dataclass(frozen=True, slots=True)
class Entrance:
    desk: Desk
    web: WebConfig
    resume: Resume
    failures: Allowance = field(default_factory=lambda: Allowance(FAILURES, WHILE))
    slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    def routes(self) -> list[Route]:
        account = "/staff/account"
        return [
            Route(SIGN_IN, self.show),
            Route(SIGN_IN, self.enter, methods=["POST"]),
            Route("/staff/sign-out", self.leave, methods=["POST"]),
            Route(account, self.desk.signed_in(self.account)),
            Route(account, self.desk.signed_in(self.save_account), methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        carried = {"next": _next(request.query_params.get("next", ""))}
        return self.desk.page(request, "staff/sign_in.html", {"values": carried})

    async def enter(self, request: Request) -> Response:
        form = form_of(request)
        email = form.line("email")
        if not email:
            return self._again(request, form, "e.staff.email")
        who = _trying(client_of(request, self.web), email)
        async with self.slots:
            if self.failures.spent(who):
                return self._again(request, form, "e.sign-in")
            try:
                secret, _ = await self.desk.pool.run(
                    self.desk.app.sign_in, email, form.text("password"), form.line("code")
                )
            except Refusal as refusal:
                if refusal.code is not RefusalCode.SIGN_IN_FAILED:
                    raise
                self.failures.spend(who)
                return self._again(request, form, "e.sign-in")
        await self._end_earlier(request)
        path, kept = _next(form.line("next")), form.text("kept")
        response: Response = go(path or HOME)
        if kept and _CASE.fullmatch(path):
            member = await self.desk.pool.run(self.desk.app.who_am_i, secret)
            request.state.visitor = Visitor(who=member, secret=secret)
            response = await self.resume(request, path, {form.line("what"): kept})
        self.desk.jar.put(response, COOKIE, secret_text(secret))
        return response

    async def leave(self, request: Request) -> Response:
        """Also for a session that has ended: the cookie goes."""
        secret = self.desk.jar.secret(request, COOKIE)
        if secret is not None and not csrf.holds(form_of(request).text("csrf"), secret):
            raise StaleFormError
        await self._end_earlier(request)
        response = go(SIGN_IN)
        self.desk.jar.clear(response, COOKIE)
        return response

    async def account(self, request: Request, visitor: Visitor) -> Response:
        context = {"nav": "account", "values": {"language": visitor.who.language}}
        return self.desk.page(request, "staff/account.html", context)

    async def save_account(self, request: Request, visitor: Visitor) -> Response:
        language = form_of(request).line("language")
        if language in LANGUAGES:
            await self.desk.pool.run(self.desk.app.set_language, visitor.who, language)
        return go("/staff/account", "saved")

    def ended(self, request: Request) -> Response:
        """Signing in again; what a form held comes back after it."""
        if request.method in SAFE_METHODS:
            path = request.url.path
            query = request.url.query
            wanted = _next(path + (f"?{query}" if query else "")) or _next(path)
            after = f"?{urlencode({'next': wanted})}" if wanted not in ("", HOME) else ""
            return RedirectResponse(SIGN_IN + after, 303)
        form = form_of(request)
        case = _CASE.match(request.url.path)
        carried = {
            "next": case.group() if case else "",
            "what": "note" if "note" in form else "text",
            "kept": kept_text(form) or "",
        }
        notice = self.desk.say(request, "staff.ended")
        context = {"values": carried, "notice": notice}
        return self.desk.page(request, "staff/sign_in.html", context, status=403)

    def dead(self, request: Request) -> Response:
        """A set-up address that is used up, out of time or unknown."""
        context = {"values": {}, "notice": self.desk.say(request, "e.setup.dead")}
        return self.desk.page(request, "staff/sign_in.html", context, status=404)

    async def _end_earlier(self, request: Request) -> None:
        """A browser has one session: an older one does not live on behind a new cookie."""
        earlier = self.desk.jar.secret(request, COOKIE)
        if earlier is not None:
            await self.desk.pool.run(self.desk.app.sign_out, earlier)

    def _again(self, request: Request, form: Form, line: str) -> Response:
        values = {**form.values("email", "next", "what"), "kept": form.text("kept")}
        context = {"values": values, "errors": {"email": self.desk.say(request, line)}}
        return self.desk.page(request, "staff/sign_in.html", context, status=422)


def _trying(client: str, email: str) -> str:
    """Who tries, without keeping the address or the e-mail, however long it is."""
    return sha256(f"{place_of(client)} {email.casefold()}".encode()).hexdigest()


def _next(path: str) -> str:
    """A path of the staff pages, never another host; empty when it is none."""
    return path if _OURS.fullmatch(path) else ""
