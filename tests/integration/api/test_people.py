"""Several people: invited, signed in with two factors, locked out, signed in from programs."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from tests.integration.api.running_server import PASSWORD, Server, client_of

from vigie.interfaces.api.access import _key

HERS = "un autre mot de passe"


async def write(server: Server, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
    return await server.browser.request(method, path, json=body, headers=await server.csrf())


async def invited(server: Server, name: str = "ann", role: str = "operator", hosts: tuple[str, ...] = ()) -> str:
    answer = await write(server, "POST", "/api/v1/people", {"name": name, "role": role, "hosts": list(hosts)})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["invitation"]).partition("token=")[2]


@asynccontextmanager
async def someone(server: Server, name: str = "ann", role: str = "operator") -> AsyncIterator[httpx.AsyncClient]:
    """Give the browser of somebody who was invited and has chosen a password."""
    token = await invited(server, name, role)
    async with client_of(server.url) as browser:
        answer = await browser.post("/login", data={"token": token, "password": HERS, "again": HERS})
        assert answer.status_code == 303, answer.text
        yield browser


async def test_somebody_invited_chooses_a_password_and_does_what_they_may(server: Server) -> None:
    await server.first_run()
    async with someone(server) as hers:
        session = (await hers.get("/api/v1/session")).json()
        assert (session["person"], session["role"]) == ("ann", "operator")
        assert (await hers.get("/api/v1/people")).status_code == 403
        hers.cookies.clear()
        page = await hers.get("/login")
        assert 'name="username"' in page.text
        assert (await hers.post("/login", data={"username": "ann", "password": PASSWORD})).status_code == 401
        assert (await hers.post("/login", data={"username": "ann", "password": HERS})).status_code == 303


async def test_an_invitation_is_good_once(server: Server) -> None:
    await server.first_run()
    token = await invited(server)
    form = {"token": token, "password": HERS, "again": HERS}
    async with client_of(server.url) as hers:
        assert (await hers.post("/login", data=form)).status_code == 303
        hers.cookies.clear()
        assert (await hers.post("/login", data=form)).status_code == 401


async def test_nobody_makes_somebody_who_may_do_more(server: Server) -> None:
    await server.first_run()
    async with someone(server, role="admin") as hers:
        csrf = {"X-CSRF-Token": (await hers.get("/api/v1/session")).json()["csrf"]}
        new = await hers.post("/api/v1/people", json={"name": "bob", "role": "owner"}, headers=csrf)
        assert (new.status_code, new.json()["code"]) == (403, "person.above")
        for path in ("/api/v1/people/owner", "/api/v1/people/owner/invite"):
            assert (await hers.post(path, json={"blocked": True}, headers=csrf)).status_code == 403
        assert (await hers.delete("/api/v1/people/owner", headers=csrf)).status_code == 403
        risen = await hers.post("/api/v1/people/ann", json={"role": "owner"}, headers=csrf)
        assert risen.status_code == 403


async def test_the_last_owner_stays(server: Server) -> None:
    await server.first_run()
    for body in ({"role": "viewer"}, {"blocked": True}, {"hosts": ["web1"]}):
        answer = await write(server, "POST", "/api/v1/people/owner", body)
        assert (answer.status_code, answer.json()["code"]) == (403, "person.last_owner")
    assert (await write(server, "DELETE", "/api/v1/people/owner")).status_code == 403


async def test_who_is_blocked_or_removed_is_out_at_once(server: Server) -> None:
    await server.first_run()
    async with someone(server) as ann, someone(server, "bob") as bob:
        assert (await write(server, "POST", "/api/v1/people/ann", {"blocked": True})).status_code == 200
        assert (await write(server, "DELETE", "/api/v1/people/bob")).status_code == 204
        assert [(await each.get("/api/v1/session")).status_code for each in (ann, bob)] == [401, 401]
        assert (await ann.post("/login", data={"username": "ann", "password": HERS})).status_code == 401
    kinds = [row.kind for row in await server.services.store.journal.read(limit=500)]
    assert {"person.invited", "person.signed_in", "person.changed", "person.removed"} <= set(kinds)


async def test_one_name_tried_from_anywhere_must_wait(server: Server) -> None:
    await server.first_run()
    for _ in range(5):
        body = {"name": "owner", "password": "wrong wrong wrong"}
        assert (await server.browser.post("/api/v1/access", json=body)).status_code == 401
    server.browser.cookies.clear()
    assert (await server.browser.post("/api/v1/access", json={"name": "owner", "password": PASSWORD})).status_code == 429


def code_at(key: str, at: datetime) -> str:
    return TOTP(base64.b32decode(key), 6, SHA1(), 30).generate(int(at.timestamp())).decode()


async def test_a_second_factor_is_asked_for_and_each_code_is_good_once(server: Server) -> None:
    await server.first_run()
    begun = (await write(server, "POST", "/api/v1/me/second-factor")).json()
    assert begun["uri"].startswith("otpauth://totp/")
    now = server.services.clock.now()
    wrong = "000000" if code_at(begun["key"], now) != "000000" else "111111"
    assert (await write(server, "POST", "/api/v1/me/second-factor/confirm", {"code": wrong})).status_code == 422
    used = code_at(begun["key"], now)
    assert (await write(server, "POST", "/api/v1/me/second-factor/confirm", {"code": used})).status_code == 204
    csrf = await server.csrf()
    server.browser.cookies.clear()
    assert 'name="code"' in (await server.browser.get("/login")).text
    assert (await server.browser.post("/login", data={"password": PASSWORD})).status_code == 401
    again = await server.browser.post("/login", data={"password": PASSWORD, "code": used})
    assert again.status_code == 401, "a code that was used is used up"
    fresh = code_at(begun["key"], now + timedelta(seconds=30))
    assert (await server.browser.post("/login", data={"password": PASSWORD, "code": fresh})).status_code == 303
    assert csrf != await server.csrf()


async def test_a_person_sees_where_they_are_signed_in_and_ends_what_they_do_not_know(server: Server) -> None:
    await server.first_run()
    async with client_of(server.url, headers={"User-Agent": "Elsewhere"}) as other:
        assert (await other.post("/login", data={"password": PASSWORD})).status_code == 303
        sessions = (await server.browser.get("/api/v1/me/sessions")).json()["sessions"]
        assert [(each["device"], each["this"]) for each in sessions if not each["this"]] == [("Elsewhere", False)]
        [strange] = [each["id"] for each in sessions if not each["this"]]
        async with someone(server) as hers:
            csrf = {"X-CSRF-Token": (await hers.get("/api/v1/session")).json()["csrf"]}
            assert (await hers.delete(f"/api/v1/me/sessions/{strange}", headers=csrf)).status_code == 404
        assert (await write(server, "DELETE", f"/api/v1/me/sessions/{strange}")).status_code == 204
        assert (await other.get("/api/v1/session")).status_code == 401
    assert (await server.browser.get("/api/v1/session")).status_code == 200


async def test_a_program_signs_in_and_its_refresh_token_is_good_once(server: Server) -> None:
    await server.first_run()
    async with client_of(server.url) as program:
        first = (await program.post("/api/v1/access", json={"name": "owner", "password": PASSWORD})).json()
        bearer = {"Authorization": f"Bearer {first['access']}"}
        assert (await program.get("/api/v1/session", headers=bearer)).json()["role"] == "owner"
        second = (await program.post("/api/v1/access/refresh", json={"refresh": first["refresh"]})).json()
        assert (await program.get("/api/v1/hosts", headers={"Authorization": f"Bearer {second['access']}"})).status_code == 200
        stolen = await program.post("/api/v1/access/refresh", json={"refresh": first["refresh"]})
        assert stolen.status_code == 401
        for each in (first, second):
            headers = {"Authorization": f"Bearer {each['access']}"}
            assert (await program.get("/api/v1/hosts", headers=headers)).status_code == 401, "the whole sign-in has ended"


async def test_an_ended_sign_in_opens_nothing(server: Server) -> None:
    await server.first_run()
    async with client_of(server.url) as program:
        got = (await program.post("/api/v1/access", json={"name": "owner", "password": PASSWORD})).json()
        bearer = {"Authorization": f"Bearer {got['access']}"}
        assert (await program.post("/api/v1/access/end", headers=bearer)).status_code == 204
        assert (await program.get("/api/v1/hosts", headers=bearer)).status_code == 401
        assert (await program.post("/api/v1/access/refresh", json={"refresh": got["refresh"]})).status_code == 401


@pytest.mark.parametrize("change", ["algorithm", "key", "audience", "expired"])
async def test_a_forged_access_token_opens_nothing(server: Server, change: str) -> None:
    await server.first_run()
    family = (await server.services.store.tokens.begin("owner", 600)).family
    now = int(server.services.clock.now().timestamp())
    claims = {"iss": "vigie", "aud": "default", "sub": "owner", "fam": family, "iat": now, "exp": now + 600}
    key = await _key(server.services)
    if change == "audience":
        claims["aud"] = "other"
    if change == "expired":
        claims["exp"] = now - 1
    if change == "algorithm":
        token = jwt.encode(claims, "", "none")
    else:
        token = jwt.encode(claims, b"x" * 32 if change == "key" else key, "HS256")
    server.browser.cookies.clear()
    assert (await server.browser.get("/api/v1/hosts", headers={"Authorization": f"Bearer {token}"})).status_code == 401


async def test_a_token_for_a_program_is_shown_once_and_taken_back(server: Server) -> None:
    await server.first_run()
    made = (await write(server, "POST", "/api/v1/me/tokens", {"purpose": "a dashboard", "role": "viewer"})).json()
    bearer = {"Authorization": f"Bearer {made['text']}"}
    async with client_of(server.url, headers=bearer) as program:
        assert (await program.get("/api/v1/cases")).status_code == 200
        mine = (await server.browser.get("/api/v1/me")).json()
        assert [each["purpose"] for each in mine["tokens"]] == ["a dashboard"]
        assert made["text"] not in str(mine)
        assert (await write(server, "DELETE", f"/api/v1/me/tokens/{made['token']['id']}")).status_code == 204
        assert (await program.get("/api/v1/cases")).status_code == 401


async def test_a_new_password_ends_the_other_sign_ins(server: Server) -> None:
    await server.first_run()
    async with client_of(server.url) as other:
        assert (await other.post("/login", data={"password": PASSWORD})).status_code == 303
        wrong = await write(server, "POST", "/api/v1/me/password", {"old": "not this one", "new": HERS})
        assert (wrong.status_code, wrong.json()["code"]) == (422, "person.wrong_password")
        assert (await write(server, "POST", "/api/v1/me/password", {"old": PASSWORD, "new": HERS})).status_code == 204
        assert (await other.get("/api/v1/session")).status_code == 401
        assert (await server.browser.get("/api/v1/session")).status_code == 200
