"""Demo only: what was mailed, read from the maildir where tokens and codes lie in the clear."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from secure_mail.interfaces.web.frame import Frame

_LINK = re.compile(r"^https?://\S+/l/\S+$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Outbox:
    frame: Frame
    folder: Path

    def routes(self) -> list[Route]:
        return [
            Route("/demo/outbox", self.listing),
            Route("/demo/outbox/{name}", self.one),
        ]

    async def listing(self, request: Request) -> Response:
        """Newest first."""
        files = await self.frame.pool.run(self._files)
        mails = [
            {**await self.frame.pool.run(_read, file), "href": f"/demo/outbox/{name}"}
            for name, file in files.items()
        ]
        return await self.frame.page(request, "demo/outbox.html", {"mails": mails})

    async def one(self, request: Request) -> Response:
        files = await self.frame.pool.run(self._files)
        file = files.get(request.path_params["name"])
        if file is None:
            raise HTTPException(404)
        mail = await self.frame.pool.run(_read, file)
        return await self.frame.page(request, "demo/mail.html", mail)

    def _files(self) -> dict[str, Path]:
        """By name: a name that is asked for is compared with what is there, never opened."""
        found = [*self.folder.glob("new/*"), *self.folder.glob("cur/*")]
        found.sort(key=lambda file: file.stat().st_mtime, reverse=True)
        return {file.name: file for file in found}


def _read(file: Path) -> dict[str, object]:
    mail = message_from_bytes(file.read_bytes(), EmailMessage, policy=policy.default)
    text = mail.get_content()
    link = _LINK.search(text)
    return {
        "subject": str(mail["subject"]),
        "sender": str(mail["from"]),
        "to": str(mail["to"]),
        "at": datetime.fromtimestamp(file.stat().st_mtime, UTC),
        "text": text,
        "link": link.group() if link else None,
    }
