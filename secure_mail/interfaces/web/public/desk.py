"""What every public page is made with: the use cases, and the frame they are shown in."""

from __future__ import annotations

from dataclasses import dataclass

from secure_mail.application.apps import PublicApp
from secure_mail.domain.routing.rulebook import AudienceKind, MailboxRule, RuleBook
from secure_mail.interfaces.web.days import usual_days
from secure_mail.interfaces.web.frame import Frame


@dataclass(frozen=True, slots=True)
class Desk:
    app: PublicApp
    frame: Frame

    @property
    def book(self) -> RuleBook:
        return self.app.rules.in_force()

    @property
    def answer_days(self) -> int:
        return usual_days(self.book)

    def mailboxes(self, language: str) -> list[dict[str, str]]:
        """Address and queue of every mailbox that a person can write to."""
        book = self.book
        kinds = (AudienceKind.CUSTOMER_ABROAD, AudienceKind.PARTNER)
        boxes = {box.name: box for kind in kinds for box in book.mailboxes_for(kind)}
        return [
            {"address": f"{box.name}@{book.domain}", "title": _title(book, box, language)}
            for box in boxes.values()
        ]


def _title(book: RuleBook, box: MailboxRule, language: str) -> str:
    queue = book.queue(box.queue)
    return queue.title[language] if queue else ""
