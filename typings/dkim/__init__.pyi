"""The part of dkimpy 1.1.8 that sender authentication and the mailer use."""

from collections.abc import Callable, Mapping, Sequence
from logging import Logger

class DKIMException(Exception): ...

def evaluate_pk(name: bytes, s: bytes) -> tuple[object, int, bytes, bool]: ...
def sign(
    message: bytes,
    selector: bytes,
    domain: bytes,
    privkey: bytes,
    identity: bytes | None = None,
    canonicalize: tuple[bytes, bytes] = ...,
    signature_algorithm: bytes = ...,
    include_headers: Sequence[bytes] | Sequence[str] | None = None,
    length: bool = False,
    logger: Logger | None = None,
    linesep: bytes = ...,
    tlsrpt: bool | str = False,
) -> bytes: ...

class DomainSigner:
    headers: list[tuple[bytes, bytes]]
    pk: object
    keysize: int
    ktag: bytes
    def __init__(
        self,
        message: bytes | None = None,
        logger: Logger | None = None,
        signature_algorithm: bytes = ...,
        minkey: int = 1024,
        linesep: bytes = ...,
        debug_content: bool = False,
        timeout: int = 5,
        tlsrpt: bool | str = False,
    ) -> None: ...
    def verify_sig(
        self,
        sig: Mapping[bytes, bytes],
        include_headers: list[bytes],
        sig_header: tuple[bytes, bytes],
        dnsfunc: Callable[..., bytes | None] | None,
    ) -> bool: ...
    def verify_sig_process(
        self,
        sig: Mapping[bytes, bytes],
        include_headers: list[bytes],
        sig_header: tuple[bytes, bytes],
        dnsfunc: Callable[..., bytes | None] | None,
    ) -> bool: ...

class DKIM(DomainSigner):
    def sign(
        self,
        selector: bytes,
        domain: bytes,
        privkey: bytes,
        signature_algorithm: bytes | None = None,
        identity: bytes | None = None,
        canonicalize: tuple[bytes, bytes] = ...,
        include_headers: Sequence[bytes] | Sequence[str] | None = None,
        length: bool = False,
    ) -> bytes: ...

class ARC(DomainSigner):
    def verify_instance(
        self,
        arc_headers_w_instance: list[tuple[int, tuple[bytes, bytes]]],
        instance: int,
        dnsfunc: Callable[..., bytes | None] | None = ...,
    ) -> dict[str, object]: ...
    def sorted_arc_headers(self) -> tuple[int, list[tuple[int, tuple[bytes, bytes]]]]: ...
    def verify(
        self, dnsfunc: Callable[..., bytes | None] = ...
    ) -> tuple[bytes | None, list[dict[str, object]], str]: ...
