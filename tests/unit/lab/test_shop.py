"""The shop's own parts: its quota, its proxy's settings, and its customers' patience."""

import errno
from pathlib import Path

import pytest

from vigie.lab.counters import Visit
from vigie.lab.observation import Observation
from vigie.lab.shop import proxy
from vigie.lab.shop.quota import Quota
from vigie.lab.stack import Answer

CONF = """# a comment
listen 127.0.0.1:80
upstream 127.0.0.1:81  # another
read_timeout_s 3
max_body_kb 10
access_log a
error_log b
pid_file c
"""


def test_the_quota_refuses_what_would_not_fit_and_writes_nothing(tmp_path: Path) -> None:
    quota = Quota(tmp_path, limit_mb=1)
    quota.write(tmp_path / "first", bytes(1024 * 1024 - 10))
    with pytest.raises(OSError, match="No space left: quota of 1 MB reached") as refused:
        quota.write(tmp_path / "second", bytes(11))
    assert refused.value.errno == errno.EDQUOT
    assert not (tmp_path / "second").exists()
    assert quota.room_bytes() == 10


def test_the_proxy_reads_its_settings(tmp_path: Path) -> None:
    (tmp_path / "proxy.conf").write_text(CONF, encoding="utf-8")
    assert proxy.read(tmp_path / "proxy.conf").upstream == ("127.0.0.1", 81)


@pytest.mark.parametrize(
    ("conf", "complaint"),
    [
        (CONF.replace("max_body_kb 10", ""), "max_body_kb"),
        (CONF + "one two three\n", ":9: expected a name and a value"),
        ("", "listen"),
    ],
)
def test_wrong_settings_of_the_proxy_are_named(tmp_path: Path, conf: str, complaint: str) -> None:
    (tmp_path / "proxy.conf").write_text(conf, encoding="utf-8")
    with pytest.raises(ValueError, match=complaint):
        proxy.read(tmp_path / "proxy.conf")


def _seen(
    orders_s: float, *, status: int = 200, state: str = "RUNNING", visit: int = 200, reference_s: float = 0.003
) -> Observation:
    return Observation(
        answers={"/": [Answer(200, reference_s, "")] * 3, "/orders": [Answer(status, orders_s, "")] * 3},
        services=({"web": state},),
        visits=(Visit(1.0, "/", visit, 3.0),),
    )


def test_customers_who_are_served_do_not_complain() -> None:
    assert _seen(0.006).complaints() == []


def test_a_slow_page_is_told_from_a_slow_machine() -> None:
    assert len(_seen(0.4).complaints()) == 1
    assert _seen(0.4, reference_s=0.2).complaints() == []


@pytest.mark.parametrize("seen", [_seen(0.006, status=500), _seen(0.006, state="FATAL"), _seen(0.006, visit=502)])
def test_a_bad_answer_or_a_dead_service_is_a_complaint(seen: Observation) -> None:
    assert len(seen.complaints()) == 1
