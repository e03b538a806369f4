"""Queues with their counts, the list of a queue, and "take the next"."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from secure_mail.application.casework.list_queues import QueueLines
from secure_mail.application.casework.show_queue import QueuePage
from secure_mail.application.ports.store_casework import CaseQuery, QueueCount
from secure_mail.domain.access import StaffIdentity
from secure_mail.domain.addresses import EmailAddress, InvalidAddressError
from secure_mail.domain.ids import QueueName, Reference
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.domain.routing.rulebook import QueueRule
from secure_mail.interfaces.web.forms import form_of
from secure_mail.interfaces.web.staff.desk import Desk, Visitor, go
from secure_mail.interfaces.web.staff.dues import Dues
from secure_mail.interfaces.web.staff.filters import Filters
from secure_mail.interfaces.web.staff.rows import chips, rows, views

_QUEUE = "/staff/queues/{queue}"
MINE_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Queues:
    desk: Desk

    def routes(self) -> list[Route]:
        desk = self.desk
        return [
            Route("/staff", desk.signed_in(self.to_home)),
            Route("/staff/", desk.signed_in(self.home)),
            Route(_QUEUE, desk.signed_in(self.show)),
            Route(f"{_QUEUE}/next", desk.signed_in(self.take_next), methods=["POST"]),
            Route(f"{_QUEUE}/search", desk.signed_in(self.search), methods=["POST"]),
        ]

    async def to_home(self, _request: Request, _visitor: Visitor) -> Response:
        return go("/staff/")

    async def home(self, request: Request, visitor: Visitor) -> Response:
        """My cases of all queues, the first to be answered on top; then the queues."""
        desk, who, language = self.desk, visitor.who, self.desk.language(request)
        mine = CaseQuery(queues=who.queues, assignee=who.id, limit=MINE_SHOWN)
        lines, found = await asyncio.gather(
            self._lines(who), desk.pool.run(desk.app.show_queue, who, mine)
        )
        dues = Dues(desk.app.calendar, desk.app.clock.now())
        context = {
            "nav": "queues",
            "queues": [_line(queue, count, language) for queue, count in lines.queues],
            "mine": lines.mine,
            "rows": rows(desk, language, found, dues),
            "held_count": lines.held,
        }
        return desk.page(request, "staff/home.html", context)

    async def show(self, request: Request, visitor: Visitor) -> Response:
        rule = self._rule(request, visitor.who)
        filters = Filters.of(request.query_params)
        return await self._list(request, visitor, rule, filters)

    async def search(self, request: Request, visitor: Visitor) -> Response:
        """By reference or address. A POST: an address never stands in a URL."""
        rule = self._rule(request, visitor.who)
        typed = form_of(request).line("q")
        reference = Reference.parse(typed)
        if reference is not None:
            return go(f"/staff/cases/{reference}")
        return await self._list(request, visitor, rule, Filters(), typed)

    async def take_next(self, request: Request, visitor: Visitor) -> Response:
        rule = self._rule(request, visitor.who)
        case = await self.desk.pool.run(self.desk.app.take_next, visitor.who, rule.name)
        if case is None:
            return go(f"/staff/queues/{rule.name}", "none-to-take")
        return go(f"/staff/cases/{case.reference}", "taken")

    def _rule(self, request: Request, who: StaffIdentity) -> QueueRule:
        rule = self.desk.book.queue(QueueName(request.path_params["queue"]))
        if rule is None:
            raise HTTPException(404)
        if not who.may_read(rule.name):
            raise Refusal(RefusalCode.NO_ACCESS, queue=rule.name)
        return rule

    async def _lines(self, who: StaffIdentity) -> QueueLines:
        return await self.desk.pool.run(self.desk.app.list_queues, who)

    async def _page(
        self, who: StaffIdentity, rule: QueueRule, filters: Filters, typed: str
    ) -> QueuePage | None:
        """None: what was typed is no address, so nothing is looked for."""
        app, now = self.desk.app, self.desk.app.clock.now()
        query = filters.query(rule.name, who, now, app.calendar.due(now, 0))
        if not typed:
            return await self.desk.pool.run(app.show_queue, who, query)
        try:
            sender = EmailAddress.parse(typed)
        except InvalidAddressError:
            return None
        return await self.desk.pool.run(app.show_queue, who, query, sender)

    async def _list(
        self,
        request: Request,
        visitor: Visitor,
        rule: QueueRule,
        filters: Filters,
        typed: str = "",
    ) -> Response:
        desk, who, language = self.desk, visitor.who, self.desk.language(request)
        lines, found, colleagues = await asyncio.gather(
            self._lines(who),
            self._page(who, rule, filters, typed),
            desk.pool.run(desk.app.list_colleagues, rule.name),
        )
        counts = {queue.name: count for queue, count in lines.queues}
        members = {str(member): name for member, name in colleagues if member != who.id}
        dues = Dues(desk.app.calendar, desk.app.clock.now())
        url = f"/staff/queues/{rule.name}"
        after = found.page.next if found else None
        context = {
            "nav": "queues",
            "held_count": lines.held,
            "queue": _line(rule, counts.get(rule.name, QueueCount()), language),
            "queues": [_line(queue, count, language) for queue, count in lines.queues],
            "views": views(desk, language, filters, counts.get(rule.name, QueueCount()), url),
            "filters": {name: getattr(filters, name) for name in Filters.__slots__},
            "typed": typed,
            "search_url": f"{url}/search",
            "options": {
                "topics": [
                    {"value": topic.name, "text": topic.title[language]}
                    for topic in desk.book.topics.values()
                ],
                "members": [{"value": value, "text": name} for value, name in members.items()],
            },
            "chips": chips(desk, language, filters, members),
            "rows": rows(desk, language, found, dues) if found else [],
            "next_href": filters.next_href(after) if after else None,
            "first_href": filters.href() if filters.after else None,
            "take_next_url": f"{url}/next" if who.may_work(rule.name) else None,
        }
        return desk.page(request, "staff/queue.html", context)


def _line(queue: QueueRule, count: QueueCount, language: str) -> dict[str, object]:
    return {
        "name": queue.name,
        "title": queue.title[language],
        "open": count.open,
        "overdue": count.overdue,
        "unassigned": count.unassigned,
        "href": f"/staff/queues/{queue.name}",
    }
