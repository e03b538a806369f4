"""A mailer that remembers, and that can be told to fail."""

from __future__ import annotations

from secure_mail.application.ports.mail import OutgoingMail


class RecordingMailer:
    """Raises `failure`, if set, after the mail was taken (`late`) or instead of taking it."""

    def __init__(self) -> None:
        self.sent: list[OutgoingMail] = []
        self.failure: Exception | None = None
        self.late = False

    def send(self, mail: OutgoingMail) -> str:
        if self.failure is None or self.late:
            self.sent.append(mail)
        if self.failure is not None:
            failure, self.failure = self.failure, None
            raise failure
        return "250 2.0.0"
