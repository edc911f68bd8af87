"""Who may do what: every role on every route, hosts of others, tenants of others."""

import re
from dataclasses import replace
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute
from tests.integration.api.running_server import Server, client_of

from vigie.domain.case import Case, CaseKind
from vigie.domain.host import Autonomy, Host
from vigie.domain.person import Person, Role
from vigie.interfaces.api.application import ROUTES

# Every route that the API has, with the least role that passes its door. A new route is added here, or the test fails.
VIEWER, OPERATOR, ADMIN = Role.VIEWER, Role.OPERATOR, Role.ADMIN
DOORS: dict[str, Role | None] = {
    "GET /health": None,
    "GET /metrics": None,
    "GET /docs": None,
    "GET /login": None,
    "GET /login/openid": None,
    "GET /login/openid/back": None,
    "GET /plain/style.css": None,
    "POST /login": None,
    "POST /api/v1/access": None,
    "POST /api/v1/access/refresh": None,
    "POST /api/v1/access/end": VIEWER,
    "POST /logout": VIEWER,
    "POST /api/v1/logout": VIEWER,
    "GET /api/v1/session": VIEWER,
    "POST /api/v1/session": VIEWER,
    "GET /api/v1/me": VIEWER,
    "POST /api/v1/me/password": VIEWER,
    "POST /api/v1/me/second-factor": VIEWER,
    "POST /api/v1/me/second-factor/confirm": VIEWER,
    "POST /api/v1/me/second-factor/remove": VIEWER,
    "GET /api/v1/me/sessions": VIEWER,
    "DELETE /api/v1/me/sessions/{session_id}": VIEWER,
    "POST /api/v1/me/tokens": VIEWER,
    "DELETE /api/v1/me/tokens/{token_id}": VIEWER,
    "GET /api/v1/people": ADMIN,
    "POST /api/v1/people": ADMIN,
    "POST /api/v1/people/{name}": ADMIN,
    "POST /api/v1/people/{name}/invite": ADMIN,
    "DELETE /api/v1/people/{name}": ADMIN,
    "GET /api/v1/cases": VIEWER,
    "POST /api/v1/cases": OPERATOR,
    "GET /api/v1/cases/{case_id}": VIEWER,
    "GET /api/v1/cases/{case_id}/events": VIEWER,
    "GET /api/v1/events": VIEWER,
    "POST /api/v1/cases/{case_id}/approve": OPERATOR,
    "POST /api/v1/cases/{case_id}/reject": OPERATOR,
    "POST /api/v1/cases/{case_id}/comment": OPERATOR,
    "GET /api/v1/hosts": VIEWER,
    "POST /api/v1/hosts": ADMIN,
    "GET /api/v1/hosts/{name}": VIEWER,
    "DELETE /api/v1/hosts/{name}": ADMIN,
    "POST /api/v1/hosts/{name}/test": OPERATOR,
    "POST /api/v1/hosts/{name}/autonomy": ADMIN,
    "POST /api/v1/hosts/{name}/enforce": ADMIN,
    "POST /api/v1/hosts/{name}/labels": ADMIN,
    "POST /api/v1/hosts/{name}/observe": ADMIN,
    "GET /api/v1/hosts/{name}/trends": VIEWER,
    "POST /api/v1/hosts/{name}/baseline": OPERATOR,
    "GET /api/v1/hosts/{name}/baseline": VIEWER,
    "GET /api/v1/hosts/{name}/changes": VIEWER,
    "POST /api/v1/hosts/{name}/host-key": ADMIN,
    "POST /api/v1/hosts/{name}/terminal-access": ADMIN,
    "GET /api/v1/terminals": ADMIN,
    "GET /api/v1/terminals/{terminal_id}/recording": ADMIN,
    "POST /api/v1/terminals/{terminal_id}/stop": ADMIN,
    "POST /api/v1/fleet/run": OPERATOR,
    "GET /api/v1/fleet/ssh-config": ADMIN,
    "POST /api/v1/fleet/ssh-config": ADMIN,
    "POST /api/v1/ask": OPERATOR,
    "GET /api/v1/ask/history": VIEWER,
    "GET /api/v1/ask/status": VIEWER,
    "DELETE /api/v1/ask/sessions/{name}": VIEWER,
    "GET /api/v1/usage": VIEWER,
    "GET /api/v1/logs/search": VIEWER,
    "GET /api/v1/logs/tail": VIEWER,
    "GET /api/v1/logs/templates": VIEWER,
    "GET /api/v1/logs/context": VIEWER,
    "GET /api/v1/sources": VIEWER,
    "POST /api/v1/in/{name}": None,
    "POST /api/v1/in/{name}/v1/logs": None,
    "GET /api/v1/agents": VIEWER,
    "POST /api/v1/agents/{name}/pause": ADMIN,
    "POST /api/v1/agents/{name}/resume": ADMIN,
    "GET /api/v1/audit": ADMIN,
    "GET /api/v1/backups": VIEWER,
    "GET /api/v1/demo": VIEWER,
    "POST /api/v1/demo": OPERATOR,
    "GET /plain": VIEWER,
    "GET /plain/cases/{case_id}": VIEWER,
    "POST /plain/cases/{case_id}/approve": OPERATOR,
    "POST /plain/cases/{case_id}/reject": OPERATOR,
}
# The console's own files and pages hold nothing of anybody's.
_CONSOLE = re.compile(r"GET /(?:assets/\{.*|\{.*|)")
_STREAMS = {"GET /api/v1/events", "GET /api/v1/logs/tail", "GET /api/v1/cases/{case_id}/events"}
ROLES = list(Role)


