"""Who takes what others need in a database."""

from tests.unit.reasoning.world import fact

from vigie.domain.fact import Fact, Value
from vigie.reasoning import relations
from vigie.reasoning.facts import Facts
from vigie.reasoning.times import ALWAYS

SERVER = "database:host=/run/pg port=5432 dbname=postgres"


def derived(name: str, *facts: Fact) -> list[Fact]:
    return [one for one in relations.derive(Facts(facts), ALWAYS) if one.name == name]


def session(number: int, application: str) -> Fact:
    value: dict[str, Value] = {"pid": number, "user": "crm", "application": application, "state": "idle", "port": 40000 + number}
    return fact("database.session", SERVER, value)


def test_who_holds_most_connections_is_named_with_the_process_that_opened_them() -> None:
    full = fact("database.connections", SERVER, {"used": 97, "limit": 100, "ratio": 1.0})
    ends = [fact("port.client", "port:5432", {"client_port": 40000 + n, "pid": 812, "process": "report"}) for n in (1, 2)]
    [crowd] = derived("database.crowd", full, session(1, "night"), session(2, "night"), session(3, "web"), *ends)
    assert isinstance(crowd.value, dict)
    assert (crowd.value["application"], crowd.value["pid"], crowd.value["count"]) == ("night", 812, 2)


def test_a_server_with_room_left_is_not_crowded() -> None:
    free = fact("database.connections", SERVER, {"used": 40, "limit": 100, "ratio": 0.4})
    assert derived("database.crowd", free, session(1, "night"), session(2, "night")) == []


def test_an_application_whose_name_could_end_a_statement_is_left_alone() -> None:
    full = fact("database.connections", SERVER, {"used": 97, "limit": 100, "ratio": 1.0})
    assert derived("database.crowd", full, session(1, "x'; DROP"), session(2, "x'; DROP")) == []


def test_a_lock_that_nobody_waits_for_is_awaited_by_nobody() -> None:
    locked = fact("log.error", "log:/srv/crm/log/web.log", {"kind": "locked", "message": "database is locked", "level": "error"})
    browser = fact("database.open", "database:/home/ann/.browser/places.sqlite", {"engine": "sqlite", "pid": 7})
    own = fact("database.open", "database:/srv/crm/data/crm.db", {"engine": "sqlite", "pid": 8})
    assert [one.subject for one in derived("lock.awaited", locked, browser, own)] == [own.subject]
    assert derived("lock.awaited", browser, own) == []


def test_a_counter_behind_its_table_is_set_forward_never_back() -> None:
    place = "host=/run/pg port=5432 dbname=crm"
    index = fact("index.state", f"index:{place}/bills_pkey", {"table": "bills", "columns": ["id"], "valid": True})
    told: dict[str, Value] = {
        "what": "default",
        "key": "id",
        "scope": "TABLE public.bills",
        "value": "nextval('bills_id_seq'::regclass)",
    }
    taken = 'duplicate key value violates unique constraint "bills_pkey"'
    error = fact("log.error", "log:/srv/crm/log/web.log", {"message": taken, "level": "error", "kind": "constraint"})
    [behind] = derived("sequence.behind", index, fact("object.state", f"database:{place}", told), error)
    assert isinstance(behind.value, dict)
    assert "greatest(" in str(behind.value["forward"])
