"""The mail doors of this process: SMTP, its partners' listener, and LMTP."""

from __future__ import annotations

from urllib.parse import urlsplit

from secure_mail.application.apps import MailApp
from secure_mail.bootstrap.parts import Parts
from secure_mail.bootstrap.public import mail_app
from secure_mail.infrastructure.vault.roles import KeyRole
from secure_mail.interfaces.smtp.limits import SmtpConfig, SmtpLimits
from secure_mail.interfaces.smtp.server import SmtpDoor


def smtp_door(parts: Parts) -> SmtpDoor:
    """Built by the settings; not started. Raises SafetyError."""
    settings = parts.settings
    config = SmtpConfig(
        bind=settings.smtp_bind,
        partner_bind=settings.smtp_partner_bind,
        reuse_port=settings.smtp_reuse_port,
        hostname=hostname(parts),
        site=parts.host,
        tls_certificate=settings.smtp_tls_cert,
        tls_key=settings.smtp_tls_key,
        require_tls=settings.smtp_require_tls,
        trusted_relays=settings.smtp_trusted_relays,
        proxies=settings.smtp_proxies,
        limits=_limits(parts),
    )
    return _door(config, mail_app(parts))


def lmtp_door(parts: Parts) -> SmtpDoor:
    """For the mail servers of this machine, with the keys of role lmtp."""
    config = SmtpConfig(
        bind=parts.settings.lmtp_bind,
        lmtp=True,
        hostname=hostname(parts),
        site=parts.host,
        limits=_limits(parts),
    )
    return _door(config, mail_app(parts, KeyRole.LMTP))


def hostname(parts: Parts) -> str:
    """How the mail doors call themselves."""
    return urlsplit(parts.settings.base_url).hostname or "localhost"


def _limits(parts: Parts) -> SmtpLimits:
    settings = parts.settings
    return SmtpLimits(
        max_size=settings.smtp_max_size,
        connections=settings.smtp_max_connections,
        per_address=settings.smtp_max_connections_per_address,
    )


def _door(config: SmtpConfig, app: MailApp) -> SmtpDoor:
    door = SmtpDoor(
        config,
        gate=app.gate,
        ready=app.ready,
        check_recipient=app.check_recipient,
        judge_arrival=app.judge_arrival,
        rules=app.rules,
        threads=app.threads,
        judging=app.judging,
    )
    door.count_refusals(app.note_refusal)
    return door