def routes() -> set[str]:
    found = [route for module in ROUTES for route in module.router.routes if isinstance(route, APIRoute)]
    named = {f"{method} {route.path}" for route in found for method in (route.methods or set()) - {"HEAD"}}
    return {each for each in named if not _CONSOLE.fullmatch(each)}


async def token_for(server: Server, role: Role, hosts: tuple[str, ...] = (), name: str = "") -> dict[str, str]:
    """Return the header of a program of somebody with this role."""
    person = Person(name or f"a-{role.value}", "", "en", role, hosts)
    await server.services.store.people.save(person)
    _, text = await server.services.store.tokens.make(person.name, "a test", role, 600)
    return {"Authorization": f"Bearer {text}"}


def filled(route: str) -> tuple[str, str]:
    method, path = route.split(" ")
    return method, path.format(
        case_id="C-999", name="nothing-here", token_id="00000000", session_id="0" * 12, terminal_id="T-000000000000"
    )


async def asked(server: Server, route: str, headers: dict[str, str]) -> httpx.Response:
    method, path = filled(route)
    async with client_of(server.url) as client:
        if route in _STREAMS:
            async with client.stream(method, path, headers=headers) as answer:
                await anext(answer.aiter_bytes())
                return answer
        return await client.request(method, path, headers=headers, json=None if method == "GET" else {})


def test_every_route_has_its_door_in_the_table() -> None:
    assert routes() == set(DOORS)


async def test_every_role_passes_its_doors_and_no_other(server: Server) -> None:
    wrong = []
    for role in ROLES:
        headers = await token_for(server, role)
        for route, least in DOORS.items():
            answer = await asked(server, route, headers)
            is_shut = answer.status_code == 403 and b"api.no_person" not in answer.content
            if is_shut == (least is None or role.covers(least)):
                wrong.append((role.value, route, answer.status_code))
    assert wrong == []


async def test_nobody_passes_a_door_unknown(server: Server) -> None:
    for headers in ({}, {"Authorization": "Bearer vgt_nobody"}, {"Authorization": "Bearer a.b.c"}, {"Cookie": "vigie_session=x"}):
        for route, least in DOORS.items():
            if least is not None:
                assert (await asked(server, route, headers)).status_code in (401, 303), route


async def a_case(server: Server, host: str, tenant: str = "default") -> str:
    store = server.services.memory.of(tenant)
    now = server.services.clock.now()
    case = Case(await store.cases.new_id(), tenant, CaseKind.TICKET, host, "slow", "en", Autonomy.OBSERVE, now, now)
    return (await store.cases.save(case)).id


