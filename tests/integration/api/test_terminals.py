"""Terminals in the browser: real shells, in this machine and over a real sshd; who may, what is kept, how they end."""

import asyncio
import itertools
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.integration.api.running_server import TOKEN, Server
from tests.integration.api.test_rights import token_for
from tests.integration.api.web_socket import Refused, WebSocket
from tests.integration.tools.sshd_server import Sshd, sshd, start_sshd

from vigie.domain.host import Autonomy, Host
from vigie.domain.person import Role

__all__ = ["sshd", "start_sshd"]
LOCAL = {"Authorization": f"Bearer {TOKEN}"}
SHELL = "exec:env PS1=:: sh"


async def host(server: Server, name: str = "web", address: str = "exec:env", **more: Any) -> Host:
    made = Host(name, address, **{"terminal": True, **more})
    await server.services.store.hosts.save(made)
    return made


async def opened(server: Server, name: str = "web", headers: dict[str, str] | None = None, size: str = "") -> WebSocket:
    return await WebSocket.open(server.url, f"/api/v1/hosts/{name}/terminal{size}", LOCAL if headers is None else headers)


async def test_what_is_typed_runs_and_what_is_shown_is_kept_and_replayed(server: Server) -> None:
    await host(server)
    socket = await opened(server, size="?columns=100&rows=30")
    await socket.type("stty size; tty && echo on=a=$((40+2))\n")
    await socket.until(b"on=a=42")
    assert b"30 100" in socket.shown
    await socket.say(type="size", columns=77, rows=11)
    await socket.say(type="nothing of ours", columns="x")
    await socket.type("stty size; printf 'b\\377\\303\\251\\n'; exit 7\n")
    ended = await socket.end()
    assert b"11 77" in socket.shown
    assert b"b\xff\xc3\xa9" in socket.shown
    assert ended == {"type": "ended", "reason": "The shell ended.", "code": 7}

    started = socket.told[0]
    (told,) = (await server.local.get("/api/v1/terminals")).json()["terminals"]
    assert (told["id"], told["host"], told["person"], told["running"]) == (started["session"], "web", "owner", False)
    assert told["bytes"] == len(socket.shown)
    answer = await server.local.get(f"/api/v1/terminals/{told['id']}/recording")
    head, *events = [json.loads(line) for line in answer.text.splitlines()]
    assert (head["version"], head["width"], head["height"]) == (2, 100, 30)
    shown = "".join(data for _, kind, data in events if kind == "o")
    assert "on=a=42" in shown
    assert "b\ufffdé" in shown
    assert [data for _, kind, data in events if kind == "r"] == ["77x11"]
    assert all(later[0] >= sooner[0] for sooner, later in itertools.pairwise(events))
    kinds = [row.kind for row in await server.services.store.journal.read() if row.kind.startswith("terminal.")]
    assert kinds == ["terminal.opened", "terminal.ended"]
    assert b"on=a=42" not in b"".join(file.read_bytes() for file in server.services.settings.home.rglob("*") if file.is_file())


async def test_over_ssh_it_is_the_login_shell_and_hanging_up_ends_it(server: Server, sshd: Sshd) -> None:
    made = replace(sshd.host(), terminal=True)
    await server.services.store.hosts.save(made)
    socket = await opened(server)
    await socket.type("tty; echo ready-$((1+1)); sleep 4711\n")
    await socket.until(b"ready-2")
    assert b"/dev/pts/" in socket.shown
    await until(lambda: runs("4711"))
    await socket.leave()
    await until(lambda: not runs("4711"))
    await until(lambda: server.services.gate.terminals.running(socket.told[0]["session"]) is None)


async def until(holds: Callable[[], bool]) -> None:
    for _ in range(100):
        if holds():
            return
        await asyncio.sleep(0.1)
    pytest.fail("it did not come to that")


def runs(word: str) -> bool:
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if path.read_bytes() == f"sleep\0{word}\0".encode():
                return True
        except OSError:
            continue
    return False


