"""Second station: from octets (or answers of the form) to what staff read and rules look at."""

from __future__ import annotations

from dataclasses import dataclass, field

from secure_mail.application.ports.mime import Attachment, MimeParser, UnreadableError
from secure_mail.application.processing.arrival import Arrival
from secure_mail.application.processing.sender import Sender
from secure_mail.domain.bounces import Delivery
from secure_mail.domain.routing.facts import AutoKind, Readable
from secure_mail.domain.views import View


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """The readable message. `attachments` are those a mail carried inside itself."""

    view: View
    language: str
    topic: str | None = None
    purpose: str | None = None
    acts_for: bool = False
    notify: bool = True
    attachments: tuple[Attachment, ...] = field(default=(), repr=False)
    file_sizes: tuple[int, ...] = ()
    file_types: frozenset[str] = frozenset()
    auto_kind: AutoKind = AutoKind.NONE
    delivery: Delivery = Delivery.NONE
    readable: Readable = Readable.YES
    headers: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False)


def read_letter(arrival: Arrival, sender: Sender, parser: MimeParser) -> Letter:
    """Never fails: what cannot be read is a letter with a defect, and the rules hold it."""
    if arrival.composition is not None:
        return _of_form(arrival, sender)
    try:
        return _of_mail(arrival, parser)
    except UnreadableError as error:
        defect = str(error) or "unreadable"
        return Letter(view=View(defects=(defect,)), language="fi")


def _of_form(arrival: Arrival, sender: Sender) -> Letter:
    typed = arrival.composition
    assert typed is not None  # noqa: S101 - asked by read_letter
    view = View(
        subject=typed.subject,
        sender=str(sender.address or ""),
        text=typed.text,
        name=typed.name,
        identity=typed.identity,
        letter_reference=typed.letter_reference,
        acts_for=bool(typed.acts_for),
    )
    return Letter(
        view=view,
        language=typed.language,
        topic=typed.topic or None,
        purpose=typed.purpose or None,
        acts_for=bool(typed.acts_for),
        notify=bool(typed.notify),
        file_sizes=tuple(part.size for part, _ in arrival.files),
        file_types=frozenset(label.media_type for _, label in arrival.files),
    )


def _of_mail(arrival: Arrival, parser: MimeParser) -> Letter:
    mail = parser.parse(arrival.raw)
    view = View(
        subject=mail.subject,
        sender=mail.from_addresses[0] if len(mail.from_addresses) == 1 else "",
        to=mail.to,
        date=mail.date,
        text=mail.text,
        html=mail.html,
        defects=mail.defects,
    )
    return Letter(
        view=view,
        language=mail.language or "fi",
        attachments=mail.attachments,
        file_sizes=tuple(len(file.content) for file in mail.attachments),
        file_types=frozenset(file.media_type for file in mail.attachments),
        auto_kind=AutoKind(mail.auto_kind),
        delivery=mail.delivery,
        readable=Readable(mail.readable),
        headers=mail.headers,
    )
