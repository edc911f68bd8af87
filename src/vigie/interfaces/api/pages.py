"""Pages made on the server, in both languages, that work without JavaScript."""

from functools import cache
from typing import TYPE_CHECKING, Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from vigie import i18n
from vigie.i18n import Language
from vigie.interfaces.told import Told

if TYPE_CHECKING:
    from jinja2 import Environment


def wants_page(request: Request) -> bool:
    """Say whether a person's browser asks for a page."""
    accepts = request.headers.get("accept", "")
    return "text/html" in accepts and not request.url.path.startswith("/api/")


def page(name: str, language: Language, status: int = 200, /, **values: Any) -> HTMLResponse:
    """Return a page."""

    def say(key: str, /, **slots: object) -> str:
        return i18n.text(language, f"api.pages.{key}", **slots)

    def word(name: object) -> str:
        return i18n.text(language, f"cli.words.{name}") if i18n.has(f"cli.words.{name}") else str(name)

    html = _environment().get_template(f"{name}.html").render(language=language, say=say, word=word, **values)
    return HTMLResponse(html, status_code=status)


def error_page(request: Request, status: int, words: Told, language: Language) -> HTMLResponse:
    """Return an error as a page."""
    return page("error", language, status, status=status, words=words, path=request.url.path)


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("vigie.interfaces.api", "page_templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
