"""The listener that a relay in front asks before it takes a mail."""

from __future__ import annotations

from secure_mail.bootstrap.parts import Parts
from secure_mail.bootstrap.public import mail_app
from secure_mail.domain.refusals import Refusal
from secure_mail.infrastructure.vault.roles import KeyRole
from secure_mail.interfaces.policy.door import PolicyDoor
from secure_mail.interfaces.policy.server import PolicyListener
from secure_mail.interfaces.smtp.answers import SMTP_REPLIES
from secure_mail.run.mail import hostname


def policy_listener(parts: Parts) -> PolicyListener:
    """Built by the settings; not started. Raises SafetyError."""
    settings = parts.settings
    # Both doors hold the same secrets; the key file is that of a role of this process.
    app = mail_app(parts, KeyRole.SMTP if "smtp" in parts.roles else KeyRole.LMTP)

    def words(refusal: Refusal) -> str:
        # The one table of replies: what the relay says is what our own door would say.
        return SMTP_REPLIES[refusal.code].text(
            host=hostname(parts), site=parts.host, limit=settings.smtp_max_size, **refusal.facts
        )

    door = PolicyDoor(
        ready=app.ready,
        check_recipient=app.check_recipient,
        rules=app.rules,
        threads=app.threads,
        words=words,
        require_tls=settings.smtp_require_tls,
    )
    return PolicyListener(door, settings.policy_bind)
