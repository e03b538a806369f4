"""The SMTP door of this process."""

from __future__ import annotations

from urllib.parse import urlsplit

from secure_mail.bootstrap.parts import Parts
from secure_mail.bootstrap.public import mail_app
from secure_mail.interfaces.smtp.limits import SmtpConfig, SmtpLimits
from secure_mail.interfaces.smtp.server import SmtpDoor


def smtp_door(parts: Parts) -> SmtpDoor:
    """Built by the settings; not started. Raises SafetyError."""
    settings, app = parts.settings, mail_app(parts)
    config = SmtpConfig(
        bind=settings.smtp_bind,
        hostname=urlsplit(settings.base_url).hostname or "localhost",
        site=parts.host,
        tls_certificate=settings.smtp_tls_cert,
        tls_key=settings.smtp_tls_key,
        require_tls=settings.smtp_require_tls,
        trusted_relays=settings.smtp_trusted_relays,
        limits=SmtpLimits(
            max_size=settings.smtp_max_size,
            connections=settings.smtp_max_connections,
            per_address=settings.smtp_max_connections_per_address,
        ),
    )
    return SmtpDoor(
        config,
        gate=app.gate,
        ready=app.ready,
        check_recipient=app.check_recipient,
        judge_arrival=app.judge_arrival,
        rules=app.rules,
        threads=app.threads,
    )
