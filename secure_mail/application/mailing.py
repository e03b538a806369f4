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
from secure_mail.application.undelivered import MarkUndelivered
from secure_mail.domain.addresses import EmailAddress
from secure_mail.domain.bounces import MailKind, MailName, Undelivered
from secure_mail.domain.work import Claim


@dataclass(frozen=True, slots=True, kw_only=True)
class MailJob:
    """Mails at least once: a crash between the commits repeats the mail, never the decision.

    Each commit is fenced by the claim. Raises MailTemporaryError (try again), MailRefusedError
    (what follows is recorded, and the job is dead), FencedError.
    """

    units: Units
    clock: Clock
    mailer: Mailer
    undelivered: MarkUndelivered

    def __call__(
        self,
        claim: Claim,
        decide: Callable[[UnitOfWork, datetime], OutgoingMail | None],
        record: Callable[[UnitOfWork, datetime, dict[str, str]], None],
    ) -> None:
        """`decide` gives the mail, the same one at every run, or None: nothing is left to mail.

        `record` gets the facts of the mailing, `{"reply": …}`.
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
        try:
            reply = self.mailer.send(mail)
        except MailRefusedError as error:
            self._refused(claim, MailName.parse(mail.message_id), error)
            raise
        with self.units() as uow:
            record(uow, self.clock.now(), {"reply": reply})
            uow.outbox.done(claim)
            uow.commit()

    def _refused(self, claim: Claim, mail: MailName, error: MailRefusedError) -> None:
        with self.units() as uow:
            uow.outbox.bury(claim, type(error).__name__)
            self.undelivered(uow, self.clock.now(), mail, Undelivered.REFUSED)
            uow.commit()


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteMail:
    """Writes a mail of the catalogue; its Message-ID is a function of what it is about."""

    texts: Texts
    stop_codes: StopCodes

    def __call__(
        self, kind: MailKind, about: UUID, to: EmailAddress, language: str, **values: object
    ) -> OutgoingMail:
        """Every mail has the address's stop code in its foot (rule 16)."""
        subject, text = self.texts.mail(
            kind.value, language, {**values, "stop_code": self.stop_codes.code(to)}
        )
        name = MailName(kind, about)
        return OutgoingMail(
            to=to, subject=subject, text=text, message_id=str(name), language=language
        )
