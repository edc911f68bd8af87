from datetime import timedelta

import pytest
from tests.unit.reasoning.world import NOW, fact

from vigie.knowledge.models import Condition, Pattern
from vigie.reasoning import matching
from vigie.reasoning.facts import Facts
from vigie.reasoning.times import Times


def first(pattern: Pattern, *facts: object, **bindings: str) -> dict[str, str] | None:
    found = matching.first(pattern, Facts(facts), bindings)  # type: ignore[arg-type]  # facts of the test
    return None if found is None else found.bindings


def test_a_variable_of_the_subject_is_bound() -> None:
    pattern = Pattern(fact="service.state", subject="service:{service}")
    assert first(pattern, fact("service.state", "service:api", {"state": "running"})) == {"service": "api"}


def test_a_path_takes_everything_to_the_end() -> None:
    pattern = Pattern(fact="index.state", subject="index:{database}/{index}")
    bound = first(pattern, fact("index.state", "index:/srv/data/main.db/by_day"))
    assert bound == {"database": "/srv/data/main.db", "index": "by_day"}


def test_what_is_bound_must_agree() -> None:
    pattern = Pattern(fact="service.state", subject="service:{service}")
    assert first(pattern, fact("service.state", "service:api"), service="web") is None
    assert first(pattern, fact("service.state", "service:api"), service="api") == {"service": "api"}


def test_fields_bind_variables_too() -> None:
    pattern = Pattern(fact="port.claimed", subject="port:{port}", take={"pid": "pid", "service": "service"})
    assert first(pattern, fact("port.claimed", "port:80", {"pid": 7, "service": "web"})) == {
        "port": "80",
        "pid": "7",
        "service": "web",
    }


def test_a_field_that_is_not_there_binds_nothing() -> None:
    assert first(Pattern(fact="a.b", take={"pid": "pid"}), fact("a.b", "host", {"pid": None})) is None


def test_a_condition_may_bind_and_compare() -> None:
    pattern = Pattern(fact="query.plan", value={"table": Condition(equals="{table}")})
    assert first(pattern, fact("query.plan", "query:1", {"table": "orders"})) == {"table": "orders"}
    assert first(pattern, fact("query.plan", "query:1", {"table": "orders"}), table="users") is None


@pytest.mark.parametrize(
    ("condition", "value", "holds"),
    [
        (Condition(equals=True), True, True),
        (Condition(equals=True), 1, False),
        (Condition(equals=502), 502.0, True),
        (Condition(above=0.9), 0.95, True),
        (Condition(above=0.9), True, False),
        (Condition(above=0.9), "0.95", False),
        (Condition(above=10, below=20), 15, True),
        (Condition(above=10, below=20), 25, False),
        (Condition(one_of=("failed", "backoff")), "backoff", True),
        (Condition(differs="running"), "stopped", True),
        (Condition(differs="running"), "running", False),
        (Condition(matches="(?i)too many"), "Too many clients", True),
        (Condition(contains="orders"), ["orders", "users"], True),
        (Condition(contains="order"), ["orders", "users"], False),
        (Condition(contains="order"), "all orders", True),
        (Condition(exists=True), 0, True),
        (Condition(exists=False), None, True),
        (Condition(exists=False), "x", False),
        (Condition(equals="x"), None, False),
        (Condition(differs="x"), None, False),
    ],
)
def test_conditions(condition: Condition, value: object, holds: bool) -> None:
    assert (matching.holds(condition, value, {}) is not None) is holds  # type: ignore[arg-type]  # any JSON


def test_a_bound_value_is_no_regular_expression() -> None:
    condition = Condition(matches="^{name}$")
    assert matching.holds(condition, "axb", {"name": "a.b"}) is None
    assert matching.holds(condition, "a.b", {"name": "a.b"}) is not None


def test_a_recent_pattern_passes_old_changes_by() -> None:
    times = Times(NOW, NOW - timedelta(minutes=20))
    pattern = Pattern(fact="change.file", recent=True)
    long_ago = fact("change.file", "file:/a", {"at": (NOW - timedelta(days=3)).isoformat()})
    just_then = fact("change.file", "file:/b", {"at": (NOW - timedelta(minutes=25)).isoformat()})
    found = list(matching.find(pattern, Facts([long_ago, just_then]), {}, times=times))
    assert [match.fact.subject for match in found] == ["file:/b"]


def test_a_log_that_went_quiet_is_the_past() -> None:
    times = Times(NOW, None)
    pattern = Pattern(fact="log.error", recent=True)
    old = fact("log.error", "log:/a", {"last": (NOW - timedelta(hours=5)).isoformat()})
    assert matching.first(pattern, Facts([old]), {}, times=times) is None


def test_lists_are_words_with_commas() -> None:
    assert matching.words_of(["a", 1]) == "a, 1"
