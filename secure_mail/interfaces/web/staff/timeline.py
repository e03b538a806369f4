"""The thread of a case, oldest first: what came, what went, what was noted, what happened."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from secure_mail.application.casework.opening import OpenMessage
from secure_mail.application.casework.show_case import CaseFile
from secure_mail.domain.bounces import Undelivered
from secure_mail.domain.cases import CaseEvent, CaseEventKind, Reply
from secure_mail.domain.routing.facts import ScanVerdict
from secure_mail.domain.views import View
from secure_mail.interfaces.web.staff.desk import Desk

_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SHOWN_ELSEWHERE = (CaseEventKind.READ, CaseEventKind.REPLIED)
"""Reads stand in a list of their own; an answer is its own item."""
_UNDISPLAYED = {
    "no-notice": "no-notice",
    **{why.value: "notice-refused" for why in Undelivered},
}
"""Why an answer was not displayed, when it was not for want of looking."""

Item = dict[str, object]


@dataclass(frozen=True, slots=True)
class Timeline:
    """Of one case, in the language of its reader."""

    desk: Desk
    file: CaseFile
    language: str
    case_url: str

    def items(self) -> list[Item]:
        found = [*self._messages(), *self._replies(), *self._events()]
        return [item for _, item in sorted(found, key=lambda each: each[0])]

    def readers(self) -> list[Item]:
        """Who has opened the case and when last, the latest first."""
        last = {
            event.actor: event.at
            for event, _ in self.file.events
            if event.kind is CaseEventKind.READ
        }
        latest = sorted(last.items(), key=lambda each: each[1], reverse=True)
        return [{"name": self.name(actor), "at": at} for actor, at in latest]

    def changes(self, count: int) -> list[Item]:
        """The last events that made a new version of the case."""
        silent = (CaseEventKind.READ, CaseEventKind.DOWNLOADED, CaseEventKind.NOTICE_MAILED)
        told = [(event, note) for event, note in self.file.events if event.kind not in silent]
        return [
            {"at": event.at, "who": self.name(event.actor), "kind": _said(event), "text": note}
            for event, note in told[-count:]
        ]

    def name(self, actor: str) -> str:
        """A member's name, or a word for what acts by itself."""
        kind, _, member = actor.partition(":")
        if kind == "staff":
            return self.file.names.get(member, member)
        known = kind if kind in ("sender", "operator") else "worker"
        return self.desk.texts.line(f"actor.{known}", self.language)

    def _messages(self) -> Iterator[tuple[datetime, Item]]:
        for one in self.file.messages:
            sender = one.view.sender if one.view else ""
            item = {
                "kind": "message",
                "at": one.message.received_at,
                "who": sender or self.file.summary.address or "–",
                "channel": one.message.channel,
                "subject": one.view.subject if one.view else "",
                "text": shown(one.view.text) if one.view else "",
                "language": self.file.case.language,
                "files": files(one, self.case_url),
            }
            yield one.message.received_at, item

    def _replies(self) -> Iterator[tuple[datetime, Item]]:
        yield from (
            (reply.created_at, self._reply(reply, view)) for reply, view in self.file.replies
        )

    def _reply(self, reply: Reply, view: View) -> Item:
        return {
            "kind": "reply",
            "at": reply.created_at,
            "who": self.name(f"staff:{reply.author}"),
            "text": shown(view.text),
            "language": reply.language,
            "files": [],
            "displayed_at": reply.displayed_at,
        }

    def _events(self) -> Iterator[tuple[datetime, Item]]:
        for event, note in self.file.events:
            who = self.name(event.actor)
            if event.kind is not CaseEventKind.NOTE and event.kind not in _SHOWN_ELSEWHERE:
                yield event.at, {"kind": "event", "at": event.at, "who": who, "event": _said(event)}
            if note:
                text = {"text": shown(note), "language": "", "files": []}
                yield event.at, {"kind": "note", "at": event.at, "who": who, **text}


def files(opened: OpenMessage, url: str) -> list[Item]:
    """The attachments of a message, and its original."""
    listed: list[Item] = [
        {
            "id": file.part.id,
            "name": file.label.name or "–",
            "size": file.part.size,
            "href": f"{url}/files/{file.part.id}",
            "verdict": verdict(file.verdict),
        }
        for file in opened.files
    ]
    if opened.original is not None:
        listed.append(
            {
                "id": opened.original.id,
                "name": f"{opened.message.reference}.eml",
                "size": opened.original.size,
                "href": f"{url}/files/{opened.original.id}",
                "verdict": verdict(opened.original_verdict),
            }
        )
    return listed


def verdict(found: ScanVerdict) -> str:
    """A scan that failed says as much as none."""
    return "unscanned" if found is ScanVerdict.ERROR else found.value


def shown(text: str) -> str:
    """Signs that turn the direction of text are written out: they can make it say another thing."""
    return _BIDI.sub(lambda sign: f"[U+{ord(sign.group()):04X}]", text)


def _said(event: CaseEvent) -> str:
    """The `event.*` line of an event."""
    if event.kind is CaseEventKind.ANSWER_NOT_DISPLAYED:
        return _UNDISPLAYED.get(event.facts.get("reason", ""), event.kind.value)
    return event.kind.value
