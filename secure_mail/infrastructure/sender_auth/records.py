"""Single DNS records, for `doctor`: what a domain publishes, and whether anybody could be asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dns.rdtypes.ANY.MX import MX
from dns.rdtypes.ANY.TLSA import TLSA

from secure_mail.infrastructure.sender_auth.lookups import Lookups, open_resolver

SECONDS = 60.0
"""For all questions of one examination."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tlsa:
    """A TLSA record (RFC 6698)."""

    usage: int
    selector: int
    matching: int
    data: str
    """Lower-case hex."""

    def __str__(self) -> str:
        return f"{self.usage} {self.selector} {self.matching} {self.data}"


class Records:
    """Blocking. Each gives nothing when the name has no such record.

    Raises DnsFailureError when that is not known.
    """

    def __init__(self, servers: Sequence[str]) -> None:
        """`servers` as DNS_SERVERS has them; none: the system's. Raises ValueError."""
        self._lookups = Lookups(open_resolver(servers), SECONDS)

    def txt(self, name: str) -> tuple[str, ...]:
        """Each record as one text, its strings joined without a space (RFC 7208, 3.3)."""
        return tuple(text.decode(errors="replace") for text in self._lookups.txt(name))

    def mx(self, name: str) -> tuple[str, ...]:
        """Host names, the most preferred first; the null MX (RFC 7505) is the empty text."""
        found = [
            (record.preference, record.exchange.to_text(omit_final_dot=True).lower())
            for record in self._lookups.records(name, "MX")
            if isinstance(record, MX)
        ]
        return tuple(host.rstrip(".") for _, host in sorted(found))

    def addresses(self, name: str) -> tuple[str, ...]:
        """IPv4 before IPv6."""
        return tuple(
            record.to_text()
            for kind in ("A", "AAAA")
            for record in self._lookups.records(name, kind)
        )

    def tlsa(self, host: str) -> tuple[Tlsa, ...]:
        """Of the mail server's port 25."""
        return tuple(
            Tlsa(
                usage=record.usage,
                selector=record.selector,
                matching=record.mtype,
                data=record.cert.hex(),
            )
            for record in self._lookups.records(f"_25._tcp.{host}", "TLSA")
            if isinstance(record, TLSA)
        )
