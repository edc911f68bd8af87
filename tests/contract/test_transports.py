"""Every transport, found by discovery, keeps the same promises."""

import asyncio
import hashlib
import inspect
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.integration.tools.sshd_server import Sshd, start_sshd

from vigie.domain.errors import BadUsage
from vigie.domain.host import Host
from vigie.plugins import discover
from vigie.tools import transports
from vigie.tools.hands import Hands
from vigie.tools.transports.transport import Transport

__all__ = ["start_sshd"]

KINDS = discover(transports, Transport)


class NoSecrets:
    async def get(self, name: str) -> bytes | None:
        return None


def _host(kind: str, request: pytest.FixtureRequest) -> Host:
    match kind:
        case "local":
            return Host("here", "local")
        case "exec":
            return Host("behind", "exec:env BEHIND='a prefix'")
        case "ssh":
            server: Sshd = request.getfixturevalue("start_sshd")()
            return server.host("far")
        case _:
            pytest.fail(f"no host to try the transport {kind!r} on: add one here")


@pytest.fixture(params=sorted(KINDS))
async def way(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Transport]:
    pool = Hands(secrets=NoSecrets(), folder=tmp_path)
    yield await pool.on(_host(request.param, request))
    await pool.close()


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_it_is_told_what_it_is(kind: type[Transport]) -> None:
    assert inspect.getdoc(kind)
    assert kind.name


async def test_codes_and_outputs_come_back(way: Transport) -> None:
    done = await way.run("echo out; echo err >&2; exit 7", timeout_s=10)
    assert (done.rc, done.stdout, done.stderr) == (7, b"out\n", b"err\n")
    assert (done.line, done.killed, done.truncated, done.signal) == ("echo out; echo err >&2; exit 7", False, False, None)
    assert 0 < done.seconds < 10


async def test_a_missing_program_is_a_code_and_no_error(way: Transport) -> None:
    assert (await way.run("no-such-program-anywhere", timeout_s=10)).rc == 127


async def test_a_line_that_cannot_be_parsed_is_a_code_and_no_error(way: Transport) -> None:
    assert (await way.run("if then (", timeout_s=10)).rc == 2


async def test_nothing_of_ours_is_read(way: Transport) -> None:
    assert (await way.run("cat; echo end", timeout_s=10)).stdout == b"end\n"


async def test_given_bytes_are_read_unchanged(way: Transport) -> None:
    given = bytes(range(256)) * 4096
    done = await way.run("sha256sum", timeout_s=20, stdin=given)
    assert done.text().split()[0] == hashlib.sha256(given).hexdigest()


async def test_a_line_that_does_not_read_its_input_ends_all_the_same(way: Transport) -> None:
    assert (await way.run("exit 4", timeout_s=10, stdin=b"x" * 3_000_000)).rc == 4


async def test_the_time_limit_ends_all_that_was_started(way: Transport, tmp_path: Path) -> None:
    alive = tmp_path / "alive"
    done = await way.run(f"(while :; do date > {alive}; sleep 0.1; done) & sleep 60", timeout_s=1)
    assert done.killed
    assert done.seconds < 8
    alive.unlink(missing_ok=True)
    await asyncio.sleep(0.5)
    assert not alive.exists()


async def test_a_stubborn_line_is_ended_too(way: Transport) -> None:
    done = await way.run("trap '' TERM; while :; do sleep 0.2; done", timeout_s=1)
    assert done.killed
    assert done.seconds < 14


async def test_output_is_capped_with_head_and_tail_kept(way: Transport) -> None:
    done = await way.run("echo first; head -c 3000000 /dev/zero | tr '\\0' x; echo; echo last", timeout_s=30)
    assert done.truncated
    assert done.stdout.startswith(b"first\n")
    assert done.stdout.endswith(b"\nlast\n")
    assert len(done.stdout) <= 1024 * 1024 + 1


async def test_the_cap_can_be_raised_for_what_must_be_whole(way: Transport) -> None:
    done = await way.run("head -c 3000000 /dev/zero", timeout_s=30, cap_bytes=4_000_000)
    assert not done.truncated
    assert done.stdout == bytes(3_000_000)


async def test_bytes_stay_bytes(way: Transport) -> None:
    assert (await way.run(r"printf '\377\000\n'", timeout_s=10)).stdout == b"\xff\x00\n"


async def test_the_environment_is_quiet_and_holds_nothing_of_ours(way: Transport, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGIE_CANARY", "a secret of ours")
    done = await way.run("env", timeout_s=10)
    names = dict(line.partition("=")[::2] for line in done.text().splitlines())
    assert "VIGIE_CANARY" not in names
    assert "VIGIE_ACTION" not in names
    assert (names["TERM"], names["LC_ALL"], names["LC_CTYPE"], names["LANG"], names["PAGER"]) == (
        "dumb",
        "",
        "C.UTF-8",
        "C",
        "cat",
    )
    assert (names["GIT_PAGER"], names["SYSTEMD_PAGER"]) == ("cat", "")
    assert names["DEBIAN_FRONTEND"] == "noninteractive"
    assert "/usr/sbin" in names["PATH"].split(":")


async def test_the_mark_is_on_all_that_the_line_starts(way: Transport) -> None:
    done = await way.run("sh -c 'echo $VIGIE_ACTION'", timeout_s=10, mark="C-1-abc-0/undo/1")
    assert done.stdout == b"C-1-abc-0/undo/1\n"


async def test_a_mark_that_is_no_word_is_a_bug(way: Transport) -> None:
    with pytest.raises(ValueError, match="no mark"):
        await way.run("true", timeout_s=10, mark="a; rm b")


async def test_quotes_backslashes_and_line_breaks_arrive_as_written(way: Transport) -> None:
    line = "printf '%s|' \"it's\" 'say \"hi\"' 'back\\slash' '$HOME' `echo tick`; echo é\necho second"
    assert (await way.run(line, timeout_s=10)).text() == 'it\'s|say "hi"|back\\slash|$HOME|tick|é\nsecond\n'


async def test_death_by_a_signal_is_told(way: Transport) -> None:
    done = await way.run("kill -TERM $$", timeout_s=10)
    assert (done.rc, done.signal, done.killed) == (143, "TERM", False)


async def test_a_daemon_left_behind_does_not_hold_the_line(way: Transport) -> None:
    done = await way.run("sleep 6 & echo started", timeout_s=20)
    assert (done.rc, done.stdout) == (0, b"started\n")
    assert done.seconds < 4


async def test_lines_run_side_by_side(way: Transport) -> None:
    loop = asyncio.get_running_loop()
    started_s = loop.time()
    await asyncio.gather(*[way.run("sleep 1", timeout_s=20) for _ in range(5)])
    assert loop.time() - started_s < 4


@pytest.mark.parametrize("address", ["", "telnet://x", "ssh://", "ssh://a b", "ssh://u:p@h", "ssh://h:99999", "exec:", "exec:'a"])
async def test_an_address_that_is_none_is_told(address: str, tmp_path: Path) -> None:
    pool = Hands(secrets=NoSecrets(), folder=tmp_path)
    with pytest.raises(BadUsage) as caught:
        await pool.on(Host("x", address))
    assert caught.value.key == "host.address"
    await pool.close()


def test_the_machine_has_what_these_tests_measure() -> None:
    assert shutil.which("timeout")
