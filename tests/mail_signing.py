"""Signs mails as a sender or a forwarder would, also in the ways that a good one would not."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import nacl.encoding
import nacl.signing
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from dkim import HashThrough, hash_headers, rfc822_parse
from dkim.canonicalization import CanonicalizationPolicy
from dkim.crypto import HASH_ALGORITHMS, RSASSA_PKCS1_v1_5_sign, parse_pem_private_key

NAMES = ("from", "to", "subject", "date", "message-id")
"""What is signed if nothing else is said."""


@dataclass(frozen=True)
class Key:
    """A private key and the text that publishes its public half."""

    algorithm: str
    private: object
    record: str

    def sign(self, hasher: HashThrough) -> bytes:
        if isinstance(self.private, nacl.signing.SigningKey):
            return self.private.sign(hasher.digest()).signature
        return bytes(RSASSA_PKCS1_v1_5_sign(hasher, self.private))


@cache
def rsa(bits: int = 2048, number: int = 0) -> Key:
    """Made once per run and number. openssl, because our library refuses to make short ones."""
    pem = _openssl("genrsa", "-traditional", str(bits))
    public = _openssl("rsa", "-pubout", "-outform", "DER", feed=pem)
    text = base64.b64encode(public).decode()
    return Key("rsa-sha256", parse_pem_private_key(pem), f"v=DKIM1; k=rsa; p={text}")


def unfit(bits: int, exponent: int = 65537) -> str:
    """A record whose key has that many bits; nobody has its private half."""
    public = RSAPublicNumbers(exponent, (1 << bits) - 1).public_key()
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return f"v=DKIM1; p={base64.b64encode(der).decode()}"


@cache
def ed25519() -> Key:
    private = nacl.signing.SigningKey.generate()
    text = private.verify_key.encode(nacl.encoding.Base64Encoder).decode()
    return Key("ed25519-sha256", private, f"v=DKIM1; k=ed25519; p={text}")


def signature(
    message: bytes,
    domain: str,
    key: Key,
    *,
    selector: str = "s1",
    names: Sequence[str] = NAMES,
    canonical: str = "relaxed/relaxed",
    algorithm: str | None = None,
    tags: Mapping[str, str] | None = None,
    header: str = "DKIM-Signature",
) -> bytes:
    """The signature field, CRLF included. `tags` are added to the usual ones, or replace them."""
    algorithm = algorithm or key.algorithm
    policy = CanonicalizationPolicy.from_c_value(canonical.encode())
    headers, body = rfc822_parse(message)
    length = (tags or {}).get("l")
    hashed = policy.canonicalize_body(body)[: None if length is None else int(length)]
    digest = HASH_ALGORITHMS[algorithm.encode()](hashed).digest()
    fields = {
        "v": "1",
        "a": algorithm,
        "c": canonical,
        "d": domain,
        "s": selector,
        "t": str(int(time.time())),
        "h": ":".join(names),
        "bh": base64.b64encode(digest).decode(),
        **(tags or {}),
    }
    if header != "DKIM-Signature":
        del fields["v"]
    return _completed(header, fields, policy, headers, [name.encode() for name in names], key)


def signed(message: bytes, domain: str, key: Key, **options: object) -> bytes:
    """The message with the signature on top."""
    return signature(message, domain, key, **options) + message


def sealed(
    message: bytes,
    domain: str,
    key: Key,
    results: str,
    *,
    instance: int = 1,
    validation: str = "none",
    names: Sequence[str] = NAMES,
    earlier: Sequence[bytes] = (),
) -> bytes:
    """The message with one more ARC set on top; `earlier`: the sets before, as bytes of fields."""
    report = f"ARC-Authentication-Results: i={instance}; {results}\r\n".encode()
    statement = signature(
        message,
        domain,
        key,
        names=names,
        tags={"i": str(instance)},
        header="ARC-Message-Signature",
    )
    policy = CanonicalizationPolicy.from_c_value(b"relaxed/relaxed")
    chain = [field for one in earlier for field in _reversed_set(one)] + [report, statement]
    headers = [part for one in chain for part in rfc822_parse(one)[0]]
    fields = {
        "i": str(instance),
        "a": "rsa-sha256",
        "cv": validation,
        "d": domain,
        "s": "s1",
        "t": str(int(time.time())),
    }
    seal = _chained("ARC-Seal", fields, policy, headers, key)
    return seal + statement + report + message


def arc_set(message: bytes) -> bytes:
    """The three fields on top of a sealed message."""
    return b"".join(line + b"\r\n" for line in message.split(b"\r\n")[:3])


def _reversed_set(fields: bytes) -> list[bytes]:
    """Seal, statement, report as they stand; report, statement, seal as they are signed."""
    return [line + b"\r\n" for line in reversed(fields.rstrip(b"\r\n").split(b"\r\n"))]


def _completed(
    header: str,
    fields: Mapping[str, str],
    policy: CanonicalizationPolicy,
    headers: list[tuple[bytes, bytes]],
    names: list[bytes],
    key: Key,
) -> bytes:
    text = "; ".join(f"{tag}={value}" for tag, value in fields.items())
    unsigned = f" {text}; b=".encode()
    hasher = HashThrough(HASH_ALGORITHMS[fields["a"].encode()]())
    hash_headers(
        hasher,
        policy,
        policy.canonicalize_headers(headers),
        names,
        (header.encode(), unsigned + b"\r\n"),
        {},
    )
    return header.encode() + b":" + unsigned + base64.b64encode(key.sign(hasher)) + b"\r\n"


def _chained(
    header: str,
    fields: Mapping[str, str],
    policy: CanonicalizationPolicy,
    headers: list[tuple[bytes, bytes]],
    key: Key,
) -> bytes:
    """A seal: over every field of the chain in order, then itself (RFC 8617, 5.1.1)."""
    text = "; ".join(f"{tag}={value}" for tag, value in fields.items())
    unsigned = f" {text}; b=".encode()
    hasher = HashThrough(hashlib.sha256())
    for name, value in policy.canonicalize_headers(headers):
        hasher.update(name + b":" + value)
    ((name, value),) = policy.canonicalize_headers([(header.encode(), unsigned)])
    hasher.update(name + b":" + value.rstrip())
    return header.encode() + b":" + unsigned + base64.b64encode(key.sign(hasher)) + b"\r\n"


def _openssl(*arguments: str, feed: bytes = b"") -> bytes:
    return subprocess.run(
        ["openssl", *arguments], input=feed, capture_output=True, check=True, timeout=60
    ).stdout
