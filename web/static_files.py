"""Stylesheets and scripts: at addresses that change with what they hold, so that browsers keep them."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from fastapi import APIRouter, Response
from starlette.exceptions import HTTPException

router = APIRouter(include_in_schema=False)

_KINDS = {".css": "text/css", ".js": "text/javascript"}
_FILES: Mapping[str, tuple[bytes, str]] = {
    file.name: (file.read_bytes(), _KINDS[file.suffix])
    for file in (Path(__file__).parent / "static").iterdir()
}
_FOR_GOOD = {"Cache-Control": "public, max-age=31536000, immutable"}


@router.get("/static/{name}")
async def static_file(name: str) -> Response:
    """One of them."""
    if name not in _FILES:
        raise HTTPException(404)
    content, kind = _FILES[name]
    return Response(content, headers=_FOR_GOOD, media_type=kind)


def address_of(name: str) -> str:
    """Its path, with what it holds in short."""
    return f"/static/{name}?{sha256(_FILES[name][0]).hexdigest()[:12]}"
