"""What tells senders that our mail server speaks TLS: MTA-STS, TLS reports, DANE."""

from __future__ import annotations

import http.client
import re
import socket
import ssl
from collections.abc import Iterator

from secure_mail.domain.examination import Finding, Found
from secure_mail.infrastructure.sender_auth.lookups import DnsFailureError
from secure_mail.infrastructure.vault.server_certificates import ServerCertificate
from secure_mail.interfaces.web.mta_sts import policy_id
from secure_mail.run.doctor.patient import Patient
from secure_mail.run.doctor.smtp_session import (
    PATIENCE,
    SmtpProtocolError,
    believing_anybody,
    conversation,
)

found = Found("dns")
LARGEST = 64 * 1024
"""RFC 8461, 3.3 lets a sender stop here."""
END_ENTITY = 3
PUBLIC_KEY = 1
SHA_256 = 1


def mta_sts(patient: Patient) -> Iterator[Finding]:
    """RFC 8461. Raises DnsFailureError."""
    domain = patient.book.domain
    name = f"_mta-sts.{domain}"
    records = [text for text in patient.records.txt(name) if text.startswith("v=STSv1")]
    wanted = policy_id(patient.settings.mta_sts_mx, patient.settings.mta_sts_mode)
    record = f'{name}. TXT "v=STSv1; id={wanted}"'
    if not records:
        yield found.warn(
            "MTA-STS",
            "missing: a sender cannot tell that we always speak TLS",
            record + f", and the policy at https://mta-sts.{domain}/ (SECURE_MAIL_MTA_STS_MX)",
        )
        return
    if len(records) > 1:
        yield found.fail("MTA-STS", f"{len(records)} records: they count as none", record)
        return
    ours = bool(patient.settings.mta_sts_mx)
    if ours and f"id={wanted}" not in records[0].replace(" ", ""):
        yield found.warn("MTA-STS", "its id is not that of the policy we serve", record)
    else:
        yield found.ok("MTA-STS", records[0])
    yield _policy(patient, f"mta-sts.{domain}")


def _policy(patient: Patient, host: str) -> Finding:
    name = "MTA-STS policy"
    try:
        text = _fetched(patient, host)
    except (OSError, http.client.HTTPException, DnsFailureError, UnicodeDecodeError) as error:
        return found.unknown(
            name,
            f"could not be read at https://{host}/ ({type(error).__name__})",
            "Ask from outside: curl https://" + host + "/.well-known/mta-sts.txt",
        )
    if text is None:
        return found.fail(
            name,
            f"https://{host}/ does not serve it",
            "Set SECURE_MAIL_MTA_STS_MX, and let the proxy pass /.well-known/ of this host",
        )
    mode = re.search(r"(?m)^mode: *(\w+)", text)
    allowed = re.findall(r"(?m)^mx: *(\S+)", text)
    strange = [mx for mx in patient.records.mx(patient.book.domain) if not _covers(allowed, mx)]
    if strange:
        return found.fail(
            name,
            f"does not name {', '.join(strange)}: senders that enforce it go away",
            "Name every MX in SECURE_MAIL_MTA_STS_MX",
        )
    if mode is None or mode[1] != "enforce":
        return found.warn(
            name,
            f"mode {mode[1] if mode else 'missing'}: watched, not enforced",
            "When the TLS reports are clean: SECURE_MAIL_MTA_STS_MODE=enforce, and a new id",
        )
    return found.ok(name, "enforced, and names every MX")


def _fetched(patient: Patient, host: str) -> str | None:
    """None when the host answers without one."""
    connection = http.client.HTTPConnection(host)
    plain = socket.create_connection((patient.address_of(host), patient.https_port), PATIENCE)
    connection.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=host)
    try:
        connection.request("GET", "/.well-known/mta-sts.txt")
        answer = connection.getresponse()
        text = answer.read(LARGEST).decode()
    finally:
        connection.close()
    return text if answer.status == http.client.OK and text.startswith("version: STSv1") else None


def _covers(allowed: list[str], host: str) -> bool:
    parent = host.partition(".")[2]
    return host in allowed or f"*.{parent}" in allowed


def tls_reports(patient: Patient) -> Iterator[Finding]:
    """RFC 8460. Raises DnsFailureError."""
    domain = patient.book.domain
    name = f"_smtp._tls.{domain}"
    records = [text for text in patient.records.txt(name) if text.startswith("v=TLSRPTv1")]
    if len(records) == 1 and "rua=" in records[0]:
        yield found.ok("TLS reports", records[0])
        return
    what = "missing: nobody tells us of senders that could not reach us by TLS"
    yield found.warn(
        "TLS reports", what, f'{name}. TXT "v=TLSRPTv1; rua=mailto:postmaster@{domain}"'
    )


def dane(patient: Patient) -> Iterator[Finding]:
    """RFC 7672: with it a sender needs no authority. Raises DnsFailureError."""
    for host in filter(None, patient.records.mx(patient.book.domain)):
        name = f"DANE of {host}"
        records = patient.records.tlsa(host)
        shown = _shown(patient, host)
        wanted = f"_25._tcp.{host}. TLSA 3 1 1 {shown.key_hash if shown else 'HASH'}"
        usable = [
            record.data
            for record in records
            if (record.usage, record.selector, record.matching) == (END_ENTITY, PUBLIC_KEY, SHA_256)
        ]
        if not records:
            yield found.warn(name, "missing: it helps where the zone is signed (DNSSEC)", wanted)
        elif not usable:
            yield found.unknown(name, f"only records of another kind ({records[0]})", wanted)
        elif shown is None:
            yield found.unknown(name, "a record stands there; the server could not be asked")
        elif shown.key_hash in usable:
            yield found.ok(name, "a record matches the certificate")
        else:
            yield found.fail(
                name, "no record matches the certificate: senders that look at it go away", wanted
            )


def _shown(patient: Patient, host: str) -> ServerCertificate | None:
    try:
        with conversation(patient.address_of(host), patient.mx_port) as talk:
            talk.hello()
            under_tls = talk.start_tls(believing_anybody(), host)
            return ServerCertificate.of(under_tls.getpeercert(binary_form=True) or b"")
    except (OSError, SmtpProtocolError, DnsFailureError, ValueError):
        return None
