"""The public door: every page that needs no more right than a link."""

from __future__ import annotations

from starlette.routing import Route, Router
from starlette.types import ASGIApp

from secure_mail.application.apps import PublicApp
from secure_mail.interfaces.web.fence import guarded
from secure_mail.interfaces.web.frame import Frame
from secure_mail.interfaces.web.public.composing import NEW, Composing
from secure_mail.interfaces.web.public.desk import Desk
from secure_mail.interfaces.web.public.eligibility import Eligibility
from secure_mail.interfaces.web.public.files import Files
from secure_mail.interfaces.web.public.information import Information
from secure_mail.interfaces.web.public.link import AskForLink
from secure_mail.interfaces.web.public.opened import OpenedLink
from secure_mail.interfaces.web.public.sending import Sending
from secure_mail.interfaces.web.public.session import LinkSession
from secure_mail.interfaces.web.public.stop import Stop
from secure_mail.interfaces.web.public.writing import Writing

_DRAFT = "/{language:language}/drafts/{draft:uuid}"


def create_public(app: PublicApp, frame: Frame) -> ASGIApp:
    """The ASGI app of the public pages, with its fence around it."""
    desk = Desk(app, frame)
    writing = Writing(desk)
    routes = [
        *Information(desk).routes(),
        *Eligibility(desk).routes(),
        *AskForLink(desk).routes(),
        *OpenedLink(desk, writing).routes(),
        *Stop(desk).routes(),
        *LinkSession(desk, writing).routes(),
        *_message(desk, writing),
    ]
    return guarded(Router(routes, redirect_slashes=False), frame.web, frame)


def _message(desk: Desk, writing: Writing) -> list[Route]:
    """The steps of a message, in their order."""
    composing = Composing(desk, writing)
    files = Files(desk, writing, composing)
    sending = Sending(desk, writing, composing)
    new = f"/{{language:language}}/drafts/{NEW}/topic"
    return [
        Route(new, composing.show),
        Route(new, composing.save, methods=["POST"]),
        *(
            route
            for step in ("topic", "purpose", "about", "message")
            for route in (
                Route(f"{_DRAFT}/{step}", composing.show),
                Route(f"{_DRAFT}/{step}", composing.save, methods=["POST"]),
            )
        ),
        Route(f"{_DRAFT}/files", files.show),
        Route(f"{_DRAFT}/files", files.add, methods=["POST"]),
        Route(f"{_DRAFT}/files/{{file:uuid}}/delete", files.remove, methods=["POST"]),
        Route(f"{_DRAFT}/check", sending.check),
        Route(f"{_DRAFT}/send", sending.back_to_check),
        Route(f"{_DRAFT}/send", sending.send, methods=["POST"]),
        Route("/{language:language}/receipts/{reference}", sending.receipt),
    ]
