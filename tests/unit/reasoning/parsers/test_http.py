"""A page's own JSON is not mistaken for our answer."""

from datetime import UTC, datetime

import pytest

from vigie.domain.fact import Value
from vigie.reasoning.parsers.http import Http
from vigie.reasoning.parsers.parser import Output

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
URL = "http://127.0.0.1:8000/"


def answer(text: str, rc: int = 0) -> dict[str, Value]:
    (first, *_) = Http().parse(Output(text, NOW, rc=rc, slots={"url": URL}))
    assert isinstance(first.value, dict)
    return first.value


@pytest.mark.parametrize("body", ['{"error": "not found"}', '{"status": 200, "seconds": 9}', "<h1>gone</h1>"])
def test_the_status_is_the_one_that_curl_tells(body: str) -> None:
    said = answer(f"{body}\nvigie 404 0.0071 \n")
    assert (said["status"], said["body"], said["error"]) == (404, body, None)


def test_the_scripts_own_row_is_read() -> None:
    said = answer(f'{{"status": 0, "body": "", "error": "refused", "location": null, "seconds": 0.01, "url": "{URL}"}}\n')
    assert (said["status"], said["error"]) == (0, "refused")
