"""A small browser without JavaScript: the demo's samples come in through the same forms."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, Request, build_opener


@dataclass
class Form:
    """One form of a page: where it goes, and what it would send untouched."""

    action: str
    values: dict[str, str] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = given.get("method", "get").lower() == "post"
            if self._inside:
                self.found.append(Form(given.get("action", "")))
        elif self._inside and given.get("name"):
            form = self.found[-1]
            form.names.add(given["name"])
            if tag == "input" and given.get("type") == "hidden":
                form.values[given["name"]] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False


class Browser:
    """Follows links, fills forms in, keeps cookies. Loopback only: it is the demo's."""

    def __init__(self, base_url: str) -> None:
        self._opener = build_opener(HTTPCookieProcessor(CookieJar()))
        self.url = base_url
        self.page = ""

    def go(self, address: str) -> None:
        """Opens an address, absolute or of this site."""
        self._open(Request(urljoin(self.url, address)))  # noqa: S310 - an address of the demo

    def submit(self, **fields: str) -> None:
        """Fills in and sends the form of the page that has all these fields."""
        form = self._form(set(fields))
        body = urlencode({**form.values, **fields}).encode()
        self._open(Request(urljoin(self.url, form.action), data=body))  # noqa: S310 - as above

    def upload(self, name: str, filename: str, media_type: str, octets: bytes) -> None:
        """Sends one file through the form that has this file field."""
        form = self._form({name})
        boundary = secrets.token_hex(16)
        lines = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
            for key, value in {**form.values, "go": "upload"}.items()
        ]
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; '
            f'filename="{filename}"\r\nContent-Type: {media_type}\r\n\r\n'
        )
        body = "".join([*lines, head]).encode() + octets + f"\r\n--{boundary}--\r\n".encode()
        kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        self._open(Request(urljoin(self.url, form.action), data=body, headers=kind))  # noqa: S310 - as above

    def _form(self, names: set[str]) -> Form:
        parser = _Forms()
        parser.feed(self.page)
        return next(form for form in parser.found if names <= form.names)

    def _open(self, request: Request) -> None:
        with self._opener.open(request, timeout=20) as answer:
            self.url = answer.url
            self.page = answer.read().decode()
