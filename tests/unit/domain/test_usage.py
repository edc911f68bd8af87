"""What asking saves."""

import pytest

from vigie.domain.usage import saved_s

LINE = "df -h -x tmpfs -x devtmpfs"


def test_asking_about_many_hosts_saves_more_than_about_one() -> None:
    one = saved_s("disk space", 1.0, [("web1", LINE, 0.2)])
    many = saved_s("disk space", 1.0, [(f"web{number}", LINE, 0.2) for number in range(10)])
    assert one > 0
    # A line that is known is recalled on the other hosts, not typed again.
    assert 9 * 2 < many - one < 9 * one


def test_what_the_line_itself_takes_is_not_saved() -> None:
    slow = saved_s("disk space", 60.0, [("web1", LINE, 60.0)])
    assert slow == pytest.approx(saved_s("disk space", 0.0, [("web1", LINE, 0.0)]), abs=0.2)


def test_a_slow_answer_costs_time_and_nothing_run_saves_none() -> None:
    assert saved_s("uptime", 120.0, [("web1", "uptime", 0.1)]) < 0
    assert saved_s("uptime", 120.0, []) == 0
