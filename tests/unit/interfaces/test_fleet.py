"""Whom a name means, and how many answers become few."""

from datetime import UTC, datetime
from typing import Any

import pytest

from vigie.domain.errors import Permanent
from vigie.domain.fact import Value
from vigie.domain.happening import Happening
from vigie.domain.host import Host
from vigie.interfaces.fleet import folded, targets
from vigie.interfaces.happening_text import sentence

HOSTS = [
    Host("web2", "local", groups=("web",), tags=("old",)),
    Host("web1", "local", groups=("web", "shop")),
    Host("db", "local", groups=("shop",)),
]


@pytest.mark.parametrize(
    ("names", "meant"),
    [
        (["db"], ["db"]),
        (["web"], ["web1", "web2"]),
        (["shop", "web", "db"], ["db", "web1", "web2"]),
        (["tag:old"], ["web2"]),
        (["all"], ["db", "web1", "web2"]),
    ],
)
def test_a_name_means_a_host_a_group_a_tag_or_all(names: list[str], meant: list[str]) -> None:
    assert [host.name for host in targets(HOSTS, names)] == meant


def test_a_name_that_means_nobody_is_told_though_others_do() -> None:
    with pytest.raises(Permanent) as caught:
        targets(HOSTS, ["db", "wbe"])
    assert caught.value.key == "fleet.unknown_target"


def result(host: str, stdout: str, rc: int = 0) -> dict[str, Any]:
    said = {"outcome": "failed" if rc else "done", "rc": rc, "stdout": stdout, "stderr": "", "truncated": False, "error": None}
    return {"host": host, **said}


def test_equal_answers_are_one_and_the_others_stand_out() -> None:
    groups = folded([result("a", "6.1\n"), result("b", "5.4"), result("c", "6.1"), result("d", "6.1", rc=1)])
    assert [(group["hosts"], group["outlier"]) for group in groups] == [(["a", "c"], False), (["b"], True), (["d"], True)]


def test_where_all_differ_nobody_stands_out() -> None:
    assert not any(group["outlier"] for group in folded([result("a", "1"), result("b", "2")]))


def test_an_order_is_told_in_the_readers_language_without_what_did_not_happen() -> None:
    def row(kind: str, **body: Value) -> Happening:
        at = datetime(2026, 11, 20, tzinfo=UTC)
        return Happening(1, at, "default", None, kind, "person:ann", {"line": "uptime", **body}, "", None)

    ended = row("fleet.result", done_count=4, failed_count=0, unreachable_count=1)
    assert sentence(ended, "en") == "uptime: done (4), unreachable (1)."
    assert sentence(ended, "fr") == "uptime : fait (4), injoignable (1)."
    begun = row("fleet.intent", hosts=["a", "b"], count=2, **{"class": "safe-read"})
    assert sentence(begun, "fr") == "Sur a, b (2), ne fait que lire : uptime"
    assert sentence(row("fleet.ended", host="a", outcome="failed"), "fr") == "Sur a, échoué : uptime"
