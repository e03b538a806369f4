"""An opened link: looking changes nothing; a person's press of the button starts the session."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from secure_mail.application.ports.texts import LANGUAGES
from secure_mail.interfaces.web.cookies import SESSION, secret_text
from secure_mail.interfaces.web.public.composing import NEW
from secure_mail.interfaces.web.public.desk import Desk
from secure_mail.interfaces.web.public.writing import Writing, kind_of, place_in


@dataclass(frozen=True, slots=True)
class OpenedLink:
    """Rules 4, 5 and 10. A cross-site POST never gets here: the fence refuses it."""

    desk: Desk
    writing: Writing

    def routes(self) -> list[Route]:
        return [
            Route("/l/{token}", self.look),
            Route("/l/{token}", self.redeem, methods=["POST"]),
        ]

    async def look(self, request: Request) -> Response:
        facts = await self.desk.frame.pool.run(
            self.desk.app.look_at_link, request.path_params["token"]
        )
        context = {
            "requested_at": facts.requested_at,
            "words": facts.check_words,
            "masked": facts.masked,
            "unfinished": facts.unfinished,
            "language_links": {language: f"?lang={language}" for language in LANGUAGES},
        }
        return await self.desk.frame.page(
            request, "public/opened.html", context, language=_wished(request, facts.language)
        )

    async def redeem(self, request: Request) -> Response:
        """Goes on where this browser was; says so when the unfinished message is another's."""
        run, token = self.desk.frame.pool.run, request.path_params["token"]
        facts = await run(self.desk.app.look_at_link, token)
        redeemed = await run(self.desk.app.redeem_link, token)
        opened = await run(self.desk.app.read_session, redeemed.secret)
        newest = await self.writing.newest(opened.link, self.writing.keys(request))
        if newest is not None:
            path = place_in(self.desk.book, newest, kind_of(opened.link))
        else:
            path = "/drafts/found" if facts.unfinished else f"/drafts/{NEW}/topic"
        response = RedirectResponse(f"/{_wished(request, facts.language)}{path}", 303)
        self.desk.frame.jar.put(response, SESSION, secret_text(redeemed.secret))
        return response


def _wished(request: Request, otherwise: str) -> str:
    """The language chosen on the page; the link's own until then."""
    wish = request.query_params.get("lang", "")
    return wish if wish in LANGUAGES else otherwise
