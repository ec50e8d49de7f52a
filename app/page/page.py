"""Serves the page: a few files, which are kept in memory and compressed once."""

import gzip
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from app.setting_types.manifest import read_manifest

FILES = Path(__file__).parent / "files"
"""What Vite has built; page/licenses.md in there names whose work is in it."""

_DOCUMENTS = Path(__file__).with_name("documents.json")
_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".md": "text/markdown; charset=utf-8",
    ".svg": "image/svg+xml",
}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self'{images}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types tidings"
)
_COMMON = {"x-content-type-options": "nosniff", "vary": "Accept-Encoding"}
_OF_PAGE = {
    **_COMMON,
    "cache-control": "no-cache",
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "no-referrer",
}
_OF_FILES = {**_COMMON, "cache-control": "public, max-age=31536000, immutable"}
"""A file that changes gets another name."""
_OF_ICON = {**_COMMON, "cache-control": "public, max-age=3600"}

_NO_IMAGES = b'name="tidings-images" content="off"'
_IMAGES = b'name="tidings-images" content="on"'


@cache
def page_documents() -> Mapping[str, str]:
    """What the page asks, by hash: it works where only trusted documents are executed."""
    return read_manifest(_DOCUMENTS)


@cache
def page_routes(*, has_images: bool) -> Sequence[BaseRoute]:
    """The page at `/`, and the files that it loads; read and compressed once.

    With `has_images` it may load pictures from instances, which then learn who looks.
    """
    html = (FILES / "index.html").read_bytes()
    if has_images:
        html = html.replace(_NO_IMAGES, _IMAGES)
    policy = _POLICY.format(images=" https:" if has_images else "")
    headers = {**_OF_PAGE, "content-security-policy": policy}
    return [
        _serve("/", html, "text/html; charset=utf-8", headers),
        _serve_file("icon.svg", _OF_ICON),
        *(_serve_file(f"page/{each.name}", _OF_FILES) for each in (FILES / "page").iterdir()),
    ]


def _serve_file(name: str, headers: Mapping[str, str]) -> Route:
    path = FILES / name
    return _serve(f"/{name}", path.read_bytes(), _MEDIA_TYPES[path.suffix], headers)


def _serve(address: str, content: bytes, media_type: str, headers: Mapping[str, str]) -> Route:
    compressed = gzip.compress(content, mtime=0)

    async def serve(request: Request) -> Response:
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return Response(content, headers=headers, media_type=media_type)
        coded = {**headers, "content-encoding": "gzip"}
        return Response(compressed, headers=coded, media_type=media_type)

    return Route(address, serve)
