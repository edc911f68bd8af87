"""Signing in with another service: a real provider on the loopback, and each way in which what it says must not be believed."""

import base64
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from fastapi import FastAPI
from tests.integration.api.provider import SECRET, Provider, settings_of
from tests.integration.api.running_server import TOKEN, Server

from vigie import config
from vigie.app import build
from vigie.domain.person import Role
from vigie.interfaces.api.application import create


@dataclass(frozen=True)
class Here(Server):
    """A server whose application can be looked into."""

    app: FastAPI


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider().running() as provider:
        yield provider


@pytest.fixture
async def server(tmp_path: Path, provider: Provider) -> AsyncIterator[Here]:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / "config.yaml").write_text(settings_of(provider), encoding="utf-8")
    async with build(config.load({}, home=home)) as services:
        app = create(services, local_token=TOKEN)
        way = httpx.ASGITransport(app, client=("127.0.0.1", 9))
        url, headers = "http://127.0.0.1:8440", {"Authorization": f"Bearer {TOKEN}"}
        async with (
            httpx.AsyncClient(transport=way, base_url=url, headers=headers) as local,
            httpx.AsyncClient(transport=way, base_url=url) as browser,
        ):
            yield Here(services, url, local, browser, app)


async def back_from(server: Here) -> httpx.Response:
    """Go to the provider and come back, as a browser does; return what Vigie answers then."""
    there = await server.browser.get("/login/openid")
    assert there.status_code == 303, there.text
    async with httpx.AsyncClient(trust_env=False) as outside:
        back = await outside.get(there.headers["location"])
    return await server.browser.get(back.headers["location"])


async def who(server: Here) -> dict[str, Any] | None:
    answer = await server.browser.get("/api/v1/session")
    return answer.json() if answer.status_code == 200 else None


async def test_whom_the_provider_vouches_for_is_let_in_with_the_role_of_their_group(server: Here) -> None:
    answer = await back_from(server)
    assert 'http-equiv="refresh"' in answer.text
    session = await who(server)
    assert session is not None
    assert (session["person"], session["role"]) == ("zoe.martin", "operator")
    kinds = [row.kind for row in await server.services.store.journal.read()]
    assert kinds[-2:] == ["person.joined", "person.signed_in"]


async def test_the_second_time_they_are_the_same_person_whatever_they_are_called_now(server: Here, provider: Provider) -> None:
    await back_from(server)
    provider.who |= {"preferred_username": "zoe.durand", "groups": ["boss", "ops"]}
    await back_from(server)
    people = await server.services.store.people.list()
    assert [(each.name, each.role) for each in people] == [("zoe.martin", Role.OWNER)]


async def test_nobody_becomes_a_local_person_by_calling_themselves_so(server: Here, provider: Provider) -> None:
    await server.first_run()
    server.browser.cookies.clear()
    provider.who |= {"preferred_username": "owner", "email": "owner@example.org"}
    await back_from(server)
    session = await who(server)
    assert session is not None
    assert (session["person"], session["role"]) == ("owner-2", "operator")


async def test_who_has_no_group_of_ours_is_not_let_in_and_whoever_loses_it_is_put_out(server: Here, provider: Provider) -> None:
    await back_from(server)
    kept = {"Cookie": f"vigie_session={server.browser.cookies['vigie_session']}"}
    provider.who["groups"] = ["marketing"]
    answer = await back_from(server)
    assert answer.status_code == 403
    assert "you have no rights here" in answer.text
    server.browser.cookies.clear()
    assert (await server.browser.get("/api/v1/session", headers=kept)).status_code == 401


async def test_a_new_key_of_the_provider_is_fetched(server: Here, provider: Provider) -> None:
    await back_from(server)
    provider.change_keys()
    server.app.state.openid._keys_at_s -= 60
    assert (await back_from(server)).status_code == 200


async def test_the_client_shows_its_secret(server: Here, provider: Provider, tmp_path: Path) -> None:
    provider.secret = SECRET
    assert (await back_from(server)).status_code == 502
    (tmp_path / "secret").write_text(SECRET + "\n", encoding="utf-8")
    way = server.app.state.openid
    object.__setattr__(way.provider, "secret_file", tmp_path / "secret")
    assert (await back_from(server)).status_code == 200


def forged(provider: Provider) -> Callable[[dict[str, Any]], str]:
    """Sign with a key of one's own under the name of the provider's."""
    return lambda claims: jwt.encode(claims, rsa.generate_private_key(65537, 2048), "RS256", headers={"kid": "first"})


