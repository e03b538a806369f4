"""Stands around every door: lets in what is ours, and turns whatever goes wrong into a page."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from typing import Protocol, assert_never
from uuid import uuid4

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from secure_mail.application.ports.store import StoreDownError
from secure_mail.domain.refusals import Refusal
from secure_mail.interfaces.web import answers
from secure_mail.interfaces.web.access_log import AccessLog
from secure_mail.interfaces.web.answers import (
    HTTP_PAGES,
    Beside,
    ErrorPage,
    Fault,
    OwnPage,
    SeeOther,
)
from secure_mail.interfaces.web.config import WebConfig
from secure_mail.interfaces.web.forms import (
    MAX_OCTETS,
    Form,
    FormTooLargeError,
    form_in,
    keep_form,
)
from secure_mail.interfaces.web.frame import see_other
from secure_mail.interfaces.web.security import (
    SAFE_METHODS,
    ForeignFormError,
    StaleFormError,
    WithHeaders,
    WrongHostError,
    check_host,
    check_origin,
)

log = structlog.get_logger()

KEPT = ("text", "note")
"""Fields whose loss would hurt: their text is shown on every error page."""
SECRETS = frozenset({"password", "password_again", "code"})
"""A form with one of these is never written into a page."""
_BY_STATUS = {404: answers.NOT_FOUND, 405: answers.METHOD, 413: answers.TOO_LARGE}


class Answering(Protocol):
    """How a door says that something went wrong."""

    async def fault(self, request: Request, fault: Fault) -> Response: ...

    async def refused(self, request: Request, page: OwnPage, refusal: Refusal) -> Response: ...


def guarded(app: ASGIApp, web: WebConfig, answering: Answering, *, staff: bool = False) -> ASGIApp:
    """A door as it may be served: fence, headers, access log."""
    return AccessLog(WithHeaders(Fence(app, web, answering), web, staff))


@dataclass(frozen=True, slots=True)
class Fence:
    app: ASGIApp
    web: WebConfig
    answering: Answering

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        bounded = _bounded(receive, 2 * self.web.upload_max + MAX_OCTETS)
        try:
            check_host(scope, self.web)
            check_origin(scope)
            await keep_form(scope, bounded)
            # Starlette's router raises, instead of answering in its own words, when `app` is set.
            await self.app({**scope, "app": self.app}, bounded, watched)
        except ClientDisconnect:
            return
        except Exception as error:
            if begun:
                _log(error, "")
                raise
            response = await self._answer(Request(scope), error)
            await response(scope, receive, send)

    async def _answer(self, request: Request, error: Exception) -> Response:
        try:
            return await self._page(request, error)
        except Exception as second:  # noqa: BLE001  the last line: an error page that fails
            number = _number()
            _log(second, number)
            return PlainTextResponse(f"Something went wrong. Error number {number}.", 500)

    async def _page(self, request: Request, error: Exception) -> Response:
        match error:
            case WrongHostError():
                return await self.answering.fault(request, Fault(page=answers.WRONG_HOST))
            case ForeignFormError():
                return await self.answering.fault(request, Fault(page=answers.FORBIDDEN))
            case StaleFormError():
                return await self._kept(request, answers.FORBIDDEN)
            case FormTooLargeError():
                return await self.answering.fault(request, Fault(page=answers.TOO_LARGE))
            case StoreDownError():
                return await self._again(request, answers.CLOSED)
            case Refusal():
                return await self._refused(request, error)
            case HTTPException(status_code=status) if status in _BY_STATUS:
                fault = Fault(page=_BY_STATUS[status], headers=error.headers or {})
                return await self.answering.fault(request, fault)
            case _:
                number = _number()
                _log(error, number)
                return await self._kept(request, answers.BROKEN, number)

    async def _refused(self, request: Request, refusal: Refusal) -> Response:
        page = HTTP_PAGES[refusal.code]
        match page:
            case ErrorPage(status=503):
                return await self._again(request, page)
            case ErrorPage():
                return await self._kept(request, page)
            case OwnPage():
                return await self.answering.refused(request, page, refusal)
            case SeeOther(path=path):
                return see_other(request, path)
            case Beside():
                number = _number()
                _log(refusal, number)
                return await self._kept(request, answers.BROKEN, number)
            case _:
                assert_never(page)

    async def _kept(self, request: Request, page: ErrorPage, number: str = "") -> Response:
        fault = Fault(page=page, number=number, kept=kept_text(form_in(request.scope)))
        return await self.answering.fault(request, fault)

    async def _again(self, request: Request, page: ErrorPage) -> Response:
        return await self.answering.fault(request, repeatable(request, page))


def _bounded(receive: Receive, most: int) -> Receive:
    """Raises FormTooLargeError when a body is endless: one in chunks does not tell its length."""
    taken = 0

    async def received() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > most:
            raise FormTooLargeError
        return message

    return received


def repeatable(request: Request, page: ErrorPage) -> Fault:
    """A fault whose page holds the POST itself, so that it can be sent again."""
    form = form_in(request.scope)
    unsafe = request.method not in SAFE_METHODS
    fields = tuple(form) if unsafe and not SECRETS & {name for name, _ in form} else ()
    return Fault(page=page, kept=kept_text(form), fields=fields)


def kept_text(form: Form) -> str | None:
    """What was written at length; None when the form has no such field."""
    return next((form.text(name) for name in KEPT if name in form), None)


def _number() -> str:
    return uuid4().hex[:8]


def _log(error: Exception, number: str) -> None:
    """Class and place only: the text of an exception may hold what a person wrote."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else ""
    log.error("web.failed", number=number, error=type(error).__name__, place=place)
