"""An SMTP relay on loopback, with certificates made for the test."""

import asyncio
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from threading import Thread

from aiosmtpd.smtp import SMTP
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def certificate(folder, name):
    """A file with a key and a certificate for a host, which is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    names: list[x509.GeneralName] = [x509.DNSName(name)]
    if name == "127.0.0.1":
        names = [x509.IPAddress(ip_address(name))]
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


class Recorder:
    """What the relay took; `answers` replaces its reply at a stage.

    With `drops` it takes the mail, and is gone before it says so.
    """

    def __init__(self):
        self.taken = []
        self.answers = {}
        self.drops = False

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802
        if "mail" in self.answers:
            return self.answers["mail"]
        envelope.mail_from = address
        return "250 2.1.0 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if "rcpt" in self.answers:
            return self.answers["rcpt"]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.taken.append((session, envelope))
        if self.drops:
            server.transport.abort()
        return self.answers.get("data", "250 2.0.0 queued as 17 for maija@example.com")


class Server:
    """A relay in a thread of its own; `implicit` speaks TLS from the first octet."""

    def __init__(self, recorder, *, tls=None, implicit=False, port=0, **options):
        if tls and not implicit:
            options["tls_context"] = tls
        self._loop = asyncio.new_event_loop()
        self._server = self._loop.run_until_complete(
            self._loop.create_server(
                lambda: SMTP(recorder, enable_SMTPUTF8=True, loop=self._loop, **options),
                "127.0.0.1",
                port,
                ssl=tls if implicit else None,
            )
        )
        self.port = self._server.sockets[0].getsockname()[1]
        self._thread = Thread(target=self._loop.run_forever)
        self._thread.start()

    def stop(self):
        self._loop.call_soon_threadsafe(self._server.close)
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self):
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
