"""The SMTP door: greets, and speaks TLS as it must, with a certificate that lasts."""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Iterator
from datetime import timedelta

from secure_mail.domain.examination import Finding, Found
from secure_mail.infrastructure.vault.server_certificates import ServerCertificate
from secure_mail.run.doctor.patient import Patient
from secure_mail.run.doctor.smtp_session import (
    SmtpProtocolError,
    believing_anybody,
    conversation,
)

found = Found("smtp")
ENDS_SOON = timedelta(days=21)
"""Time for somebody to be back from a holiday."""
OLD = ssl.TLSVersion.TLSv1_1


def examine(patient: Patient) -> Iterator[Finding]:
    """By talking to the listener."""
    host, port = reached(patient.settings.smtp_bind)
    where = f"{host}:{port}"
    try:
        with conversation(host, port) as talk:
            offered = talk.hello()
            yield found.ok("greeting", f"answers on {where}")
            if "STARTTLS" not in offered:
                yield found.fail(
                    "STARTTLS", "is not offered", "Set SECURE_MAIL_SMTP_TLS_CERT and …_KEY"
                )
                return
            under_tls = talk.start_tls(believing_anybody(), patient.host)
            yield found.ok("STARTTLS", f"{under_tls.version()}, {(under_tls.cipher() or '?')[0]}")
            shown = under_tls.getpeercert(binary_form=True) or b""
    except (OSError, SmtpProtocolError) as error:
        yield found.fail(
            "greeting", f"nothing useful from {where} ({type(error).__name__})", "See that it runs"
        )
        return
    yield _old_tls(host, port)
    yield from certificate(patient, shown)
    yield _verified(patient, host, port)


def certificate(patient: Patient, der: bytes) -> Iterator[Finding]:
    """Its names and its end."""
    try:
        shown = ServerCertificate.of(der)
    except ValueError:
        yield found.fail("certificate", "cannot be read", "Put another in its place")
        return
    if shown.is_for(patient.host):
        yield found.ok("certificate's name", patient.host)
    else:
        yield found.fail(
            "certificate's name",
            f"{', '.join(shown.names) or 'none'}: not {patient.host}",
            f"Get one for {patient.host}: clients that verify go away",
        )
    left = shown.not_after - patient.now
    what = f"ends {shown.not_after:%Y-%m-%d}, {left.days} days left"
    if left <= timedelta(0):
        yield found.fail("certificate's end", what, "Renew it, then send SIGHUP")
    elif left < ENDS_SOON:
        yield found.warn("certificate's end", what, "Renew it, then send SIGHUP")
    else:
        yield found.ok("certificate's end", what)


def _old_tls(host: str, port: int) -> Finding:
    name = "TLS 1.1 refused"
    context = believing_anybody()
    try:
        with warnings.catch_warnings():
            # Python warns whoever wants to speak it: here somebody else must not.
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = context.maximum_version = OLD
        # Else this machine's own policy would refuse before the server could.
        context.set_ciphers("ALL:@SECLEVEL=0")
    except (ValueError, ssl.SSLError):
        return found.unknown(name, "this machine cannot speak it")
    try:
        with conversation(host, port) as talk:
            talk.hello()
            talk.start_tls(context, host)
    except ssl.SSLError as error:
        if error.reason in {"NO_PROTOCOLS_AVAILABLE", "NO_CIPHERS_AVAILABLE"}:
            return found.unknown(name, "this machine cannot speak it")
        return found.ok(name, "by the server")
    except ConnectionError:
        return found.ok(name, "by the server")
    except (OSError, SmtpProtocolError) as error:
        return found.unknown(name, f"the conversation failed ({type(error).__name__})")
    return found.fail(name, "the server speaks it", "Report it: this program never does")


def _verified(patient: Patient, host: str, port: int) -> Finding:
    name = "certificate's issuer"
    try:
        with conversation(host, port) as talk:
            talk.hello()
            talk.start_tls(ssl.create_default_context(), patient.host)
    except ssl.SSLCertVerificationError as error:
        return found.warn(
            name,
            f"not one that this machine trusts ({error.verify_message})",
            "Senders by MTA-STS need a public authority; by DANE, or a relay told of it, none",
        )
    except (OSError, SmtpProtocolError) as error:
        return found.unknown(name, f"the conversation failed ({type(error).__name__})")
    return found.ok(name, "trusted by this machine")


def reached(bind: str) -> tuple[str, int]:
    """A listener on every address is asked on loopback."""
    host, _, port = bind.rpartition(":")
    host = host.strip("[]")
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), int(port)  # noqa: S104
