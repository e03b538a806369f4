"""Certificates that a partner's server shows, made by openssl as its postmaster would."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from secure_mail.domain.partners import Certificate
from secure_mail.interfaces.smtp.tls import fingerprint
from tests.conftest import required

CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


@dataclass(frozen=True)
class Identity:
    """A certificate (the first of its file) and its key."""

    pem: Path
    key: Path

    @property
    def pair(self) -> tuple[Path, Path]:
        return self.pem, self.key

    def registered(self, *, not_after: datetime | None = None) -> Certificate:
        """As the registry keeps it."""
        der = openssl("x509", "-in", self.pem, "-outform", "DER")
        return Certificate(
            fingerprint=fingerprint(der),
            pem=openssl("x509", "-in", self.pem).decode(),
            not_after=not_after or datetime.now(UTC) + timedelta(days=2),
        )


def openssl(*words: object) -> bytes:
    program = required(shutil.which("openssl"), "openssl")
    done = subprocess.run([program, *map(str, words)], check=True, capture_output=True)
    return done.stdout


def self_issued(folder: Path, name: str, *extensions: str) -> Identity:
    """Signed by itself; `extensions` as `extendedKeyUsage=clientAuth`."""
    made = Identity(folder / f"{name}.pem", folder / f"{name}.key")
    added = [word for extension in extensions for word in ("-addext", extension)]
    openssl(
        *("req", "-x509", *CURVE, "-keyout", made.key, "-out", made.pem),
        *("-days", 2, "-subj", f"/CN={name}.example", *added),
    )
    return made


def expired(folder: Path, name: str) -> Identity:
    """Signed by itself, for a time that is over."""
    made = self_issued(folder, name)
    old = folder / f"{name}-old.pem"
    openssl("x509", "-in", made.pem, "-signkey", made.key, "-days", -1, "-out", old)
    return Identity(old, made.key)


def issued(folder: Path, name: str, by: Identity, *extensions: str) -> Identity:
    """By a certification authority; the file holds the chain, as servers are given it."""
    made = Identity(folder / f"{name}.pem", folder / f"{name}.key")
    request, rules = folder / f"{name}.csr", folder / f"{name}.ext"
    rules.write_text("\n".join(("basicConstraints=CA:FALSE", *extensions)))
    openssl("req", *CURVE, "-keyout", made.key, "-out", request, "-subj", f"/CN={name}.example")
    openssl(
        *("x509", "-req", "-in", request, "-CA", by.pem, "-CAkey", by.key, "-CAcreateserial"),
        *("-days", 2, "-extfile", rules, "-out", made.pem),
    )
    made.pem.write_bytes(made.pem.read_bytes() + by.pem.read_bytes())
    return made
