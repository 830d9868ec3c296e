"""The web console: its built files, and one page for every address that is none of the API's."""

import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

from protocol.errors import ApiError, ErrorCode

FOLDER = Path(__file__).parent / "console"
NONCE = "__CSP_NONCE__"
"""Stands in index.html where each answer gets a nonce of its own."""

WORKERS = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; frame-ancestors 'none'; base-uri 'none'"
"""The Content-Security-Policy of built files: a worker loads scripts of this origin, and nothing else."""

NOT_BUILT = (
    "<!doctype html><meta charset=utf-8><title>YMERA</title>"
    "<h1>YMERA runs</h1><p>Its web console is not built: run <code>make console</code>.</p>"
)
_RESERVED = ("/api/", "/socket.io/", "/health/", "/.well-known/", "/assets/")


def policy(nonce: str, files_url: str | None = None) -> str:
    """The Content-Security-Policy of the console's page; it shows files from `files_url`, if there is one.

    The cryptography of encrypted rooms is WebAssembly, in a worker of this origin. `wasm-unsafe-eval` allows
    to compile that, and no script.
    """
    files = f"'self' {files_url}" if files_url else "'self'"
    return (
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; "
        f"style-src 'self' 'nonce-{nonce}'; img-src {files} data: blob:; media-src {files}; "
        "font-src 'self'; connect-src 'self' ws: wss:; worker-src 'self'; object-src 'none'; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    )


async def keep(request: web.Request, response: web.StreamResponse) -> None:
    """Let browsers keep built files: their names change with their content."""
    if request.path.startswith("/assets/") and response.status in {200, 206, 304}:
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        # A worker has the policy that its script comes with.
        response.headers["Content-Security-Policy"] = WORKERS


class Pages:
    """Serves the console from a folder, read again when the page was built anew."""

    def __init__(self, folder: Path = FOLDER, files_url: str | None = None) -> None:
        self._folder = folder
        self._files_url = files_url
        self._page = ""
        self._modified = -1

    def add_routes(self, app: web.Application) -> None:
        """Serve built files under /assets/ for good, and the page everywhere else."""
        assets = self._folder / "assets"
        if assets.is_dir():
            app.router.add_static("/assets/", assets, append_version=False)
            app.on_response_prepare.append(keep)
        for name in ("favicon.svg", "favicon.ico", "robots.txt"):
            if (self._folder / name).is_file():
                app.router.add_get(f"/{name}", self._file(name))
        app.router.add_get("/{path:.*}", self.page)

    async def page(self, request: web.Request) -> web.Response:
        """The console's page, whichever of its addresses was asked for."""
        if request.path.startswith(_RESERVED):
            raise ApiError(ErrorCode.NOT_FOUND, f"There is nothing at {request.path[:200]}.")
        nonce = secrets.token_urlsafe(18)
        return web.Response(
            text=self._html().replace(NONCE, nonce),
            content_type="text/html",
            headers={"Content-Security-Policy": policy(nonce, self._files_url), "Cache-Control": "no-cache"},
        )

    def _html(self) -> str:
        index = self._folder / "index.html"
        if not index.is_file():
            return NOT_BUILT
        modified = index.stat().st_mtime_ns
        if modified != self._modified:
            self._page, self._modified = index.read_text(encoding="utf-8"), modified
        return self._page

    def _file(self, name: str) -> Callable[[web.Request], Awaitable[web.FileResponse]]:
        async def serve(_: web.Request) -> web.FileResponse:
            return web.FileResponse(self._folder / name)

        return serve
