"""Builders of small messages that we wrote."""

from secure_mail.infrastructure.mime.parser import CompatMimeParser


class OneMark:
    """An `OwnMail` whose mark is the Message-ID backwards."""

    def mark(self, message_id: str) -> str:
        return message_id[::-1]

    def is_ours(self, message_id: str, mark: str) -> bool:
        return bool(message_id) and mark == self.mark(message_id)


def parser() -> CompatMimeParser:
    return CompatMimeParser(OneMark(), own_domain="kela.example")


def letter(body: bytes, *headers: bytes) -> bytes:
    return b"\r\n".join((b"From: a@b.example", *headers, b"", body))


def part(
    body: bytes, kind: bytes = b"text/plain", disposition: bytes = b"", encoding: str = "8bit"
) -> bytes:
    head = b"Content-Type: " + kind + b"\r\nContent-Transfer-Encoding: " + encoding.encode()
    if disposition:
        head += b"\r\nContent-Disposition: " + disposition
    return head + b"\r\n\r\n" + body


def mixed(
    *parts: bytes, kind: bytes = b"multipart/mixed", headers: tuple[bytes, ...] = ()
) -> bytes:
    body = b"".join(b"--edge\r\n" + one + b"\r\n" for one in parts) + b"--edge--\r\n"
    return letter(body, *headers, b"Content-Type: " + kind + b'; boundary="edge"')
