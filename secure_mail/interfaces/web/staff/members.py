"""Members of staff, and what waits for a supervisor: grants and resets."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from secure_mail.domain.ids import GrantId, StaffId
from secure_mail.interfaces.web.staff.desk import Desk, Visitor, go

MEMBERS = "/staff/members"


@dataclass(frozen=True, slots=True)
class Members:
    desk: Desk

    def routes(self) -> list[Route]:
        signed_in, post = self.desk.signed_in, ["POST"]
        grant = f"{MEMBERS}/grants/{{grant:uuid}}"
        reset = f"{MEMBERS}/{{member:uuid}}/confirm-reset"
        return [
            Route(MEMBERS, signed_in(self.list)),
            Route(f"{grant}/confirm", signed_in(self.confirm), methods=post),
            Route(f"{grant}/end", signed_in(self.end), methods=post),
            Route(reset, signed_in(self.confirm_reset), methods=post),
        ]

    async def list(self, request: Request, visitor: Visitor) -> Response:
        language, me = self.desk.language(request), visitor.who.id
        lines = await self.desk.pool.run(self.desk.app.list_members, visitor.who)
        names = {member.id: member.name for member, _ in lines.members}
        context = {
            "nav": "members",
            "members": [
                {
                    "id": member.id,
                    "name": member.name,
                    "email": member.email,
                    "state": member.state,
                    "roles": [
                        {
                            "role": grant.role,
                            "queue_title": self.desk.queue_title(grant.queue, language),
                        }
                        for grant in grants
                    ],
                }
                for member, grants in lines.members
            ],
            "grants": [
                {
                    "id": grant.id,
                    "name": names.get(grant.staff_id, "–"),
                    "role": grant.role,
                    "queue_title": self.desk.queue_title(grant.queue, language),
                    "granted_by": self.desk.say(request, "actor.operator"),
                    "granted_at": grant.granted_at,
                    "own": grant.staff_id == me,
                }
                for grant in lines.pending
            ],
            "resets": [
                {
                    "id": member.id,
                    "name": member.name,
                    "email": member.email,
                    "at": at,
                    "own": member.id == me,
                }
                for member, at in lines.resets
            ],
        }
        return self.desk.page(request, "staff/members.html", context)

    async def confirm(self, request: Request, visitor: Visitor) -> Response:
        return await self._settle(request, visitor, confirm=True)

    async def end(self, request: Request, visitor: Visitor) -> Response:
        return await self._settle(request, visitor, confirm=False)

    async def confirm_reset(self, request: Request, visitor: Visitor) -> Response:
        member = StaffId(request.path_params["member"])
        await self.desk.pool.run(self.desk.app.confirm_reset, visitor.who, member)
        return go(MEMBERS, "confirmed")

    async def _settle(self, request: Request, visitor: Visitor, *, confirm: bool) -> Response:
        grant = GrantId(request.path_params["grant"])
        await self.desk.pool.run(self.desk.app.settle_grant, visitor.who, grant, confirm=confirm)
        return go(MEMBERS, "confirmed" if confirm else "declined")
