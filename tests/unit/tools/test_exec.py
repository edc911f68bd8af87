"""Behind a prefix, what never started is told apart from what failed."""

import shlex
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from vigie.domain.errors import Permanent, Transient
from vigie.domain.host import Host
from vigie.tools.hands import Hands


class NoSecrets:
    async def get(self, name: str) -> bytes | None:
        return None


@pytest.fixture
async def hands(tmp_path: Path) -> AsyncIterator[Hands]:
    pool = Hands(secrets=NoSecrets(), folder=tmp_path)
    yield pool
    await pool.close()


def prefix(tmp_path: Path, script: str) -> Host:
    path = tmp_path / "a prefix"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return Host("box", f"exec:{shlex.quote(str(path))} 'two words'")


async def test_the_prefix_is_split_like_a_shell_and_gets_an_argv(hands: Hands, tmp_path: Path) -> None:
    host = prefix(tmp_path, f'printf "%s\\n" "$1" "$2" "$3" > {tmp_path}/argv; shift; exec "$@"')
    assert (await (await hands.on(host)).run("echo hi", timeout_s=10)).stdout == b"hi\n"
    assert (tmp_path / "argv").read_text().splitlines() == ["two words", "sh", "-c"]


async def test_a_container_that_is_gone_is_unreachable(hands: Hands, tmp_path: Path) -> None:
    host = prefix(tmp_path, f'[ -e {tmp_path}/up ] || {{ echo "no such container" >&2; exit 1; }}; shift; exec "$@"')
    (tmp_path / "up").touch()
    way = await hands.on(host)
    assert (await way.run("exit 1", timeout_s=10)).rc == 1
    (tmp_path / "up").unlink()
    with pytest.raises(Transient) as caught:
        await way.run("true", timeout_s=10)
    assert "no such container" in caught.value.why()


async def test_one_that_was_never_there_is_unreachable(hands: Hands) -> None:
    with pytest.raises(Transient) as caught:
        await (await hands.on(Host("box", "exec:false"))).run("true", timeout_s=10)
    assert caught.value.key == "host.unreachable"


async def test_a_program_that_is_not_installed_is_named(hands: Hands) -> None:
    with pytest.raises(Permanent) as caught:
        await (await hands.on(Host("box", "exec:no-such-docker exec web"))).run("true", timeout_s=10)
    assert caught.value.key == "host.no_program"
    assert "no-such-docker" in caught.value.what("fr")


@pytest.mark.parametrize("answers", ["true", "echo ok", "echo", "head -c 300000 /dev/urandom #", 'printf "%s\\n"'])
async def test_what_answers_without_running_anything_is_no_host(hands: Hands, tmp_path: Path, answers: str) -> None:
    with pytest.raises(Permanent) as caught:
        await (await hands.on(prefix(tmp_path, f'shift; {answers} "$@"'))).run("uname -s", timeout_s=10)
    assert caught.value.key == "host.no_shell"
    assert caught.value.why("fr").isprintable()


async def test_one_that_joins_both_outputs_still_works(hands: Hands, tmp_path: Path) -> None:
    way = await hands.on(prefix(tmp_path, 'shift; exec "$@" 2>&1'))
    done = await way.run("echo hi; exit 3", timeout_s=10)
    assert (done.rc, done.stdout) == (3, b"hi\n")


async def test_one_that_drops_errors_still_tells_failures(hands: Hands, tmp_path: Path) -> None:
    way = await hands.on(prefix(tmp_path, 'shift; exec "$@" 2>/dev/null'))
    assert (await way.run("exit 5", timeout_s=10)).rc == 5


async def test_without_a_timeout_program_the_limit_still_holds(hands: Hands, tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "timeout").write_text("#!/bin/sh\nexit 1\n")
    (tools / "timeout").chmod(0o755)
    host = prefix(tmp_path, 'shift; exec "$@"')
    way = await hands.on(Host(host.name, host.address, options={"path": str(tools)}))
    done = await way.run("sleep 30", timeout_s=1)
    assert done.killed
    assert done.seconds < 5
