"""A DNS server on loopback that answers from a dictionary, over UDP and TCP, or fails as told."""

from __future__ import annotations

import socket
import socketserver
import struct
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset
from dns.exception import TooBig
from dns.resolver import Resolver

from secure_mail.infrastructure.sender_auth.lookups import open_resolver

STRING = 255
"""Octets of one string of a TXT record."""


class Fault(Enum):
    """What a name does instead of answering."""

    SERVFAIL = auto()
    REFUSED = auto()
    SILENT = auto()


Zone = Mapping[str, Mapping[str, Sequence[str | bytes]] | Fault]
"""By name, in lower case and without the last dot: records by type, or a fault."""


@dataclass
class DnsServer:
    """A running server. `zone` may be changed while it runs."""

    zone: dict[str, Mapping[str, Sequence[str | bytes]] | Fault]
    port: int = 0
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Every question in order: name and type."""
    over_tcp: int = 0

    @property
    def address(self) -> str:
        """As DNS_SERVERS takes it."""
        return f"127.0.0.1:{self.port}"

    def resolver(self) -> Resolver:
        """One that asks this server only, and forgets what others were told."""
        return open_resolver([self.address])

    def answer(self, wire: bytes, limit: int) -> bytes | None:
        query = dns.message.from_wire(wire)
        question = query.question[0]
        name = question.name.to_text(omit_final_dot=True).lower()
        kind = dns.rdatatype.to_text(question.rdtype)
        self.asked.append((name, kind))
        found = self.zone.get(name)
        reply = dns.message.make_response(query, recursion_available=True)
        match found:
            case Fault.SILENT:
                return None
            case Fault.SERVFAIL:
                reply.set_rcode(dns.rcode.SERVFAIL)
            case Fault.REFUSED:
                reply.set_rcode(dns.rcode.REFUSED)
            case None:
                reply.set_rcode(dns.rcode.NXDOMAIN)
            case records:
                self._fill(reply, question.name, kind, records)
        try:
            return reply.to_wire(max_size=limit)
        except TooBig:
            cut = dns.message.make_response(query, recursion_available=True)
            cut.flags |= dns.flags.TC
            return cut.to_wire()

    def _fill(
        self,
        reply: dns.message.Message,
        name: dns.name.Name,
        kind: str,
        records: Mapping[str, Sequence[str | bytes]],
    ) -> None:
        if alias := records.get("CNAME"):
            target = dns.name.from_text(str(alias[0]))
            reply.answer.append(_rrset(name, "CNAME", alias))
            further = self.zone.get(target.to_text(omit_final_dot=True).lower())
            if isinstance(further, Mapping) and kind in further:
                reply.answer.append(_rrset(target, kind, further[kind]))
        elif kind in records:
            reply.answer.append(_rrset(name, kind, records[kind]))


def _rrset(name: dns.name.Name, kind: str, values: Sequence[str | bytes]) -> dns.rrset.RRset:
    texts = [_strings(value) if kind == "TXT" else _text(value) for value in values]
    return dns.rrset.from_text_list(
        name, 60, dns.rdataclass.IN, dns.rdatatype.from_text(kind), texts
    )


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode()


def _strings(value: str | bytes) -> str:
    octets = value.encode() if isinstance(value, str) else value
    parts = [octets[at : at + STRING] for at in range(0, len(octets), STRING)] or [b""]
    return " ".join('"' + "".join(f"\\{octet:03d}" for octet in part) + '"' for part in parts)


@contextmanager
def dns_server(zone: Zone) -> Iterator[DnsServer]:
    """A server of the test's own, on a free port."""
    server = DnsServer(dict(zone))

    class Datagram(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            wire, sock = self.request
            if reply := server.answer(wire, 1232):
                sock.sendto(reply, self.client_address)

    class Stream(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            while length := self.rfile.read(2):
                wire = self.rfile.read(struct.unpack("!H", length)[0])
                server.over_tcp += 1
                if not (reply := server.answer(wire, 65535)):
                    return
                self.wfile.write(struct.pack("!H", len(reply)) + reply)

    class Streams(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    streams, datagrams = _on_one_port(Streams, Stream, Datagram)
    server.port = datagrams.server_address[1]
    threads = [
        threading.Thread(target=each.serve_forever, args=(0.02,), daemon=True)
        for each in (streams, datagrams)
    ]
    for thread in threads:
        thread.start()
    try:
        yield server
    finally:
        for each in (streams, datagrams):
            each.shutdown()
            each.server_close()
        for thread in threads:
            thread.join()


def _on_one_port(
    streams: type[socketserver.ThreadingTCPServer],
    stream: type[socketserver.BaseRequestHandler],
    datagram: type[socketserver.BaseRequestHandler],
) -> tuple[socketserver.ThreadingTCPServer, socketserver.UDPServer]:
    for _ in range(20):
        tcp = streams(("127.0.0.1", 0), stream)
        try:
            return tcp, socketserver.UDPServer(tcp.server_address, datagram)
        except OSError:
            tcp.server_close()
    raise RuntimeError("no port is free for UDP and TCP alike") from None


def closed_port() -> str:
    """Where nobody listens, as DNS_SERVERS takes it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{sock.getsockname()[1]}"
