"""What counts as a change, and what never does."""

import base64
import hashlib
import zlib
from datetime import UTC, datetime, timedelta

import pytest

from vigie.domain.baseline import Baseline, Change
from vigie.domain.fact import Fact, Source, Value
from vigie.domain.host import Host
from vigie.knowledge import library
from vigie.reasoning import baseline

THEN = datetime(2026, 11, 10, 8, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LONG_AGO = "2026-09-01T00:00:00Z"
PROBES = (
    *("files.state", "files.contents", "services", "ports", "mounts", "host.names", "users", "packages", "certificates"),
    *("sqlite.schema", "endpoint.check", "endpoint.latency", "cron", "host.sysctl", "network.routes", "postgres.settings"),
)


def fact(subject: str, name: str, value: Value) -> Fact:
    return Fact(f"{subject}/{name}/{value}", "h", subject, name, value, THEN, Source("line"))


def ran(*without: str) -> list[Fact]:
    return [fact(f"probe:{name}", "probe.ran", {"slots": {}, "line": "", "facts": 1}) for name in PROBES if name not in without]


def file(path: str, text: str = "", *, at: str = LONG_AGO, mode: str = "0644", owner: str = "root") -> list[Fact]:
    body = text.encode()
    digest = hashlib.sha256(body).hexdigest()
    state: Value = {
        "kind": "file", "mode": mode, "owner": owner, "group": "root", "bytes": len(body), "sha256": digest, "at": at,
        "changed": datetime.fromisoformat(at).timestamp(),
    }  # fmt: skip
    packed = base64.b64encode(zlib.compress(body)).decode()
    return [fact(f"file:{path}", "file.state", state), fact(f"file:{path}", "file.content", {"sha256": digest, "packed": packed})]


def link(path: str, target: str, at: str = LONG_AGO) -> Fact:
    return fact(
        f"file:{path}",
        "file.state",
        {"kind": "link", "mode": "0777", "owner": "root", "group": "root", "at": at, "target": target},
    )


def folder(path: str) -> Fact:
    return fact(f"file:{path}", "file.state", {"kind": "folder", "mode": "0755", "owner": "root", "group": "root", "at": None})


def index(name: str, *columns: str) -> Fact:
    value: Value = {
        "table": "orders",
        "columns": [*columns],
        "unique": False,
        "sql": f"CREATE INDEX {name} ON orders ({', '.join(columns)})",
    }
    return fact(f"index:/srv/a.db/{name}", "index.state", value)


def changes(before: list[Fact], after: list[Fact], *, unread: tuple[str, ...] = ()) -> list[Change]:
    taken = baseline.baseline("h", [*before, *ran()], THEN)
    return baseline.diff(taken, [*after, *ran(*unread)], NOW)


def told(before: list[Fact], after: list[Fact]) -> dict[str, Fact]:
    return {one.name: one for one in baseline.change_facts(changes(before, after), host="h", at=NOW)}


def field(one: Fact, name: str) -> Value:
    assert isinstance(one.value, dict)
    return one.value[name]


APP = "/srv/app/etc/app.ini"
INI = "[web]\nport = 8000\n[database]\npassword = hunter2\n"


def test_nothing_changed_is_no_change() -> None:
    host = [*file(APP, INI), link("/srv/app/current", "releases/v1"), index("by_a", "a"), fact("port:80", "port.owner", "nginx")]
    assert changes(host, host) == []


def test_a_changed_setting_is_told_with_both_values_and_the_former_file() -> None:
    at = "2026-11-20T09:12:00Z"
    found = told(file(APP, INI), file(APP, INI.replace("8000", "8001"), at=at))
    setting = found["change.setting"]
    assert setting.subject == f"file:{APP}"
    assert [field(setting, part) for part in ("key", "section", "before", "after", "at", "path")] == [
        "port",
        "web",
        "8000",
        "8001",
        at,
        APP,
    ]
    assert field(setting, "content_before") == hashlib.sha256(INI.encode()).hexdigest()
    assert field(found["change.file"], "content_before") == hashlib.sha256(INI.encode()).hexdigest()
    assert field(found["change.file"], "suffix") == ".ini"


def test_a_changed_secret_is_told_without_its_value() -> None:
    found = told(file(APP, INI), file(APP, INI.replace("hunter2", "hunter3")))
    setting = found["change.setting"]
    assert field(setting, "secret") is True
    assert str(field(setting, "before")).startswith("secret:")
    assert field(setting, "before") != field(setting, "after")
    assert "hunter" not in "".join(str(one) for one in found.values())


def test_a_setting_that_is_gone_or_new_has_only_one_value() -> None:
    found = changes(file(APP, INI), file(APP, INI.replace("port = 8000", "listen = 8000")))
    assert {(one.path, one.before is None, one.after is None) for one in found if one.kind == "setting"} == {
        (f"{APP}#web.port", False, True),
        (f"{APP}#web.listen", True, False),
    }


def test_a_release_put_in_place_is_one_change_of_the_link() -> None:
    before = [link("/srv/app/current", "releases/v1"), folder("/srv/app/releases"), folder("/srv/app/releases/v1")]
    before += file("/srv/app/releases/v1/app.py", "1")
    after = [*before[1:], link("/srv/app/current", "releases/v2", "2026-11-20T09:00:00Z"), folder("/srv/app/releases/v2")]
    after += [
        *file("/srv/app/releases/v2/app.py", "2"),
        *file("/srv/app/releases/v2/lib/x.py", "3"),
        folder("/srv/app/releases/v2/lib"),
    ]
    found = changes(before, after)
    assert [(one.kind, one.path) for one in found] == [("link", "/srv/app/current"), ("folder", "/srv/app/releases/v2")]
    assert (found[0].before, found[0].after) == ("releases/v1", "releases/v2")


def test_a_lost_index_is_told_with_its_former_definition() -> None:
    lost = told([index("by_customer", "customer_id", "at"), index("by_at", "at")], [index("by_at", "at")])["change.index"]
    assert lost.subject == "index:/srv/a.db/by_customer"
    assert field(lost, "sql") == field(lost, "before") == "CREATE INDEX by_customer ON orders (customer_id, at)"
    assert [field(lost, part) for part in ("database", "table", "columns_text", "after")] == [
        "/srv/a.db",
        "orders",
        "customer_id, at",
        None,
    ]


def test_a_changed_mode_or_owner_is_told_apart_from_the_content() -> None:
    found = told(file(APP, INI), file(APP, INI, mode="0600", owner="deploy"))
    assert set(found) == {"change.mode", "probe.ran"}
    assert [field(found["change.mode"], part) for part in ("before", "after", "mode_before", "owner_before")] == [
        "0644 root:root", "0600 deploy:root", "0644", "root:root",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (
            fact("service:web", "service.state", {"state": "running"}),
            fact("service:web", "service.state", {"state": "failed"}),
            "service",
        ),
        (fact("port:80", "port.owner", "nginx"), fact("port:80", "port.owner", "python3"), "socket"),
        (
            fact("disk:/", "disk.state", {"source": "/dev/a", "type": "ext4", "read_only": False}),
            fact("disk:/", "disk.state", {"source": "/dev/a", "type": "ext4", "read_only": True}),
            "mount",
        ),
        (
            fact("name:db", "host.name_entry", {"address": "10.0.0.1"}),
            fact("name:db", "host.name_entry", {"address": "10.0.0.9"}),
            "name",
        ),
        (fact("package:nginx", "package.state", "1.22"), fact("package:nginx", "package.state", "1.24"), "package"),
        (fact("url:http://x/", "endpoint.status", 200), fact("url:http://x/", "endpoint.status", 502), "endpoint"),
        (
            fact("url:http://x/", "endpoint.latency", {"best_s": 0.02}),
            fact("url:http://x/", "endpoint.latency", {"best_s": 0.4}),
            "latency",
        ),
        (
            fact("database:d", "database.setting", {"key": "work_mem", "value": "4"}),
            fact("database:d", "database.setting", {"key": "work_mem", "value": "1"}),
            "database_setting",
        ),
        (
            fact("file:crontab", "cron.entry", {"schedule": "0 3 * * *", "user": "", "command": "/a"}),
            fact("file:crontab", "cron.entry", {"schedule": "0 4 * * *", "user": "", "command": "/a"}),
            "cron",
        ),
    ],
)
def test_what_should_stay_is_told_when_it_does_not(before: Fact, after: Fact, kind: str) -> None:
    (change,) = changes([before], [after])
    assert change.kind == kind
    (made, ran_too) = baseline.change_facts([change], host="h", at=NOW)
    assert made.name == f"change.{kind}"
    assert ran_too.subject == "probe:baseline.diff"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            fact("service:web", "service.state", {"state": "running", "pid": 1}),
            fact("service:web", "service.state", {"state": "running", "pid": 2}),
        ),
        (fact("service:web", "service.state", {"state": "starting"}), fact("service:web", "service.state", {"state": "running"})),
        (
            fact("url:http://x/", "endpoint.latency", {"best_s": 0.02}),
            fact("url:http://x/", "endpoint.latency", {"best_s": 0.15}),
        ),
        (fact("url:http://x/", "endpoint.status", 200), fact("url:http://x/", "endpoint.status", 302)),
        (
            fact("table:/a.db/t", "table.state", {"rows": 4, "columns": ["a"]}),
            fact("table:/a.db/t", "table.state", {"rows": 9, "columns": ["a"]}),
        ),
        (fact("log:/a.log", "log.open", {"bytes": 1}), fact("log:/a.log", "log.open", {"bytes": 100})),
    ],
)
def test_what_moves_all_the_time_is_no_change(before: Fact, after: Fact) -> None:
    assert changes([before], [after]) == []


