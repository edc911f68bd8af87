"""What a server was told: what of it is blamed, and what would put it back."""

import json
from typing import Any

from tests.unit.reasoning.world import fact

from vigie.domain.fact import Fact, Value
from vigie.reasoning import objects, relations
from vigie.reasoning.facts import Facts
from vigie.reasoning.times import ALWAYS

SERVER = "database:host=/run/pg port=5432 dbname=postgres"
ROLE: dict[str, Value] = {
    "engine": "postgres",
    "what": "setting",
    "key": "default_transaction_read_only",
    "scope": "ROLE crm",
    "value": "on",
    "make": "ALTER ROLE crm SET default_transaction_read_only TO 'on'",
    "unmake": "ALTER ROLE crm RESET default_transaction_read_only",
    "restart": False,
}


def logged(message: str) -> Fact:
    return fact("log.error", "log:/srv/crm/log/web.log", {"message": message, "level": "error", "kind": "other", "count": 9})


def blamed(*facts: Fact) -> list[dict[str, Any]]:
    derived = relations.derive(Facts(facts), ALWAYS)
    return [one.value for one in derived if one.name == "object.blamed" and isinstance(one.value, dict)]


def test_what_is_hostile_in_itself_is_blamed_without_a_baseline() -> None:
    [found] = blamed(fact("object.state", SERVER, ROLE), logged("cannot execute INSERT in a read-only transaction"))
    assert found["how"] == "hostile"
    assert found["restore"] == ROLE["unmake"]
    assert found["undo"] == ROLE["make"]
    assert "usename) = 'crm'" in found["then"]


def test_nothing_is_blamed_that_nobody_complains_of() -> None:
    assert blamed(fact("object.state", SERVER, ROLE), logged("no route to host")) == []


def test_a_complaint_that_names_another_role_is_not_about_this_one() -> None:
    login: dict[str, Value] = {**ROLE, "what": "login", "key": "login", "value": "false", "unmake": "ALTER ROLE crm LOGIN"}
    assert blamed(fact("object.state", SERVER, login), logged('role "audit" is not permitted to log in')) == []
    assert blamed(fact("object.state", SERVER, login), logged('role "crm" is not permitted to log in'))


def test_a_right_that_was_lost_is_given_back_and_one_that_came_is_no_loss() -> None:
    before: dict[str, Value] = {"what": "grant", "key": "TABLE public.bills", "scope": "ROLE crm", "value": "INSERT, SELECT"}
    assert objects.differs(before, {**before, "value": "SELECT"})
    assert objects.differs(before, None)
    assert not objects.differs({**before, "value": "SELECT"}, before)


def test_an_owner_who_lacks_what_every_owner_has_from_the_start_is_given_it_back_without_a_baseline() -> None:
    right: dict[str, Value] = {**ROLE, "what": "grant", "key": "TABLE public.bills", "scope": "ROLE crm", "value": "SELECT"}
    denied = logged("permission denied for table bills")
    [found] = blamed(fact("object.state", SERVER, {**right, "unmake": "GRANT ALL ON TABLE public.bills TO crm"}), denied)
    assert found["restore"] == "GRANT ALL ON TABLE public.bills TO crm"
    assert found["undo"].startswith("REVOKE ALL ON TABLE public.bills FROM crm; ")
    assert blamed(fact("object.state", SERVER, {**right, "unmake": None}), denied) == []


def test_what_is_not_as_its_file_says_is_put_back_to_what_the_file_says_all_together() -> None:
    def setting(key: str, value: str, filed: str) -> Fact:
        told: dict[str, Value] = {
            "engine": "redis",
            "what": "setting",
            "key": key,
            "scope": "SERVER",
            "restart": False,
            "unmake": None,
        }
        told |= {"value": value, "filed": filed, "make": json.dumps(["CONFIG", "SET", key, value])}
        return fact("object.state", "port:6379", {**told, "refile": json.dumps(["CONFIG", "SET", key, filed])})

    drifted = [setting("maxmemory", "100", "64mb"), setting("maxmemory-policy", "noeviction", "allkeys-lru")]
    [found] = blamed(*drifted, logged("OOM command not allowed when used memory > 'maxmemory'."))
    assert found["how"] == "drifted"
    assert found["role"] == "cache"
    assert json.loads(found["restore"]) == [
        ["CONFIG", "SET", "maxmemory", "64mb"],
        ["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"],
    ]


def test_what_was_told_of_a_table_explains_slowness_of_that_table_only() -> None:
    option: dict[str, Value] = {**ROLE, "what": "option", "key": "autovacuum_enabled", "scope": "TABLE public.bills"}
    option |= {"value": "false", "unmake": "ALTER TABLE public.bills RESET (autovacuum_enabled)"}
    slow = [fact("log.slow_query", "log:postgres/crm", {"table": table, "statement": "x"}) for table in ("bills", "visits")]
    [found] = blamed(fact("object.state", SERVER, option), slow[0])
    assert found["then"] == "VACUUM (ANALYZE) public.bills"
    assert blamed(fact("object.state", SERVER, option), slow[1]) == []


def test_a_page_that_became_slow_is_slowness_enough() -> None:
    scan: dict[str, Value] = {**ROLE, "key": "enable_indexscan", "scope": "SYSTEM", "value": "off"}
    scan |= {"unmake": "ALTER SYSTEM RESET enable_indexscan"}
    [found] = blamed(
        fact("object.state", SERVER, scan), fact("change.latency", "url:http://127.0.0.1/", {"before": 0.01, "after": 2.0})
    )
    assert (found["failure"], found["then"]) == ("planner", "SELECT pg_reload_conf()")
