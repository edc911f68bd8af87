"""Errors as RFC 9457 problems in the reader's language; as a plain page for a browser."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from vigie import i18n
from vigie.domain.errors import VigieError
from vigie.i18n import Language
from vigie.interfaces.api import pages
from vigie.interfaces.api.language import language_of
from vigie.interfaces.told import Told, http_status, told

logger = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
_KNOWN = {400, 401, 403, 404, 405, 409, 413, 415, 421, 422, 429, 500, 503}


class Turned(VigieError):
    """The request is turned away with a status of its own; `key` is one of `api.errors`."""

    def __init__(self, status: int, key: str, /, **values: object) -> None:
        super().__init__(key, **values)
        self.status = status


def install(app: FastAPI) -> None:
    """Make every error of the application a problem."""
    app.add_exception_handler(
        VigieError, _of(lambda error, language: (_status(error), told(_as_vigie(error), language), _more(error)))
    )
    app.add_exception_handler(RequestValidationError, _of(_invalid))
    app.add_exception_handler(HTTPException, _of(_http))
    app.add_exception_handler(Exception, _of(_bug))


def problem(status: int, words: Told, **more: Any) -> JSONResponse:
    """Return a problem as the API answers it."""
    body = {
        "type": f"urn:vigie:problem:{words.code}",
        "title": words.what,
        "status": status,
        "detail": f"{words.why} {words.next}".strip(),
        **words.document(),
        **more,
    }
    return JSONResponse(body, status_code=status, media_type=MEDIA_TYPE)


def words_of(status: int, language: Language) -> Told:
    """Return the words for a bare HTTP status."""
    name = f"http_{status if status in _KNOWN else 500}"
    parts = (i18n.text(language, f"api.errors.{name}.{part}") for part in ("what", "why", "next"))
    return Told(f"api.{name}", *parts)


Answered = tuple[int, Told, dict[str, Any]]


def _of(answer: Callable[[Exception, Language], Answered]) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def handle(request: Request, error: Exception) -> Response:
        language = language_of(request)
        status, words, more = answer(error, language)
        if pages.wants_page(request):
            return pages.error_page(request, status, words, language)
        return problem(status, words, **more)

    return handle


def _as_vigie(error: Exception) -> VigieError:
    assert isinstance(error, VigieError)
    return error


def _status(error: Exception) -> int:
    return error.status if isinstance(error, Turned) else http_status(_as_vigie(error))


def _more(error: Exception) -> dict[str, Any]:
    """Return what a program needs to go on: the key that a person must approve."""
    found = _as_vigie(error)
    is_about_key = found.key in ("host.key_unknown", "host.key_changed") and "fingerprint" in found.values
    return {"fingerprint": found.values["fingerprint"]} if is_about_key else {}


def _invalid(error: Exception, language: Language) -> Answered:
    assert isinstance(error, RequestValidationError)
    faults = [{"where": ".".join(str(part) for part in each["loc"][1:]), "problem": each["msg"]} for each in error.errors()[:20]]
    return 422, words_of(422, language), {"faults": faults}


def _http(error: Exception, language: Language) -> Answered:
    assert isinstance(error, HTTPException)
    return error.status_code, words_of(error.status_code, language), {}


def _bug(error: Exception, language: Language) -> Answered:
    logger.error("request crashed", exc_info=error)
    return 500, words_of(500, language), {}
