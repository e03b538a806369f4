"""The program behind the Postfix that docker/postfix describes, and a client of the relay."""

from __future__ import annotations

import shutil
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.certificates import self_signed
from tests.hostile.served import Served
from tests.journey.partner import unverified
from tests.services import postfix
from tests.services.postfix import Postfix

SHIPPED = Path(__file__).resolve().parents[2] / "docker" / "postfix"
HOST = "secure.example"
"""Of the BASE_URL: the name that its SMTP door's certificate must show."""


@dataclass
class Relayed:
    service: Served
    relay: Postfix
    maps: Path

    @contextmanager
    def client(self, *, tls: bool = True) -> Iterator[smtplib.SMTP]:
        """A stranger's session with the relay."""
        with smtplib.SMTP("127.0.0.1", self.relay.port, timeout=30) as client:
            client.ehlo("sender.example")
            if tls:
                client.starttls(context=unverified())
                client.ehlo("sender.example")
            yield client

    def send(self, sender: str, recipient: str, octets: bytes) -> tuple[int, str]:
        """The reply that decided."""
        with self.client() as client:
            for command in (f"MAIL FROM:<{sender}>", f"RCPT TO:<{recipient}>", "DATA"):
                code, words = client.docmd(command)
                if code >= 400:
                    return code, words.decode()
            client.send(octets + b"\r\n.\r\n")
            code, words = client.getreply()
            return code, words.decode()

    def write_maps(self) -> None:
        self.service.operator.run("relay-maps", "--output", str(self.maps))


def relayed(scratch: Path, *, lmtp: bool = False, **overrides: str) -> Relayed:
    """Both of them laid out, neither started. `overrides` of main.cf, beside those of the place."""
    folder = postfix.place()
    ours, world = scratch / "ours", scratch / "world"
    for made in (ours, world, scratch / "service"):
        made.mkdir()
    # As docs/how-to/relay.md has it: the socket comes into the group of the relay.
    shutil.chown(folder, group="postfix")
    folder.chmod(0o2750)
    certificate, key = self_signed(ours, HOST)
    shown, shown_key = self_signed(world, "mx.example.org")
    service = Served.made(scratch / "service")
    service.settings |= {
        "SMTP_TLS_CERT": certificate,
        "SMTP_TLS_KEY": key,
        "SMTP_TRUSTED_RELAYS": "127.0.0.1/32",
        "RELAY_ENFORCES_TLS": "true",
        "AUTHSERV_ID": "mx.example.org",
        "POLICY_BIND": folder / "policy.sock",
        **({"LMTP_BIND": folder / "lmtp.sock"} if lmtp else {}),
    }
    maps = scratch / "maps"
    maps.mkdir()
    relay = postfix.prepare(
        scratch,
        {
            **{name: postfix.MAIN[name] for name in OF_THIS_MACHINE},
            "myorigin": "kela.fi",
            "smtpd_tls_chain_files": f"{shown_key}, {shown}",
            "smtp_tls_CAfile": str(certificate),
            "secure_mail_maps": str(maps),
            "secure_mail_policy": f"unix:{folder}/policy.sock",
            **overrides,
        },
        files=((SHIPPED / "main.cf").read_text(), (SHIPPED / "master.cf").read_text()),
    )
    return Relayed(service, relay, maps)


OF_THIS_MACHINE = (
    "command_directory",
    "daemon_directory",
    "shlib_directory",
    "meta_directory",
    "mail_owner",
    "setgid_group",
    "inet_interfaces",
    "inet_protocols",
    "smtpd_peername_lookup",
    "smtp_dns_support_level",
    "smtp_host_lookup",
    "minimal_backoff_time",
    "maximal_backoff_time",
    "queue_run_delay",
    "default_destination_concurrency_failed_cohort_limit",
)
"""Where Debian keeps its files, loopback only, no DNS, and less patience than a real relay has."""
