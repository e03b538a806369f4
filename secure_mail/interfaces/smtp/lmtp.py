"""LMTP (RFC 2033): a mail server of ours delivers, and hears of each recipient by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from secure_mail.interfaces.smtp import answers
from secure_mail.interfaces.smtp.door import Transaction
from secure_mail.interfaces.smtp.protocol import SmtpSession


class LmtpSession(SmtpSession):
    """As SMTP, but for the greeting and the replies after the dot: one per RCPT that was taken."""

    protocol: ClassVar = "LMTP"
    hellos: ClassVar[Mapping[str, bool]] = {"LHLO": True}

    def _yes(self, mail: Transaction) -> str:
        references = {str(one.mailbox): str(one.reference) for one in mail.messages}
        return "\r\n".join(
            self._door.words(answers.accepted([references[str(mailbox)]]))
            for mailbox in mail.recipients
        )

    def _no(self, mail: Transaction, reply: str) -> str:
        return "\r\n".join([reply] * len(mail.recipients))
