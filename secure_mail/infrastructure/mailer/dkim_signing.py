"""Signing outgoing mail (DKIM, RFC 6376), for a deployment whose relay does not."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from typing import Self

import dkim
from dkim.crypto import UnparsableKeyError, parse_pem_private_key

from secure_mail.application.ports.safety import SafetyError

SIGNED = (
    "from",
    "subject",
    "to",
    "date",
    "message-id",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "auto-submitted",
    "reply-to",
    "sender",
    "cc",
)
"""Each is named once more than it stands in the mail, so that none can be added on the way: not by
the relay, and not by somebody who sends the mail on with an address of his own to answer to.
"""
MINIMUM_BITS = 2048
"""Of an RSA key (RFC 8301 asks for 1024, and recommends this)."""
_SELECTOR = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9-]{1,63})*", re.IGNORECASE)
_PEM = re.compile(rb"-----BEGIN ((?:RSA )?PRIVATE KEY)-----\s(.+?)-----END \1-----", re.DOTALL)
_ED25519 = bytes.fromhex("302e020100300506032b657004220420")
"""What stands before the 32 octets of the key in PKCS#8 (RFC 8410, 7)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DkimSigner:
    """Puts a DKIM-Signature on top of a mail; `domain` is the one of From, so that DMARC holds."""

    domain: str
    selector: str
    algorithm: str
    key: bytes = field(repr=False)

    @classmethod
    def from_pem(cls, pem: bytes, *, selector: str, domain: str) -> Self:
        """An RSA key of 2048 bits or more, or an Ed25519 key, not encrypted.

        Raises SafetyError; its text names the settings and repeats nothing of the key.
        """
        if not _SELECTOR.fullmatch(selector):
            raise SafetyError(
                "not a DKIM selector", "SECURE_MAIL_DKIM_SELECTOR", "Use letters and digits"
            )
        found = _PEM.search(pem.replace(b"\r\n", b"\n"))
        if found is None:
            raise _unfit("no private key in PEM, or an encrypted one")
        try:
            octets = b64decode(b"".join(found[2].split()), validate=True)
        except ValueError:
            raise _unfit("an encrypted or a broken one") from None
        if octets.startswith(_ED25519) and len(octets) == len(_ED25519) + 32:
            seed = b64encode(octets.removeprefix(_ED25519))
            return cls(domain=domain, selector=selector, algorithm="ed25519-sha256", key=seed)
        key = found[0]
        if _rsa_bits(key) < MINIMUM_BITS:
            raise _unfit(f"an RSA key of less than {MINIMUM_BITS} bits")
        return cls(domain=domain, selector=selector, algorithm="rsa-sha256", key=key)

    def __call__(self, octets: bytes) -> bytes:
        """The mail (CRLF line ends) with its signature."""
        present = [line.partition(b":")[0].decode("ascii").lower() for line in _fields(octets)]
        named = [name for name in SIGNED for _ in range(present.count(name) + 1)]
        signature = dkim.sign(
            octets,
            self.selector.encode("ascii"),
            self.domain.encode("ascii"),
            self.key,
            canonicalize=(b"relaxed", b"relaxed"),
            signature_algorithm=self.algorithm.encode("ascii"),
            include_headers=named,
        )
        return signature + octets


def _fields(octets: bytes) -> list[bytes]:
    """The first line of each header field."""
    section = octets.partition(b"\r\n\r\n")[0]
    return [line for line in section.split(b"\r\n") if not line.startswith((b" ", b"\t"))]


def _rsa_bits(pem: bytes) -> int:
    try:
        return parse_pem_private_key(pem)["modulus"].bit_length()
    except (UnparsableKeyError, ValueError, IndexError, KeyError, TypeError, AttributeError):
        raise _unfit("neither an RSA nor an Ed25519 key") from None


def _unfit(what: str) -> SafetyError:
    return SafetyError(
        f"not a key that can sign: {what}",
        "SECURE_MAIL_DKIM_KEY",
        "Make one as docs/how-to/mail-out.md shows",
    )
