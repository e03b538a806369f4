"""Style sheets, modules and the icon: from one folder, compressed when the browser takes it."""

from __future__ import annotations

from dataclasses import dataclass
from mimetypes import guess_type
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response

_FOR_EVER = "public, max-age=31536000, immutable"
_A_DAY = "public, max-age=86400"
_MODULE = "text/javascript"


@dataclass(frozen=True, slots=True)
class StaticFiles:
    """`GET /static/{path}`; names in `build/` change with their content."""

    folder: Path | None

    async def get(self, request: Request) -> Response:
        file = self._file(request.path_params["path"])
        if file is None:
            raise HTTPException(404)
        kind = _MODULE if file.suffix == ".mjs" else guess_type(file.name)[0]
        built = file.parent.name == "build"
        headers = {"Cache-Control": _FOR_EVER if built else _A_DAY, "Vary": "Accept-Encoding"}
        packed = file.with_name(file.name + ".gz")
        if "gzip" in request.headers.get("accept-encoding", "") and packed.is_file():
            headers["Content-Encoding"] = "gzip"
            return FileResponse(packed, media_type=kind, headers=headers)
        return FileResponse(file, media_type=kind, headers=headers)

    def _file(self, path: str) -> Path | None:
        """A file below the folder, never outside it, never a hidden one or the `.gz` itself."""
        if self.folder is None or any(part.startswith(".") for part in path.split("/")):
            return None
        root = self.folder.resolve()
        file = (root / path).resolve()
        inside = file.is_relative_to(root) and file.is_file()
        return file if inside and file.suffix in {".css", ".mjs", ".svg"} else None
