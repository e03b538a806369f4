"""How long an answer usually takes, in working days: told before and after a message is sent."""

from __future__ import annotations

from secure_mail.domain.routing.rulebook import AudienceKind, MailboxRule, RuleBook, TopicRule


def usual_days(book: RuleBook) -> int:
    """For a customer who does not know the queue yet: of the slowest mailbox."""
    boxes = book.mailboxes_for(AudienceKind.CUSTOMER_ABROAD)
    return max((days_of(book, box) for box in boxes), default=0)


def days_of(book: RuleBook, served: MailboxRule | TopicRule) -> int:
    """Until a first reply from the queue of a mailbox or a topic; 0 when none is promised."""
    queue = book.queue(served.queue)
    return (book.sla_of(queue).first_reply or 0) if queue else 0
