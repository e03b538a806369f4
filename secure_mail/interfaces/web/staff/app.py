"""The staff door: every page under `/staff`, for members in a session."""

from __future__ import annotations

from starlette.routing import Router
from starlette.types import ASGIApp, Receive, Scope, Send

from secure_mail.application.apps import StaffApp
from secure_mail.application.ports.texts import Pages, Texts
from secure_mail.interfaces.web.config import WebConfig
from secure_mail.interfaces.web.cookies import Jar
from secure_mail.interfaces.web.fence import guarded
from secure_mail.interfaces.web.pool import Pool
from secure_mail.interfaces.web.staff.answering import Answering
from secure_mail.interfaces.web.staff.cases import Cases
from secure_mail.interfaces.web.staff.desk import Desk
from secure_mail.interfaces.web.staff.entrance import Entrance
from secure_mail.interfaces.web.staff.files import Files
from secure_mail.interfaces.web.staff.held import Held
from secure_mail.interfaces.web.staff.members import Members
from secure_mail.interfaces.web.staff.moving import Moving
from secure_mail.interfaces.web.staff.partners import Partners
from secure_mail.interfaces.web.staff.queues import Queues
from secure_mail.interfaces.web.staff.replying import Replying
from secure_mail.interfaces.web.staff.setting_up import SettingUp


def create_staff(app: StaffApp, web: WebConfig, pages: Pages, texts: Texts, pool: Pool) -> ASGIApp:
    """The ASGI app of the staff pages, with its fence around it."""
    desk = Desk(app=app, pages=pages, texts=texts, pool=pool, jar=Jar.of(web))
    cases = Cases(desk)
    entrance = Entrance(desk, web, cases.resume)
    routes = [
        *entrance.routes(),
        *SettingUp(desk).routes(),
        *Queues(desk).routes(),
        *cases.routes(),
        *Replying(cases).routes(),
        *Moving(cases).routes(),
        *Files(desk).routes(),
        *Held(desk).routes(),
        *Members(desk).routes(),
        *Partners(desk).routes(),
    ]
    door = guarded(
        Router(routes, redirect_slashes=False), web, Answering(desk, entrance), staff=True
    )

    async def staff(scope: Scope, receive: Receive, send: Send) -> None:
        # Shared by the router and the fence around it: an error page knows who asked.
        scope.setdefault("state", {})
        await door(scope, receive, send)

    return staff
