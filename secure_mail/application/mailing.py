"""What every job that mails does: decide and commit, mail, record and commit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from secure_mail.application.ports.clock import Clock
from secure_mail.application.ports.mail import Mailer, MailRefusedError, OutgoingMail
from secure_mail.application.ports.store import UnitOfWork, Units
from secure_mail.application.ports.texts import Texts
from secure_mail.application.ports.vault import StopCodes
from secure_mail.domain.addresses import EmailAddress
from secure_mail.domain.work import Claim


@dataclass(frozen=True, slots=True, kw_only=True)
class MailJob:
    """Mails at least once: a crash between the commits repeats the mail, never the decision.

    Each commit is fenced by the claim. Raises MailTemporaryError (try again), FencedError.
    """

    units: Units
    clock: Clock
    mailer: Mailer

    def __call__(
        self,
        claim: Claim,
        decide: Callable[[UnitOfWork, datetime], OutgoingMail | None],
        record: Callable[[UnitOfWork, datetime, dict[str, str] | None], None],
    ) -> None:
        """`decide` gives the mail, the same one at every run, or None: nothing is left to mail.

        `record` gets the facts of the mailing, `{"reply": …}`, or None when the relay refused it.
        """
        with self.units() as uow:
            now = self.clock.now()
            uow.outbox.renew(claim, now)
            mail = decide(uow, now)
            if mail is None:
                uow.outbox.done(claim)
            uow.commit()
        if mail is None:
            return
        sent: dict[str, str] | None
        try:
            sent = {"reply": self.mailer.send(mail)}
        except MailRefusedError:
            sent = None
        with self.units() as uow:
            record(uow, self.clock.now(), sent)
            uow.outbox.done(claim)
            uow.commit()


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteMail:
    """Writes a mail of the catalogue; its Message-ID is a function of what it is about."""

    texts: Texts
    stop_codes: StopCodes

    def __call__(
        self, name: str, about: UUID, to: EmailAddress, language: str, **values: object
    ) -> OutgoingMail:
        """`name` is a template; every mail has the address's stop code in its foot (rule 16)."""
        subject, text = self.texts.mail(
            name, language, {**values, "stop_code": self.stop_codes.code(to)}
        )
        return OutgoingMail(
            to=to, subject=subject, text=text, message_id=f"{name}-{about}", language=language
        )
