"""Relays: the one that mail leaves by, and those in front that mail comes in through."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

from secure_mail.domain.examination import Finding, Found
from secure_mail.infrastructure.sender_auth.lookups import DnsFailureError
from secure_mail.run.doctor.patient import Patient
from secure_mail.run.doctor.smtp import reached
from secure_mail.run.doctor.smtp_session import PATIENCE, SmtpProtocolError, conversation

found = Found("relay")
PORTS = {"smtp": 25, "smtps": 465}
NARROW = {4: 24, 6: 48}


def examine(patient: Patient) -> Iterator[Finding]:
    """Offers mail where it must be refused, and hangs up before anything could be sent."""
    if "worker" in patient.roles:
        yield _way_out(patient)
    if not {"smtp", "lmtp"} & set(patient.roles):
        return
    settings = patient.settings
    if not settings.smtp_trusted_relays and not settings.lmtp_bind:
        yield found.ok("relay in front", "none: senders are judged at our own door")
        return
    yield from _breadth(patient)
    yield _policy(patient)
    yield from _enforced(patient)


def _way_out(patient: Patient) -> Finding:
    name = "way out"
    url = urlsplit(patient.settings.relay_url.get_secret_value())
    if url.scheme == "maildir":
        return found.warn(name, "a folder: mails reach nobody", "Set SECURE_MAIL_RELAY_URL")
    if url.scheme not in PORTS or not url.hostname:
        return found.fail(name, "SECURE_MAIL_RELAY_URL names no relay", "Set it to smtp://HOST:25")
    host, port = url.hostname, url.port or PORTS[url.scheme]
    trust = ssl.create_default_context()
    try:
        if url.scheme == "smtps":
            with conversation(host, port, tls=trust) as talk:
                talk.hello()
        else:
            with conversation(host, port) as talk:
                if "STARTTLS" not in talk.hello():
                    return found.fail(name, "offers no STARTTLS", "No mail will go: enable TLS")
                talk.start_tls(trust, host)
                talk.hello()
    except ssl.SSLCertVerificationError as error:
        return found.fail(
            name,
            f"its certificate does not verify ({error.verify_message})",
            "No mail will go: give it one for its name, from an authority that this machine trusts",
        )
    except (OSError, SmtpProtocolError) as error:
        return found.fail(
            name, f"does not answer as a mail server ({type(error).__name__})", "See that it runs"
        )
    return found.ok(name, "answers over TLS with a certificate that verifies")


def _breadth(patient: Patient) -> Iterator[Finding]:
    """A trusted relay is believed about who connected to it: everybody in the network is one."""
    for network in patient.settings.smtp_trusted_relays:
        name = f"trusted relay {network}"
        if network.prefixlen < NARROW[network.version] and not network.is_loopback:
            yield found.warn(
                name, "a wide network: each host in it is believed", "Name the relay's address"
            )
        else:
            yield found.ok(name, "its connections prove no partner")


def _policy(patient: Patient) -> Finding:
    """Asked as Postfix asks, about an address that cannot be one of ours."""
    name, bind = "policy service", patient.settings.policy_bind
    if not bind:
        return found.warn(
            name,
            "off: the relay takes what is then held here instead of being refused",
            "Set SECURE_MAIL_POLICY_BIND, and let the relay ask (docs/how-to/relay.md)",
        )
    request = (
        "request=smtpd_access_policy\nprotocol_state=RCPT\nsender=\n"
        "recipient=doctor@elsewhere.invalid\nencryption_protocol=TLSv1.3\n\n"
    )
    try:
        with _connected(bind) as connection:
            connection.sendall(request.encode())
            answer = connection.recv(1024)
    except OSError as error:
        return found.fail(
            name, f"does not answer ({type(error).__name__}): mail is put off", "See that it runs"
        )
    if answer.startswith(b"action=550 5.7.1 "):
        return found.ok(name, "refuses mail for somebody else's domain")
    return found.fail(name, "lets mail for somebody else's domain through", "Report it")


def _connected(bind: str) -> socket.socket:
    if not bind.startswith("/"):
        return socket.create_connection(reached(bind), PATIENCE)
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(PATIENCE)
    connection.connect(bind)
    return connection


def _enforced(patient: Patient) -> Iterator[Finding]:
    """What RELAY_ENFORCES_TLS claims is tested: each mail server of the domain is offered mail."""
    if not patient.settings.relay_enforces_tls:
        yield found.ok(
            "relay and TLS", "each mail is believed by what the relay's own Received says"
        )
        return
    try:
        hosts = patient.records.mx(patient.book.domain)
    except DnsFailureError:
        yield found.unknown("relay and TLS", "its name could not be looked up (DNS)")
        return
    if not any(hosts):
        yield found.unknown("relay and TLS", "the domain has no MX: there is no name to ask")
    for host in filter(None, hosts):
        yield _refuses_clear(patient, host)


def _refuses_clear(patient: Patient, host: str) -> Finding:
    name = f"{host} and TLS"
    try:
        with conversation(patient.address_of(host), patient.mx_port) as talk:
            talk.hello()
            code, _ = talk.ask("MAIL FROM:<>")
    except (OSError, SmtpProtocolError, DnsFailureError) as error:
        return found.unknown(
            name,
            f"could not be asked from here ({type(error).__name__})",
            "Ask from outside: swaks --server HOST --from '<>' --quit-after MAIL must end with 530",
        )
    if code == 530:
        return found.ok(name, "mail in the clear is refused")
    if code < 400:
        return found.fail(
            name,
            "takes mail in the clear, yet RELAY_ENFORCES_TLS=true says that it does not",
            "Set smtpd_tls_security_level=encrypt there, or SECURE_MAIL_RELAY_ENFORCES_TLS=false",
        )
    return found.unknown(name, f"answers {code} to mail in the clear: it may be another refusal")
