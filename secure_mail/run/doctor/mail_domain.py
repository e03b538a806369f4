"""The mail domain in DNS: what stands there, and the exact record where something is missing.

Explained in docs/explanation/mail-security.md.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Iterator, Sequence

from secure_mail.application.ports.safety import SafetyError
from secure_mail.domain.examination import Finding, Found
from secure_mail.domain.signature_keys import KeyFaultError, key_record
from secure_mail.domain.signatures import Algorithm
from secure_mail.infrastructure.mailer.dkim_signing import DkimSigner
from secure_mail.infrastructure.sender_auth.lookups import DnsFailureError
from secure_mail.infrastructure.vault.dkim_keys import PublicHalf, ed25519_half, rsa_half
from secure_mail.infrastructure.vault.private_files import read_private
from secure_mail.run.doctor.patient import Patient
from secure_mail.run.doctor.transport_security import dane, mta_sts, tls_reports

found = Found("dns")

REWRITTEN = "Write it anew: openssl pkey -in KEY -out KEY, as docs/how-to/mail-out.md makes one"


def examine(patient: Patient) -> Iterator[Finding]:
    """Each record by itself: one that cannot be asked for says nothing of the next."""
    groups: tuple[tuple[str, Callable[[Patient], Iterator[Finding]]], ...] = (
        ("MX", _mx),
        ("SPF", _spf),
        ("DKIM", _dkim),
        ("DMARC", _dmarc),
        ("MTA-STS", mta_sts),
        ("TLS reports", tls_reports),
        ("DANE", dane),
    )
    for name, look in groups:
        try:
            yield from look(patient)
        except DnsFailureError:
            yield found.unknown(
                name, "DNS gave no answer", "Try again, or set SECURE_MAIL_DNS_SERVERS"
            )


def _mx(patient: Patient) -> Iterator[Finding]:
    domain = patient.book.domain
    hosts = patient.records.mx(domain)
    if not any(hosts):
        yield found.fail(
            "MX", f"none: no mail to {domain} arrives", f"{domain}. MX 10 {patient.host}."
        )
        return
    for host in hosts:
        if patient.records.addresses(host):
            yield found.ok("MX", host)
        else:
            yield found.fail("MX", f"{host} has no address", f"{host}. A … and {host}. AAAA …")


def _spf(patient: Patient) -> Iterator[Finding]:
    domain = patient.book.mail_from.domain
    records = [text for text in patient.records.txt(domain) if _is_spf(text)]
    remedy = f'{domain}. TXT "v=spf1 mx a:RELAY -all"  (RELAY: the host that RELAY_URL names)'
    if not records:
        yield found.warn("SPF", "missing: our mails look like anybody's", remedy)
    elif len(records) > 1:
        yield found.fail("SPF", f"{len(records)} records: together they count as none", remedy)
    else:
        ends = records[0].lower().split()
        if "+all" in ends or "all" in ends:
            yield found.fail("SPF", "lets everybody send as us (+all)", "End it with -all")
        elif "?all" in ends or not any(
            word.endswith("all") or "redirect=" in word for word in ends
        ):
            yield found.warn("SPF", "does not say who may not send", "End it with -all")
        else:
            yield found.ok("SPF", records[0])


def _is_spf(text: str) -> bool:
    """RFC 7208, 4.5."""
    return text.lower() == "v=spf1" or text.lower().startswith("v=spf1 ")


def _dkim(patient: Patient) -> Iterator[Finding]:
    selector = patient.settings.dkim_selector
    if not selector:
        yield found.unknown(
            "DKIM",
            "the relay signs, if anybody: its selector is not known here",
            "Send yourself a mail and look for dkim=pass, or set SECURE_MAIL_DKIM_KEY here",
        )
        return
    name = f"{selector}._domainkey.{patient.book.mail_from.domain}"
    texts = patient.records.txt(name)
    try:
        own = _own_key(patient)
    except SafetyError as error:
        yield found.fail("DKIM", error.fault, error.remedy)
        return
    remedy = f'{name}. TXT "{own.record if own else "v=DKIM1; k=rsa; p=…"}"'
    keys = [tags["p"] for tags in map(_tags, texts) if "p" in tags]
    if not keys:
        yield found.fail("DKIM", "missing: our signatures do not verify", remedy)
    elif not keys[0]:
        yield found.fail("DKIM", "the key is revoked (p= is empty)", remedy)
    elif own:
        yield _verdict_on(own, texts, name, remedy)
    else:
        yield found.ok("DKIM", f"a key stands at {name}")


def _own_key(patient: Patient) -> PublicHalf | None:
    """None where the relay signs. Raises SafetyError."""
    settings = patient.settings
    if settings.dkim_key is None:
        return None
    pem = read_private(settings.dkim_key, "Correct SECURE_MAIL_DKIM_KEY")
    # As the worker reads it: a key that it does not take is told here.
    signer = DkimSigner.from_pem(
        pem, selector=settings.dkim_selector, domain=patient.book.mail_from.domain
    )
    if signer.algorithm == Algorithm.ED25519_SHA256:
        return ed25519_half(b64decode(signer.key))
    try:
        return rsa_half(signer.key)
    except ValueError:
        where = "SECURE_MAIL_DKIM_KEY"
        raise SafetyError("the key is not in its usual form", where, REWRITTEN) from None


def _verdict_on(own: PublicHalf, texts: Sequence[str], name: str, remedy: str) -> Finding:
    """As a receiver reads the record, for a signature of ours."""
    octets = [text.encode() for text in texts]
    try:
        key = key_record(octets, Algorithm(f"{own.kind}-sha256"), subdomain=False)
    except KeyFaultError as fault:
        what = f"the record does not fit our key ({fault.reason}): our signatures do not verify"
        return found.fail("DKIM", what, remedy)
    if key.material == own.older:
        what = "our key in PKCS#1, which not every receiver reads"
        return found.warn("DKIM", what, remedy)
    if key.material != own.material:
        what = "another key than ours stands there: our signatures do not verify"
        return found.fail("DKIM", what, remedy)
    if key.in_test:
        return found.warn("DKIM", "t=y: receivers take our mail as if it were not signed", remedy)
    return found.ok("DKIM", f"our key stands at {name}")


def _dmarc(patient: Patient) -> Iterator[Finding]:
    domain = patient.book.mail_from.domain
    name = f"_dmarc.{domain}"
    records = [
        text for text in patient.records.txt(name) if text.replace(" ", "").startswith("v=DMARC1")
    ]
    remedy = f'{name}. TXT "v=DMARC1; p=reject; adkim=s; rua=mailto:postmaster@{domain}"'
    if not records:
        yield found.warn("DMARC", "missing: others can write as us", remedy)
        return
    if len(records) > 1:
        yield found.fail("DMARC", f"{len(records)} records: together they count as none", remedy)
        return
    policy = _tags(records[0]).get("p", "").lower()
    if policy in {"reject", "quarantine"}:
        yield found.ok("DMARC", f"p={policy}")
    elif policy == "none":
        yield found.warn("DMARC", "p=none: it is watched, nothing is stopped", remedy)
    else:
        yield found.fail("DMARC", "has no policy (p=)", remedy)


def _tags(text: str) -> dict[str, str]:
    """`a=1; b=2` (RFC 6376, 3.2)."""
    pairs = (part.partition("=") for part in text.split(";") if "=" in part)
    return {name.strip().lower(): "".join(value.split()) for name, _, value in pairs}