def symmetric(provider: Provider) -> Callable[[dict[str, Any]], str]:
    """Sign with what everybody knows of the provider's key, which a library that believes the header would take for a secret."""
    spki, pem = serialization.PublicFormat.SubjectPublicKeyInfo, serialization.Encoding.PEM
    words = provider.keys["first"].public_key().public_bytes(pem, spki)

    def sign(claims: dict[str, Any]) -> str:
        head, body = (base64.urlsafe_b64encode(json.dumps(each).encode()) for each in ({"alg": "HS256", "kid": "first"}, claims))
        said = head.rstrip(b"=") + b"." + body.rstrip(b"=")
        return (said + b"." + base64.urlsafe_b64encode(hmac.digest(words, said, "sha256")).rstrip(b"=")).decode()

    return sign


LIES: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "another nonce": lambda claims: {**claims, "nonce": "seen before"},
    "no nonce": lambda claims: {name: value for name, value in claims.items() if name != "nonce"},
    "another audience": lambda claims: {**claims, "aud": "some-other-client"},
    "another client of several": lambda claims: {**claims, "aud": [claims["aud"], "other"], "azp": "other"},
    "several audiences, given to none": lambda claims: {**claims, "aud": [claims["aud"], "other"]},
    "over": lambda claims: {**claims, "iat": int(time.time()) - 900, "exp": int(time.time()) - 300},
    "not yet": lambda claims: {**claims, "nbf": int(time.time()) + 600},
    "without an end": lambda claims: {name: value for name, value in claims.items() if name != "exp"},
    "another issuer": lambda claims: {**claims, "iss": "https://elsewhere.example"},
    "nobody": lambda claims: {**claims, "sub": ""},
}
SIGNATURES: dict[str, Callable[[Provider], Callable[[dict[str, Any]], str]]] = {
    "forged": forged,
    "symmetric": symmetric,
    "none": lambda _: lambda claims: jwt.encode(claims, "", "none"),
    "cut": lambda provider: lambda claims: provider.sign(claims).rpartition(".")[0] + ".",
    "no token": lambda _: lambda _claims: "not a token",
}


async def test_no_lie_and_no_bad_signature_lets_anybody_in(server: Here, provider: Provider) -> None:
    let_in = []
    for name, bend in LIES.items():
        provider.bend = bend
        let_in += await _tried(server, name)
    provider.bend = lambda claims: claims
    for name, signed in SIGNATURES.items():
        provider.signed = signed(provider)
        let_in += await _tried(server, name)
    assert let_in == []
    assert await server.services.store.people.list() == []


async def _tried(server: Here, name: str) -> list[str]:
    server.app.state.tries._failed.clear()
    answer = await back_from(server)
    return [] if answer.status_code == 502 and await who(server) is None else [name]


async def test_a_sign_in_is_finished_once_and_only_where_it_was_begun(server: Here) -> None:
    there = await server.browser.get("/login/openid")
    async with httpx.AsyncClient(trust_env=False) as outside:
        back = (await outside.get(there.headers["location"])).headers["location"]
    other = httpx.ASGITransport(server.app, client=("127.0.0.1", 10))
    async with httpx.AsyncClient(transport=other, base_url=server.url) as another:
        assert (await another.get(back)).status_code == 400, "in another browser"
    server.app.state.tries._failed.clear()
    assert (await server.browser.get(back)).status_code == 400, "the other browser used it up"
    assert (await server.browser.get("/login/openid/back?state=made-up&code=x")).status_code == 400
    assert await who(server) is None


async def test_a_provider_that_is_gone_is_told_and_the_password_still_opens(server: Here, provider: Provider) -> None:
    await server.first_run()
    server.browser.cookies.clear()
    provider._server.socket.close()
    answer = await server.browser.get("/login/openid", headers={"Accept-Language": "fr"})
    assert answer.status_code == 503
    assert "Example ID ne répond pas" in answer.text
    assert 'id="password"' in answer.text


async def test_somebody_of_elsewhere_gets_no_password_here(server: Here) -> None:
    await back_from(server)
    answer = await server.local.post("/api/v1/people/zoe.martin/invite")
    assert answer.status_code == 409, answer.text
    assert answer.json()["code"] == "person.elsewhere"
    listed = (await server.local.get("/api/v1/people")).json()["people"]
    assert [(each["elsewhere"], each["invited"]) for each in listed] == [(True, False)]
