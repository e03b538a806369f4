"""The reading door: an address, a code by mail, our answers of 30 days; nothing can be written."""

from __future__ import annotations

from starlette.routing import Router
from starlette.types import ASGIApp

from secure_mail.application.apps import ReadingApp
from secure_mail.interfaces.web.fence import guarded
from secure_mail.interfaces.web.frame import Frame
from secure_mail.interfaces.web.reading.answers import ReadAnswers
from secure_mail.interfaces.web.reading.code import AskForCode


def create_reading(app: ReadingApp, frame: Frame) -> ASGIApp:
    """The ASGI app of `/{l}/read` and `/{l}/messages`, with its fence around it."""
    routes = [*AskForCode(app, frame).routes(), *ReadAnswers(app, frame).routes()]
    return guarded(Router(routes, redirect_slashes=False), frame.web, frame)
