"""How a line is put to a login shell: what of it is left out where it was seen to be needless, and for how long."""

from datetime import UTC, datetime

from vigie.clock import FixedClock
from vigie.domain.action import Completed
from vigie.domain.host import Host
from vigie.tools.ssh_speech import Heard, Said, ToShell

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOST = Host("web1", "ssh://web1", options={"ssh.shell": "/bin/bash timeout"})


async def said(shell: ToShell, *, mark: str | None = None, stdin: bytes | None = None) -> Said:
    return await shell.say("uptime", timeout_s=5, stdin=stdin, mark=mark)


def heard(*, quiet: bool) -> Heard:
    done = Completed("uptime", rc=0, stdout=b"", stderr=b"", seconds=0.1)
    return Heard(done, b"", flooded=False, quiet=quiet)


async def test_the_sum_on_the_standard_error_is_left_out_for_a_moment_where_nothing_was_printed_before_it() -> None:
    clock = FixedClock(NOON)
    shell = ToShell(HOST, clock)
    assert ">&2" in (await said(shell)).command
    shell.again(heard(quiet=True), mark=None)
    brief = await said(shell)
    assert (">&2" in brief.command, brief.on_stderr) == (False, False)
    assert "timeout -k 5 5 uptime" in brief.command
    clock.advance(31)
    assert (await said(shell)).on_stderr


async def test_it_is_never_left_out_of_what_changes_something_has_input_or_comes_after_noise() -> None:
    shell = ToShell(HOST, FixedClock(NOON))
    shell.again(heard(quiet=False), mark=None)
    assert (await said(shell)).on_stderr
    shell.again(heard(quiet=True), mark=None)
    assert (await said(shell, mark="C-1:1")).on_stderr
    assert (await said(shell, stdin=b"x")).on_stderr
