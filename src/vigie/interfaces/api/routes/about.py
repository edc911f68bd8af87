"""How the server itself is: health, metrics, the description of the API."""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse

from vigie import __version__
from vigie.domain.errors import VigieError
from vigie.interfaces.api.doors import Given
from vigie.interfaces.api.language import language_of
from vigie.interfaces.api.metrics import MEDIA_TYPE, Metrics
from vigie.interfaces.api.pages import page

router = APIRouter(tags=["about"])


@router.get("/health")
async def health(request: Request, services: Given) -> JSONResponse:
    """Say whether the server can do its work."""
    try:
        await services.store.cases.list(limit=1)
        journal: int | None = request.app.state.feed.position
    except VigieError as error:
        return JSONResponse({"ok": False, "database": error.key, "journal": None, "version": __version__}, status_code=503)
    return JSONResponse({"ok": True, "database": "ok", "journal": journal, "version": __version__})


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Give the figures that Prometheus collects."""
    figures: Metrics = request.app.state.metrics
    return Response(await figures.text(), media_type=MEDIA_TYPE)


@router.get("/docs", response_class=HTMLResponse, include_in_schema=False)
async def docs(request: Request) -> HTMLResponse:
    """Show the API's description; everything on the page comes from here."""
    description: dict[str, Any] = request.app.openapi()
    operations = [
        {"method": method.upper(), "path": path, **operation}
        for path, methods in sorted(description["paths"].items())
        for method, operation in methods.items()
    ]
    return page(
        "docs", language_of(request), operations=operations, version=__version__, schemas=description["components"]["schemas"]
    )
