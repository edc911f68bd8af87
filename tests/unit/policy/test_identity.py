"""What `sudo` is to the user that we come in as."""

import pytest

from vigie.domain.action import Completed, EffectClass
from vigie.domain.host import Host, Sudo
from vigie.policy import identity
from vigie.policy.shell import classify


@pytest.mark.parametrize(
    ("stdout", "rc", "sudo"),
    [
        ("0\n/usr/bin/sudo\nUser root may run…\n", 0, Sudo.NEEDLESS),
        ("0\n", 1, Sudo.NEEDLESS),
        ("1000\n", 1, Sudo.ABSENT),
        ("1000\n", 127, Sudo.ABSENT),
        ("1000\n/usr/bin/sudo\n    (ALL) NOPASSWD: ALL\n", 0, Sudo.ALLOWED),
        ("1000\n/usr/bin/sudo\n", 1, Sudo.PASSWORD),
        ("", 1, None),
        ("no such command\n", 0, None),
    ],
)
def test_the_answer_says_what_sudo_is(stdout: str, rc: int, sudo: Sudo | None) -> None:
    host = Host("web", "local")
    answers = [Completed(line, rc if line == identity.SUDO else 0, b"", b"", 0.0) for line in identity.lines(None, host)]
    answers[-1] = Completed(identity.SUDO, rc, stdout.encode(), b"", 0.0)
    known = identity.identified(host, answers, None)
    assert known.sudo is sudo
    # Asked once: what was answered is not asked again.
    assert (identity.SUDO in identity.lines(None, known)) is (sudo is None)


def test_asking_only_reads_and_never_waits_for_a_password() -> None:
    assert classify(identity.SUDO).effect_class is EffectClass.SAFE_READ
    assert "sudo -n" in identity.SUDO
