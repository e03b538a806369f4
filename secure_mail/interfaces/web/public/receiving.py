"""Files of one POST: each streamed into sealed storage, judged for itself, named in its error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from starlette.requests import Request

from secure_mail.application.intake.add_file import AddFile, Upload
from secure_mail.domain.compose import OpenDraft
from secure_mail.domain.filenames import clean_name
from secure_mail.domain.identity_codes import find
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.interfaces.web.answers import HTTP_PAGES, Beside
from secure_mail.interfaces.web.forms import MAX_LINE
from secure_mail.interfaces.web.multipart import (
    MultipartError,
    PartBegins,
    PartEnds,
    PartOctets,
    parts_of,
)
from secure_mail.interfaces.web.security import StaleFormError

FILES = "files"


@dataclass(slots=True)
class Receiving:
    """Reads the POST to its end. What was finished stays, whatever happens to the next file."""

    add_file: AddFile
    opened: OpenDraft
    check_form: Callable[[str], None]
    """Given the field `csrf`, which comes before every file; raises StaleFormError."""
    say: Callable[[str, str], str]
    """The error of a file, from a line of the catalogue and the file's name."""
    fields: dict[str, str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    added: int = 0
    _name: str = ""
    _filename: str = field(default="", repr=False)
    _field: bytearray = field(default_factory=bytearray)
    _upload: Upload | None = None
    _checked: bool = False

    async def read(self, request: Request) -> None:
        """Raises StaleFormError; Refusal STORAGE_LOW and TEMPORARY; ClientDisconnect."""
        try:
            async for event in parts_of(request):
                match event:
                    case PartBegins(field_name=name, filename=None):
                        self._name, self._field = name, bytearray()
                    case PartBegins(filename=filename):
                        self._name = ""
                        self._begin(filename or "")
                    case PartOctets(octets=octets):
                        await self._write(octets)
                    case PartEnds():
                        await self._end()
            self._check()
        except MultipartError:
            raise StaleFormError from None
        finally:
            if self._upload is not None:
                self._upload.abort()

    def _check(self) -> None:
        if not self._checked:
            self.check_form(self.fields.get("csrf", ""))
            self._checked = True

    def _begin(self, filename: str) -> None:
        """A browser sends one empty file without a name when none was chosen."""
        self._check()
        self._filename = clean_name(filename)
        if not filename:
            return
        if find(self._filename):
            self.errors.append(self.say("e.file.id", self._filename))
            return
        try:
            self._upload = self.add_file.begin(self.opened, filename)
        except Refusal as refusal:
            self._refuse(refusal)

    async def _write(self, octets: bytes) -> None:
        if self._name:
            self._field += octets[: MAX_LINE - len(self._field)]
        elif self._upload is not None:
            try:
                await self._upload.write(octets)
            except Refusal as refusal:
                self._refuse(refusal)

    async def _end(self) -> None:
        if self._name:
            self.fields.setdefault(self._name, self._field.decode("utf-8", "replace"))
        elif self._upload is not None:
            upload = self._upload
            try:
                added = await upload.finish()
            except Refusal as refusal:
                self._refuse(refusal)
            else:
                self._upload = None
                self.added += 1
                self.opened = replace(self.opened, files=(*self.opened.files, added))

    def _refuse(self, refusal: Refusal) -> None:
        """This file alone is lost; the octets that still come are let pass."""
        if self._upload is not None:
            self._upload.abort()
            self._upload = None
        page = HTTP_PAGES[refusal.code]
        if not isinstance(page, Beside):
            raise refusal
        alone = refusal.code is RefusalCode.FILE_TOO_LARGE and not self.opened.files
        self.errors.append(self.say("e.file.big" if alone else page.line, self._filename))
