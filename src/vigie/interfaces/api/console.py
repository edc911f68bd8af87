"""The built console: its files as they are, its page for every address that it draws itself."""

from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, RedirectResponse
from starlette.exceptions import HTTPException

from vigie.interfaces.api.doors import Given, caller_of
from vigie.interfaces.api.routes.plain import cases_page

FOLDER = Path(__file__).parents[1] / "console"
_STYLE = Path(__file__).parent / "page_templates" / "style.css"
_OURS = ("api/", "assets/", "plain/", "login", "docs", "health", "metrics", "openapi.json")


class Console:
    """What was built into the package."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder.resolve()

    @property
    def is_built(self) -> bool:
        """Say whether there is a console to serve."""
        return (self._folder / "index.html").is_file()

    def file(self, path: str) -> Path | None:
        """Return a built file; None when there is none of that name, or the name leads elsewhere."""
        try:
            found = (self._folder / path).resolve()
            return found if found.is_file() and found.is_relative_to(self._folder) else None
        except (OSError, ValueError):  # too long for a name, or with a zero byte in it
            return None

    def index(self) -> Path:
        """Return the page that draws everything."""
        return self._folder / "index.html"


router = APIRouter(include_in_schema=False)


@router.get("/plain/style.css")
async def style() -> Response:
    """Give the look of the plain pages."""
    return FileResponse(_STYLE, media_type="text/css", headers={"Cache-Control": "public, max-age=300"})


@router.get("/{path:path}")
async def anything(request: Request, services: Given, path: str) -> Response:
    """Give a file of the console, or the page that draws this address."""
    console: Console = request.app.state.console
    if path and (found := console.file(path)):
        return FileResponse(found)
    if path.startswith(_OURS) or "." in path.rpartition("/")[2]:
        raise HTTPException(404)
    caller = await caller_of(request)
    if caller is None:
        return RedirectResponse("/login", status_code=303)
    if console.is_built:
        return FileResponse(console.index(), headers={"Cache-Control": "no-cache"})
    return await cases_page(request, services, caller)
