"""The part of pyspf 2.0.14 that sender authentication uses."""

class TempError(Exception):
    def __init__(self, msg: str, mech: str | None = None, ext: object = None) -> None: ...

class PermError(Exception):
    def __init__(self, msg: str, mech: str | None = None, ext: object = None) -> None: ...

MAX_VOID_LOOKUPS: int

class query:
    void_lookups: int
    def __init__(
        self,
        i: str,
        s: str,
        h: str,
        local: str | None = None,
        receiver: str | None = None,
        strict: bool | int = True,
        timeout: int = 20,
        verbose: bool = False,
        querytime: int = 0,
    ) -> None: ...
    def check(self, spf: str | None = None) -> tuple[str, int, str]: ...
    def dns(
        self,
        name: str,
        qtype: str,
        cnames: dict[str, str] | None = None,
        ignore_void: bool = False,
    ) -> list[object]: ...
    def get_explanation(self, spec: str) -> str | None: ...
