"""What staff are told when something went wrong; text that was written is always shown again."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from secure_mail.application.ports.store import StoreDownError
from secure_mail.domain.access import Role
from secure_mail.domain.ids import QueueName
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.interfaces.web.answers import Fault, OwnPage
from secure_mail.interfaces.web.fence import kept_text
from secure_mail.interfaces.web.forms import form_of
from secure_mail.interfaces.web.staff.desk import Desk
from secure_mail.interfaces.web.staff.entrance import Entrance


@dataclass(frozen=True, slots=True)
class Answering:
    """Fulfils `fence.Answering` for the staff pages."""

    desk: Desk
    entrance: Entrance

    async def fault(self, request: Request, fault: Fault) -> Response:
        context = {"kind": fault.page.kind, "kept": fault.kept, "number": fault.number}
        page = self.desk.page(request, "staff/error.html", context, status=fault.page.status)
        page.headers.update(fault.headers)
        return page

    async def refused(self, request: Request, page: OwnPage, refusal: Refusal) -> Response:
        match refusal.code:
            case RefusalCode.SESSION_ENDED:
                return self.entrance.ended(request)
            case RefusalCode.LINK_DEAD:
                return self.entrance.dead(request)
            case RefusalCode.NO_ACCESS:
                owner, kept = await self._owner(refusal), kept_text(form_of(request))
                context = {"owner": owner, "kept": kept}
                return self.desk.page(request, page.template, context, status=page.status)
            case _:
                return self.desk.page(request, "staff/error.html", {"kind": 404}, status=404)

    async def _owner(self, refusal: Refusal) -> str | None:
        """Names of the supervisors of the queue; None when there are none to name."""
        queue = refusal.facts.get("queue")
        if queue is None:
            return None
        list_colleagues = self.desk.app.list_colleagues
        try:
            found = await self.desk.pool.run(
                list_colleagues, QueueName(str(queue)), {Role.SUPERVISOR}
            )
        except StoreDownError:
            return None
        return ", ".join(name for _, name in found) or None
