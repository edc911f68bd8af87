"""The way in: a one-time token, then a password; pages without JavaScript."""

import pytest
from tests.integration.api.running_server import PASSWORD, Server


async def test_without_a_session_a_browser_is_shown_the_way_in(server: Server) -> None:
    answer = await server.browser.get("/", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")


async def test_without_a_session_the_api_says_so(server: Server) -> None:
    answer = await server.browser.get("/api/v1/cases", headers={"Accept-Language": "fr"})
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["what"] == "Vous n’êtes pas connecté."
    assert {"type", "title", "status", "detail", "code", "what", "why", "next"} <= set(answer.json())


async def test_showing_the_page_twenty_times_does_not_use_the_token_up(server: Server) -> None:
    token = await server.services.store.people.new_login_token(60)
    for _ in range(20):
        assert (await server.browser.get(f"/login?token={token}")).status_code == 200
    form = {"token": token, "password": PASSWORD, "again": PASSWORD}
    assert (await server.browser.post("/login", data=form)).status_code == 303


async def test_the_first_run_chooses_a_password_and_signs_in(server: Server) -> None:
    await server.first_run("fr")
    session = (await server.browser.get("/api/v1/session")).json()
    assert (session["person"], session["language"]) == ("owner", "fr")
    cookie = server.browser.cookies.jar
    assert all(each.has_nonstandard_attr("HttpOnly") for each in cookie)


async def test_the_token_opens_once_only(server: Server) -> None:
    token = await server.services.store.people.new_login_token(60)
    form = {"token": token, "password": PASSWORD, "again": PASSWORD}
    await server.browser.post("/login", data=form)
    server.browser.cookies.clear()
    assert (await server.browser.post("/login", data=form)).status_code == 401


async def test_afterwards_the_password_opens(server: Server) -> None:
    await server.first_run()
    server.browser.cookies.clear()
    assert (await server.browser.post("/login", data={"password": "something else"})).status_code == 401
    assert (await server.browser.post("/login", data={"password": PASSWORD})).status_code == 303
    assert (await server.browser.get("/api/v1/session")).status_code == 200


async def test_a_new_token_opens_without_the_password(server: Server) -> None:
    await server.first_run()
    server.browser.cookies.clear()
    token = await server.services.store.people.new_login_token(60)
    assert (await server.browser.post("/login", data={"token": token})).status_code == 303


@pytest.mark.parametrize(("password", "again"), [("short", "short"), (PASSWORD, PASSWORD + "!")])
async def test_a_bad_new_password_keeps_the_token(server: Server, password: str, again: str) -> None:
    token = await server.services.store.people.new_login_token(60)
    refused = await server.browser.post("/login", data={"token": token, "password": password, "again": again})
    assert refused.status_code == 400
    assert 'role="alert"' in refused.text
    await server.browser.post("/login", data={"token": token, "password": PASSWORD, "again": PASSWORD})
    assert (await server.browser.get("/api/v1/session")).status_code == 200


async def test_five_wrong_passwords_make_one_wait(server: Server) -> None:
    await server.first_run()
    server.browser.cookies.clear()
    for _ in range(5):
        assert (await server.browser.post("/login", data={"password": "wrong wrong wrong"})).status_code == 401
    assert (await server.browser.post("/login", data={"password": PASSWORD})).status_code == 429


async def test_signing_out_ends_the_session(server: Server) -> None:
    await server.first_run()
    kept = {"Cookie": f"vigie_session={server.browser.cookies['vigie_session']}"}
    answer = await server.browser.post("/api/v1/logout", headers=await server.csrf())
    assert answer.status_code == 204
    assert (await server.browser.get("/api/v1/session", headers=kept)).status_code == 401


async def test_the_pages_speak_the_browser_s_language_and_load_nothing_from_elsewhere(server: Server) -> None:
    page = await server.browser.get("/login", headers={"Accept-Language": "fr"})
    assert '<html lang="fr">' in page.text
    assert "http" not in page.text.replace("http-equiv", "")
    assert (await server.browser.get("/plain/style.css")).headers["content-type"].startswith("text/css")


async def test_the_database_does_not_hold_the_password(server: Server) -> None:
    await server.first_run()
    owner = await server.services.store.people.get("owner")
    assert owner is not None
    assert owner.password_hash.startswith("$argon2id$")
