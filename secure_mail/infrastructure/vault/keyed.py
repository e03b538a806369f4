"""Keyed digests (HMAC-SHA-256, RFC 2104): each thing has a key of its own and no other."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network

from secure_mail.domain.addresses import EmailAddress
from secure_mail.domain.bounces import TAG_OCTETS, MailName, tag_octets, tag_text
from secure_mail.domain.ids import CROCKFORD, LinkId, Mailbox
from secure_mail.domain.messages import Channel
from secure_mail.infrastructure.vault.formats import length_prefixed


class _Mac:
    """Takes the key up once: of every message a digest is made, and most of its cost is that."""

    def __init__(self, key: bytes) -> None:
        self._keyed = hmac.new(key, digestmod=sha256)

    def __call__(self, data: bytes) -> bytes:
        mac = self._keyed.copy()
        mac.update(data)
        return mac.digest()


class ArrivalDigests:
    """Recognises a delivery tried twice, and a client's network, without keeping either."""

    def __init__(self, key: bytes) -> None:
        self._mac = _Mac(key)

    def digest(self, channel: Channel, mailbox: Mailbox, scope: str, raw_sha256: bytes) -> bytes:
        fields = (b"arrival", channel.encode(), mailbox.encode(), scope.encode(), raw_sha256)
        return self._mac(length_prefixed(*fields))

    def network(self, client: str) -> bytes:
        return self._mac(length_prefixed(b"network", _network(client).encode()))


def _network(client: str) -> str:
    """The /24 (IPv4) or /48 (IPv6) of an address; what is no address stands for itself."""
    try:
        address = ip_address(client)
    except ValueError:
        return client
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address
    return str(ip_network((address, 24 if address.version == 4 else 48), strict=False))


class AddressIndex:
    """Finds the rows of an address; the version in front lets a rotation tell old from new."""

    def __init__(self, key: bytes, version: int) -> None:
        self._mac = _Mac(key)
        self._version = version.to_bytes(2, "big")

    def of(self, address: EmailAddress) -> bytes:
        return self._version + self._mac(address.folded.encode())


class DerivedTokens:
    """A link's token is a function of its id, so a mail that is sent again carries the same one."""

    def __init__(self, key: bytes) -> None:
        self._mac = _Mac(key)

    def token(self, link: LinkId) -> str:
        return urlsafe_b64encode(self._mac(link.bytes)).rstrip(b"=").decode()


class DerivedStopCodes:
    """Eight symbols, 40 bits, that only a receiver of our mail can know."""

    def __init__(self, key: bytes) -> None:
        self._mac = _Mac(key)

    def code(self, address: EmailAddress) -> str:
        octets = self._mac(address.folded.encode())
        return "".join(CROCKFORD[octet % 32] for octet in octets[:8])


class MailMarks:
    """The header that our own mail carries, and nobody else can make."""

    def __init__(self, key: bytes) -> None:
        self._mac = _Mac(key)

    def mark(self, message_id: str) -> str:
        return urlsafe_b64encode(self._mac(message_id.strip().encode())).decode()

    def is_ours(self, message_id: str, mark: str) -> bool:
        return hmac.compare_digest(self.mark(message_id).encode(), mark.strip().encode())


class TaggedBounces:
    """The tag in the envelope sender of a mail: its name, and a digest that nobody else can make.

    104 bits of it: the door answers a guess with a refusal, and a sender's limits end the guessing.
    """

    def __init__(self, key: bytes) -> None:
        self._mac = _Mac(key)

    def tag(self, mail: MailName) -> str:
        return tag_text((mail.pack() + self._digest(mail))[:TAG_OCTETS])

    def mail_of(self, tag: str) -> MailName | None:
        octets = tag_octets(tag.lower())
        mail = MailName.unpack(octets[:17]) if octets else None
        if octets is None or mail is None:
            return None
        expected = self._digest(mail)[: TAG_OCTETS - 17]
        return mail if hmac.compare_digest(octets[17:], expected) else None

    def _digest(self, mail: MailName) -> bytes:
        # The key is the own-mail key: a Message-ID, its other input, never begins with a NUL.
        return self._mac(length_prefixed(b"bounce", mail.pack()))