async def test_hosts_of_others_are_as_if_they_were_not_there(server: Server) -> None:
    store = server.services.store
    for name, groups in (("mine", ()), ("ours", ("shop",)), ("theirs", ("bank",))):
        await store.hosts.save(Host(name, "local", groups=groups))
    cases = {name: await a_case(server, name) for name in ("mine", "ours", "theirs")}
    headers = await token_for(server, Role.ADMIN, ("mine", "group:shop"))

    async def get(path: str) -> Any:
        return (await server.browser.get(path, headers=headers)).json()

    assert {each["name"] for each in (await get("/api/v1/hosts"))["hosts"]} == {"mine", "ours"}
    assert {each["host"] for each in (await get("/api/v1/cases?limit=1"))["cases"]} == {"ours"}
    assert {each["host"] for each in (await get("/api/v1/cases"))["cases"]} == {"mine", "ours"}
    for path in ("/api/v1/hosts/{}", "/api/v1/hosts/{}/baseline"):
        unknown = await server.browser.get(path.format("nothing"), headers=headers)
        theirs = await server.browser.get(path.format("theirs"), headers=headers)
        assert (
            (theirs.status_code, theirs.json()["code"]) == (unknown.status_code, unknown.json()["code"]) == (404, "host.unknown")
        )
    for method, path in (("GET", ""), ("GET", "/events"), ("POST", "/comment")):
        answer = await server.browser.request(
            method, f"/api/v1/cases/{cases['theirs']}{path}", headers=headers, json={"text": "x"} if method == "POST" else None
        )
        assert (answer.status_code, answer.json()["code"]) == (404, "case.unknown")
    assert (await server.browser.post("/api/v1/cases", headers=headers, json={"host": "theirs"})).status_code == 404
    assert (await server.browser.delete("/api/v1/hosts/theirs", headers=headers)).status_code == 404
    assert (await server.browser.post("/api/v1/demo", headers=headers, json={"scenario": "slow_database"})).status_code == 403


async def test_who_has_to_do_with_some_hosts_gives_no_rights_for_all(server: Server) -> None:
    headers = await token_for(server, Role.ADMIN, ("mine",))
    for method, path in (("GET", "/people"), ("POST", "/people"), ("POST", "/hosts"), ("GET", "/audit"), ("POST", "/demo")):
        answer = await server.browser.request(method, f"/api/v1{path}", headers=headers, json={} if method == "POST" else None)
        assert (answer.status_code, answer.json()["code"]) == (403, "api.not_all_hosts"), path


async def test_the_stream_tells_nothing_of_hosts_of_others(server: Server) -> None:
    store = server.services.store
    for name in ("mine", "theirs"):
        await store.hosts.save(Host(name, "local"))
        case = await a_case(server, name)
        await store.journal.append("case.commented", actor="person:a", case=case, body={"text": f"about {name}"})
    headers = await token_for(server, Role.VIEWER, ("mine",))
    seen = ""
    async with server.browser.stream("GET", "/api/v1/events?after=0", headers=headers) as stream:
        async for line in stream.aiter_lines():
            seen += line
            if "about mine" in seen:
                break
    assert "theirs" not in seen


async def test_a_case_of_another_tenant_is_not_there(server: Server) -> None:
    for _ in range(3):
        foreign = await a_case(server, "somewhere", tenant="other")
    headers = await token_for(server, Role.OWNER)
    answer = await server.browser.get(f"/api/v1/cases/{foreign}", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (404, "case.unknown")


async def test_a_change_of_rights_holds_at_once(server: Server) -> None:
    headers = await token_for(server, Role.ADMIN, name="ann")
    assert (await server.browser.get("/api/v1/people", headers=headers)).status_code == 200
    ann = await server.services.store.people.get("ann")
    assert ann is not None
    await server.services.store.people.save(replace(ann, role=Role.VIEWER))
    assert (await server.browser.get("/api/v1/people", headers=headers)).status_code == 403
    await server.services.store.people.save(replace(ann, is_blocked=True))
    assert (await server.browser.get("/api/v1/cases", headers=headers)).status_code == 401


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
async def test_a_token_does_no_more_than_it_was_made_for(server: Server, role: Role) -> None:
    await server.services.store.people.save(Person("ann", "", "en", Role.OWNER))
    _, text = await server.services.store.tokens.make("ann", "a dashboard", role, 600)
    headers = {"Authorization": f"Bearer {text}"}
    assert (await server.browser.get("/api/v1/people", headers=headers)).status_code == 403
    assert (await server.browser.post("/api/v1/me/tokens", headers=headers, json={"purpose": "more"})).status_code == 403
