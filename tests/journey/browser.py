"""A browser without JavaScript: it follows links, fills in forms and keeps cookies."""

from __future__ import annotations

import http.client
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urljoin, urlsplit

from tests.journey.pages import Form, Page, read_page

REDIRECTS = {301, 302, 303, 307}
FORM = "application/x-www-form-urlencoded"
CLIENT = "192.0.2.7"
Proxy = Callable[[str], str]
"""From a path to the `host:port` that answers it."""


@dataclass(frozen=True)
class File:
    """What a person picks from the disk."""

    name: str
    kind: str
    octets: bytes = field(repr=False)


class Browser:
    """One person's browser on one site.

    `site` is the address as the person types it. `through` says for each path where to connect to
    instead: the browser then stands for itself and for the proxy in front, which ends TLS.
    """

    def __init__(self, site: str, *, through: Proxy | None = None) -> None:
        self.site = site.rstrip("/")
        self.cookies: dict[str, str] = {}
        self._host = urlsplit(site).netloc
        self._through = through
        self.page = Page(url=self.site + "/", status=0)

    def go(self, address: str, **headers: str) -> Page:
        """Opens an address, absolute or as a link of the present page has it."""
        return self._follow("GET", address, None, headers)

    def head(self, address: str) -> Page:
        return self._once("HEAD", urljoin(self.page.url, address), None, {})

    def click(self, text: str) -> Page:
        """Follows the first link whose words contain these."""
        found = [href for words, href in self.page.links if text in words]
        assert found, f"no link {text!r} on {self.page.url}: {self.page.links}"
        return self.go(found[0])

    def submit(self, *, to: str = "", press: tuple[str, str] | None = None, **fields: str) -> Page:
        """Fills in and sends the form that has these fields (and whose address ends with `to`)."""
        form = self.form(to, *fields)
        return self.send(form, form.filled(fields, press))

    def send(self, form: Form, values: Mapping[str, str], **headers: str) -> Page:
        """Sends a form of the page with exactly these values."""
        target = form.action or self.page.url
        if form.method == "get":
            return self._follow("GET", f"{target}?{urlencode(values)}", None, headers)
        return self._follow("POST", target, urlencode(values).encode(), headers)

    def answer(self, form: Form, values: Mapping[str, str]) -> Page:
        """The answer to a form as it comes, its redirection not followed."""
        url = urljoin(self.page.url, form.action or self.page.url)
        return self._once("POST", url, urlencode(values).encode(), {})

    def upload(self, name: str, *files: File, press: tuple[str, str] | None = None) -> Page:
        """Sends files through the form that has this file field."""
        form = self.form("", name)
        boundary = secrets.token_hex(16)
        body = b"".join(
            _part(boundary, f'name="{key}"', "", value.encode())
            for key, value in form.filled({}, press).items()
            if key != name
        )
        for file in files:
            disposition = f'name="{name}"; filename="{file.name}"'
            body += _part(boundary, disposition, file.kind, file.octets)
        body += f"--{boundary}--\r\n".encode()
        kind = f"multipart/form-data; boundary={boundary}"
        return self._follow("POST", form.action or self.page.url, body, {"Content-Type": kind})

    def form(self, to: str, *fields: str) -> Form:
        """The form of the page with these fields; the only one, or the first."""
        found = [
            form
            for form in self.page.forms
            if set(fields) <= form.names and form.action.partition("?")[0].endswith(to)
        ]
        assert found, f"no form {to} {fields} on {self.page.url}\n{self.page.words}"
        return found[0]

    def _follow(
        self, method: str, address: str, body: bytes | None, headers: Mapping[str, str]
    ) -> Page:
        url = urljoin(self.page.url, address)
        for _ in range(8):
            self.page = self._once(method, url, body, headers)
            if self.page.status not in REDIRECTS:
                return self.page
            url = urljoin(url, self.page.headers["location"])
            method, body, headers = "GET", None, {}
        raise AssertionError(f"too many redirects at {url}")

    def _once(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Page:
        parts = urlsplit(url)
        assert parts.netloc == self._host, f"the site sends its visitor away: {url}"
        sent = {"Host": self._host, "Accept-Language": "en", **headers}
        if body is not None:
            sent.setdefault("Content-Type", FORM)
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if self._through:
            sent["X-Forwarded-For"] = CLIENT
        peer = self._through(parts.path) if self._through else self._host
        connection = http.client.HTTPConnection(peer, timeout=30)
        try:
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            connection.request(method, target, body, sent)
            answer = connection.getresponse()
            octets = answer.read()
        finally:
            connection.close()
        self._keep(answer.headers.get_all("Set-Cookie") or [])
        given = {name.lower(): value for name, value in answer.headers.items()}
        return read_page(url, answer.status, given, octets)

    def _keep(self, lines: list[str]) -> None:
        for line in lines:
            for name, morsel in SimpleCookie(line).items():
                assert morsel["httponly"], name
                assert morsel["samesite"].lower() in {"lax", "strict"}, name
                secure = self.site.startswith("https://")
                assert bool(morsel["secure"]) == secure, name
                assert name.startswith("__Host-") == secure, name
                if morsel["max-age"] == "0" or not morsel.value:
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value


def _part(boundary: str, disposition: str, kind: str, octets: bytes) -> bytes:
    head = f"--{boundary}\r\nContent-Disposition: form-data; {disposition}\r\n"
    if kind:
        head += f"Content-Type: {kind}\r\n"
    return head.encode() + b"\r\n" + octets + b"\r\n"
