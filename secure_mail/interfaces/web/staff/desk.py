"""What every staff page is made with: who asks, the use cases, and the frame it is shown in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from secure_mail.application.apps import StaffApp
from secure_mail.application.ports.texts import Pages, Texts
from secure_mail.domain.access import StaffIdentity
from secure_mail.domain.ids import QueueName, Reference
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.domain.routing.rulebook import RuleBook
from secure_mail.domain.sealing import BrowserSecret
from secure_mail.interfaces.web import csrf
from secure_mail.interfaces.web.cookies import Jar
from secure_mail.interfaces.web.forms import form_of
from secure_mail.interfaces.web.language import language_of
from secure_mail.interfaces.web.pool import Pool
from secure_mail.interfaces.web.security import SAFE_METHODS, StaleFormError

COOKIE = "staff"
HOME = "/staff/"
DONE = frozenset(
    {
        "taken",
        "assigned",
        "note",
        "replied",
        "moved",
        "closed",
        "reopened",
        "released",
        "refused",
        "links-ended",
        "confirmed",
        "declined",
        "saved",
        "none-to-take",
    }
)
"""Lines `done.*` that a redirect may ask the next page to say."""
NOTHING: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """A member of staff in a session, whose form (if this is one) is the session's own."""

    who: StaffIdentity
    secret: BrowserSecret = field(repr=False)

    @property
    def csrf(self) -> str:
        return csrf.token(self.secret)


Handler = Callable[[Request, Visitor], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    app: StaffApp
    pages: Pages
    texts: Texts
    pool: Pool
    jar: Jar

    @property
    def book(self) -> RuleBook:
        return self.app.rules.in_force()

    def signed_in(self, handler: Handler) -> Endpoint:
        """For members in a session only. Raises Refusal SESSION_ENDED, StaleFormError."""

        async def endpoint(request: Request) -> Response:
            secret = self.jar.secret(request, COOKIE)
            if secret is None:
                raise Refusal(RefusalCode.SESSION_ENDED)
            who = await self.pool.run(self.app.who_am_i, secret)
            visitor = Visitor(who=who, secret=secret)
            request.state.visitor = visitor
            if request.method not in SAFE_METHODS and not csrf.holds(
                form_of(request).text("csrf"), secret
            ):
                raise StaleFormError
            return await handler(request, visitor)

        return endpoint

    def page(
        self,
        request: Request,
        template: str,
        context: Mapping[str, object] = NOTHING,
        *,
        status: int = 200,
    ) -> HTMLResponse:
        """The page in the member's language; before signing in, in the browser's."""
        visitor = visitor_of(request)
        language = self.language(request)
        frame: dict[str, object] = {}
        if visitor is not None:
            who = visitor.who
            frame = {
                "me": {
                    "name": who.name,
                    "is_supervisor": who.is_supervisor,
                    "sees_partners": who.may_see_partners,
                },
                "csrf": visitor.csrf,
            }
        done = request.query_params.get("done", "")
        if done in DONE and request.method in SAFE_METHODS:
            frame["done"] = self.texts.line(f"done.{done}", language)
        html = self.pages.render(template, language, **{**frame, **context})
        return HTMLResponse(html, status)

    def language(self, request: Request) -> str:
        visitor = visitor_of(request)
        return visitor.who.language if visitor else language_of(request)

    def say(self, request: Request, line: str, **values: object) -> str:
        """A line of the catalogue in the language of the page."""
        return self.texts.line(line, self.language(request), **values)

    def queue_title(self, queue: QueueName, language: str) -> str:
        """The title by the rules; the bare name of a queue that they no longer have."""
        rule = self.book.queue(queue)
        return rule.title[language] if rule else queue

    def queues_but(self, queue: QueueName | None, language: str) -> list[dict[str, str]]:
        """Every other queue, to choose from."""
        return [
            {"value": rule.name, "text": rule.title[language]}
            for rule in self.book.queues.values()
            if rule.name != queue
        ]


def visitor_of(request: Request) -> Visitor | None:
    """Who asks, once `signed_in` knows."""
    found = getattr(request.state, "visitor", None)
    return found if isinstance(found, Visitor) else None


def reference_of(request: Request) -> Reference:
    """The case in the path. Raises HTTPException 404."""
    reference = Reference.parse(request.path_params["reference"])
    if reference is None:
        raise HTTPException(404)
    return reference


def version_of(request: Request) -> int:
    """What the form says of the case's version; 0, which is always stale, when it says nothing."""
    typed = form_of(request).line("version")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0


def go(path: str, done: str = "") -> RedirectResponse:
    """303 to a path of ours, where a line of DONE may be said."""
    return RedirectResponse(path + (f"?{urlencode({'done': done})}" if done else ""), 303)
