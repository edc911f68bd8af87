"""What is turned away before anything reads it, and what every answer carries."""

import json

import pytest
from tests.integration.api.running_server import Server


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", ""])
async def test_a_name_that_is_not_ours_is_refused(server: Server, host: str) -> None:
    answer = await server.local.get("/api/v1/cases", headers={"Host": host})
    assert answer.status_code in (400, 421)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:9", "[::1]:80"])
async def test_the_loopback_s_names_are_ours(server: Server, host: str) -> None:
    assert (await server.local.get("/health", headers={"Host": host})).status_code == 200


async def test_more_than_256_kb_is_too_much(server: Server) -> None:
    answer = await server.local.post("/api/v1/cases", content=b"x" * (256 * 1024 + 1))
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_body_that_does_not_tell_its_length_is_counted(server: Server) -> None:
    async def endless() -> object:
        for _ in range(600):
            yield b"x" * 1024

    answer = await server.local.post("/api/v1/cases", content=endless(), headers={"Content-Type": "application/json"})  # type: ignore[arg-type]  # an async iterator
    assert answer.status_code == 413


@pytest.mark.parametrize("path", ["/", "/login", "/health", "/api/v1/cases", "/docs", "/nothing/here"])
async def test_every_answer_carries_the_security_headers(server: Server, path: str) -> None:
    headers = (await server.browser.get(path)).headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"


async def test_a_write_without_the_session_s_token_is_refused(server: Server) -> None:
    await server.first_run()
    body = {"name": "here", "address": "local", "offline": True}
    assert (await server.browser.post("/api/v1/hosts", json=body)).status_code == 403
    assert (await server.browser.post("/api/v1/hosts", json=body, headers={"X-CSRF-Token": "no"})).status_code == 403
    assert (await server.browser.post("/api/v1/hosts", json=body, headers=await server.csrf())).status_code == 201


async def test_a_form_from_another_page_is_refused(server: Server) -> None:
    await server.first_run()
    headers = {**await server.csrf(), "Origin": "http://evil.example"}
    assert (await server.browser.post("/api/v1/logout", headers=headers)).status_code == 403


async def test_a_wrong_local_token_is_nobody(server: Server) -> None:
    answer = await server.browser.get("/api/v1/cases", headers={"Authorization": "Bearer guessed"})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/v1/cases", {"host": "x; rm -rf /"}),
        ("/api/v1/cases", {"host": "web", "unknown": 1}),
        ("/api/v1/cases", {"host": "web", "ticket": "x" * 200_001}),
        ("/api/v1/cases", {"host": "web", "timeout_s": -1}),
        ("/api/v1/cases", {"host": "web", "autonomy": "root"}),
        ("/api/v1/cases", []),
        ("/api/v1/hosts", {"name": "../x", "address": "local"}),
        ("/api/v1/hosts", {"name": "x", "address": ""}),
        ("/api/v1/cases/C-1/approve", {"hash": "abc"}),
        ("/api/v1/cases/C-1/approve", {}),
        ("/api/v1/cases/..%2f/comment", {"text": "x"}),
        ("/api/v1/demo", {"scenario": "a b"}),
    ],
)
async def test_bad_input_is_a_problem_never_a_crash(server: Server, path: str, body: object) -> None:
    answer = await server.local.post(path, json=body)
    assert answer.status_code in (404, 405, 422)
    assert json.loads(answer.text)["what"]


@pytest.mark.parametrize("path", ["/assets/%00", "/%00", "/" + "a" * 5000, "/assets/" + "a/" * 3000, "/%ff%fe", "/assets/%ff"])
async def test_an_address_that_is_no_name_of_a_file_is_no_crash(server: Server, path: str) -> None:
    await server.first_run()
    assert (await server.browser.get(path)).status_code in (200, 404)


async def test_broken_json_is_a_problem(server: Server) -> None:
    answer = await server.local.post("/api/v1/cases", content=b"{", headers={"Content-Type": "application/json"})
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "path", ["/../config.yaml", "/assets/../../services.py", "/%2e%2e/services.py", "/assets/%2e%2e%2f%2e%2e%2fapp.py"]
)
async def test_no_file_outside_the_console_is_given(server: Server, path: str) -> None:
    await server.first_run()
    answer = await server.browser.get(path)
    assert "import" not in answer.text