def test_data_that_comes_and_goes_is_no_change() -> None:
    fresh = "2026-11-10T07:59:00Z"
    before = [folder("/srv/app/orders"), *file("/srv/app/orders/1.txt", "a", at=fresh)]
    after = [folder("/srv/app/orders"), *file("/srv/app/orders/2.txt", "b", at="2026-11-20T11:00:00Z")]
    assert changes(before, after) == []


def test_a_new_file_in_a_folder_of_configuration_is_told() -> None:
    (change,) = changes([folder("/etc/nginx")], [folder("/etc/nginx"), *file("/etc/nginx/extra", "x", at="2026-11-20T11:00:00Z")])
    assert (change.kind, change.path, change.before) == ("file", "/etc/nginx/extra", None)


def test_what_could_not_be_read_this_time_counts_as_unchanged() -> None:
    host = [*file(APP, INI), index("by_a", "a"), fact("port:80", "port.owner", "nginx")]
    assert changes(host, [], unread=PROBES) == []
    still = [folder("/srv/app/etc"), index("by_b", "b")]
    assert {one.kind for one in changes([*host, *still], still)} == {"file", "index", "socket"}


def test_what_nobody_came_to_this_time_counts_as_unchanged() -> None:
    """A server that is down does not tell of its objects, nor its processes where it lives."""
    assert {one.kind for one in changes([*file(APP, INI), index("by_a", "a"), fact("port:80", "port.owner", "nginx")], [])} == {
        "socket"
    }


