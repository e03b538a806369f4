"""The language of a page: it stands first in the path; elsewhere the browser's wish decides."""

from __future__ import annotations

from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request

from secure_mail.application.ports.texts import LANGUAGES

DEFAULT = "en"


class LanguageConvertor(Convertor[str]):
    """`{language:language}` in a route: en, fi or sv and nothing else."""

    regex = "|".join(LANGUAGES)

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("language", LanguageConvertor())


def language_of(request: Request) -> str:
    """Of the path; without one, what the browser prefers; without a preference English."""
    first = path_of(request).removeprefix("/").partition("/")[0]
    return first if first in LANGUAGES else preferred(request.headers.get("accept-language", ""))


def place_of(request: Request) -> str:
    """Path and query after the language: what the language switch keeps."""
    return address_of(request)[3:]


def address_of(request: Request) -> str:
    """Path and query, as a form may be sent to: two slashes would name another host."""
    query = request.scope["query_string"].decode("latin-1")
    return "/" + path_of(request).lstrip("/") + (f"?{query}" if query else "")


def path_of(request: Request) -> str:
    """Of the request itself: `request.url` is built from Host, which may be anything."""
    return str(request.scope["path"])


def preferred(accepted: str) -> str:
    """The best of ours by Accept-Language (RFC 9110, 12.5.4); the first of equals."""
    wishes = [_wish(part) for part in accepted.split(",")]
    ours = [(weight, tag) for weight, tag in wishes if tag in LANGUAGES and weight > 0]
    return max(ours, key=lambda wish: wish[0])[1] if ours else DEFAULT


def _wish(part: str) -> tuple[float, str]:
    tag, _, parameter = part.partition(";")
    name, _, weight = parameter.replace(" ", "").partition("=")
    try:
        weighed = float(weight) if name == "q" else 1.0
    except ValueError:
        weighed = 0.0
    return weighed, tag.strip().lower().partition("-")[0]