async def test_an_administrator_ends_it_and_a_host_that_no_longer_allows_it_does_too(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vigie.policy.terminals._TURN_S", 0.05)
    await host(server)
    socket = await opened(server)
    await socket.type("echo begun-$((1+1))\n")
    await socket.until(b"begun-2")
    told = (await server.local.get("/api/v1/terminals")).json()["terminals"][0]
    assert told["running"]
    assert b"begun-2" in (await server.local.get(f"/api/v1/terminals/{told['id']}/recording")).content
    assert (await server.local.post(f"/api/v1/terminals/{told['id']}/stop")).status_code == 200
    assert (await socket.end())["reason"] == "Somebody with the right to ended it."

    other = await opened(server)
    await server.local.post("/api/v1/hosts/web/terminal-access", json={"allowed": False})
    assert (await other.end())["reason"] == "It is no longer allowed."
    assert (await (await opened(server)).end())["reason"].startswith("No terminal opens on the host “web”.")


async def test_it_ends_when_nobody_types_and_when_it_shows_too_much(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vigie.policy.terminals._TURN_S", 0.05)
    monkeypatch.setattr("vigie.policy.terminals._OUTPUT_BYTES", 200_000)
    await host(server)
    socket = await opened(server)
    await socket.type("yes\n")
    assert (await socket.end())["reason"] == "It showed more than is recorded."
    assert len(socket.shown) < 400_000
    monkeypatch.setattr("vigie.policy.terminals._IDLE_S", 0.2)
    idle = await opened(server)
    assert (await idle.end())["reason"] == "Nobody typed anything for half an hour."


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"terminal": False}, "not_allowed"),
        ({"autonomy": Autonomy.OBSERVE}, "observed"),
        ({"options": {"enforced": "x"}}, "enforced"),
    ],
)
async def test_a_host_allows_none_unless_it_was_told_to(server: Server, more: dict[str, Any], why: str) -> None:
    await host(server, **more)
    socket = await opened(server)
    ended = await socket.end()
    assert ended["code"] is None
    assert socket.told == [ended]
    assert (await server.local.get("/api/v1/terminals")).json()["terminals"] == []
    assert why


async def test_only_administrators_of_the_host_and_pages_of_our_own_come_in(server: Server) -> None:
    await host(server)
    await host(server, "db")
    for role in (Role.VIEWER, Role.OPERATOR):
        with pytest.raises(Refused):
            await opened(server, headers=await token_for(server, role))
    limited = await token_for(server, Role.ADMIN, ("db",), name="limited")
    socket = await opened(server, headers=limited)
    assert (await socket.end())["reason"].startswith("There is no host called “web”.")
    for headers in ({}, {"Authorization": "Bearer wrong"}, {**LOCAL, "Host": "elsewhere.example"}):
        with pytest.raises(Refused):
            await opened(server, headers=headers)

    await server.first_run()
    cookie = {"Cookie": f"vigie_session={server.browser.cookies['vigie_session']}"}
    for origin in (None, "http://evil.example", "null"):
        with pytest.raises(Refused):
            await opened(server, headers=cookie | ({"Origin": origin} if origin else {}))
    page = await opened(server, headers=cookie | {"Origin": server.url})
    await page.type("echo in-$((1+1)); exit\n")
    await page.until(b"in-2")
    await page.end()
    listed = await server.local.get("/api/v1/terminals", headers=limited)
    assert listed.json()["terminals"] == []
    told = (await server.local.get("/api/v1/terminals")).json()["terminals"][0]
    for method, path in (("GET", "recording"), ("POST", "stop")):
        answer = await server.local.request(method, f"/api/v1/terminals/{told['id']}/{path}", headers=limited)
        assert answer.status_code == 404


async def test_a_host_that_is_lost_is_told(server: Server) -> None:
    await host(
        server,
        address="ssh://nobody@127.0.0.1:1",
        options={"host_key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBdM6ktAv1RykjvrQSkujXbgyHLtbpk0ZxhXmkj/RtTB"},
    )
    ended = await (await opened(server)).end()
    assert "cannot be reached" in ended["reason"]