def test_a_date_in_the_future_is_now() -> None:
    (change, *_) = changes(file(APP, INI), file(APP, INI + "a = 1\n", at="2031-01-01T00:00:00Z"))
    assert change.at == NOW


def test_the_latest_change_comes_first() -> None:
    before = [*file(APP, INI), *file("/srv/app/b.ini", "a = 1"), index("by_a", "a"), index("by_b", "b")]
    after = [
        index("by_b", "b"),
        *file(APP, INI + "x=1\n", at="2026-11-19T00:00:00Z"),
        *file("/srv/app/b.ini", "a = 2", at="2026-11-20T00:00:00Z"),
    ]
    found = changes(before, after)
    assert found[0].path.startswith("/srv/app/b.ini")
    assert found[-1].kind == "index"


def test_contents_that_were_damaged_on_the_way_are_left_out() -> None:
    whole = file(APP, INI)
    assert isinstance(whole[1].value, dict)
    whole[1].value["packed"] = "AAAA" + str(whole[1].value["packed"])[4:]
    assert baseline.contents(whole) == {}
    taken = baseline.baseline("h", [*whole, *ran()], THEN)
    assert [entry.content for entry in taken.entries if entry.kind == "file"] == [None]


def test_a_bomb_is_not_unpacked() -> None:
    body = zlib.compress(b"\0" * 8_000_000, 9)
    packed = base64.b64encode(body).decode()
    assert baseline.contents([fact("file:/a", "file.content", {"sha256": "x", "packed": packed})]) == {}


def test_entries_are_unique_and_sorted() -> None:
    taken = baseline.baseline("h", [*file(APP, INI), *file(APP, INI), *ran()], THEN)
    keys = [(entry.kind, entry.path) for entry in taken.entries]
    assert keys == sorted(set(keys))


def test_a_host_with_a_focus_is_not_asked_about_the_machine_around_it() -> None:
    known = library.load()
    whole = {probe.name for probe in baseline.survey(known, Host("h", "local"))}
    near = {probe.name for probe in baseline.survey(known, Host("h", "local", focus=("/srv/app",)))}
    assert {"packages", "users", "files.state", "sqlite.schema", "endpoint.latency"} <= whole
    assert {"files.state", "files.contents", "services", "ports", "sqlite.schema", "endpoint.check"} <= near
    assert not near & {"packages", "users", "firewall", "host.sysctl", "cron"}


def test_an_empty_baseline_makes_nothing_new_of_schemas_that_it_never_saw() -> None:
    empty = Baseline("h", THEN - timedelta(days=1), ())
    assert baseline.diff(empty, [index("by_a", "a"), *ran()], NOW) == []
