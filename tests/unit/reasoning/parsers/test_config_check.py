"""A refusal of our own rights says nothing of a configuration."""

from datetime import UTC, datetime

import pytest

from vigie.reasoning.parsers.config_check import ConfigCheck
from vigie.reasoning.parsers.parser import Output

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "rc", "names"),
    [
        ('nginx: [emerg] open() "/run/nginx.pid" failed (13: Permission denied)', 1, []),
        ("nginx: configuration file /etc/nginx/nginx.conf test is successful", 0, ["config.accepted"]),
        ('nginx: [emerg] unknown directive "x" in /etc/nginx/conf.d/a.conf:3', 1, ["config.refused"]),
        ("/etc/ssh/sshd_config: line 12: Bad configuration option: PermitRoot", 255, ["config.refused"]),
        ("", 0, ["config.accepted"]),
    ],
)
def test_what_a_program_says_when_it_only_checks(said: str, rc: int, names: list[str]) -> None:
    output = Output("", NOW, stderr=said, rc=rc, slots={"service": "front"})
    assert [one.name for one in ConfigCheck().parse(output)] == names
