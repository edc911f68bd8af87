"""Whom a name means, and how many answers become few."""

from typing import Any

import pytest

from vigie.domain.errors import Permanent
from vigie.domain.host import Host
from vigie.interfaces.fleet import folded, targets

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
