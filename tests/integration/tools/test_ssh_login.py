"""What a login's own files do before a line: they may print, wait, read, and must not be noticed. Against a real sshd."""

import asyncio
from pathlib import Path

import pytest
from tests.integration.tools.sshd_server import Sshd, StartSshd
from tests.integration.tools.test_ssh import gone

from vigie.domain.errors import Permanent, Transient
from vigie.domain.host import Host
from vigie.tools.hands import Hands


def server(start_sshd: StartSshd, tmp_path: Path, bashrc: str) -> Sshd:
    """Start a server whose bash reads `bashrc` before each line, as an ordinary user's does."""
    (tmp_path / ".bashrc").write_text(bashrc)
    return start_sshd(extra=f"SetEnv HOME={tmp_path}")


NOISE = "printf 'Welcome\\nno newline at the end'; echo 'warning: old' >&2"


@pytest.mark.parametrize("mark", [None, "A-1"])
async def test_what_it_prints_is_in_no_output(start_sshd: StartSshd, tmp_path: Path, hands: Hands, mark: str | None) -> None:
    way = await hands.on(server(start_sshd, tmp_path, NOISE).host())
    for _ in range(2):
        done = await way.run("echo out; echo err >&2", timeout_s=10, mark=mark)
        assert (done.rc, done.stdout, done.stderr) == (0, b"out\n", b"err\n")


async def test_what_it_reads_is_not_ours(start_sshd: StartSshd, tmp_path: Path, hands: Hands) -> None:
    way = await hands.on(server(start_sshd, tmp_path, "read answer; read another").host())
    given = b"first\nsecond\n" + bytes(range(256))
    for _ in range(2):
        assert (await way.run("cat", timeout_s=10, stdin=given)).stdout == given
        assert (await way.run("cat; echo end", timeout_s=10)).stdout == b"end\n"


async def test_one_that_reads_all_of_it_starts_no_line(start_sshd: StartSshd, tmp_path: Path, hands: Hands) -> None:
    way = await hands.on(server(start_sshd, tmp_path, "cat >/dev/null").host())
    with pytest.raises(Permanent) as caught:
        await way.run(f"cat > {tmp_path}/written", timeout_s=10, stdin=b"all of it")
    assert caught.value.key == "host.no_shell"
    assert not (tmp_path / "written").exists()


async def test_its_wait_is_not_the_lines(start_sshd: StartSshd, tmp_path: Path, hands: Hands) -> None:
    way = await hands.on(server(start_sshd, tmp_path, "sleep 2").host())
    done = await way.run("echo here", timeout_s=1)
    assert (done.stdout, done.killed) == (b"here\n", False)


async def test_one_that_never_ends_runs_nothing_later(
    start_sshd: StartSshd, tmp_path: Path, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vigie.tools.transports.ssh.GRACE_S", 0.2)
    way = await hands.on(server(start_sshd, tmp_path, f"sleep 3; : {tmp_path.name}").host())
    with pytest.raises(Transient):
        await way.run(f"touch {tmp_path}/written", timeout_s=1)
    await asyncio.sleep(3)
    assert not (tmp_path / "written").exists()


async def test_an_answer_without_end_stops_early(sshd: Sshd, hands: Hands) -> None:
    way = await hands.on(sshd.host())
    done = await way.run("exec yes here-without-end", timeout_s=300)
    assert (done.killed, done.truncated) == (True, True)
    assert len(done.stdout) <= 1024 * 1024 + 1
    assert done.seconds < 30
    assert await gone("here-without-end")


async def test_one_that_only_shouts_is_no_host(sshd: Sshd, hands: Hands) -> None:
    host = Host("web", sshd.address, options=sshd.host().options | {"proxy_command": "sh -c 'exec yes'"})
    with pytest.raises(Transient):
        await (await hands.on(host)).run("true", timeout_s=10)


async def test_a_byte_a_second_is_waited_for_no_longer_than_the_limit(sshd: Sshd, hands: Hands) -> None:
    way = await hands.on(sshd.host())
    done = await way.run("while :; do printf x; sleep 1; done", timeout_s=2)
    assert done.killed
    assert done.stdout in (b"xx", b"xxx")
    assert done.seconds < 8


async def test_lines_that_wait_for_the_same_silence_share_it(hands: Hands) -> None:
    async def silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tries.append(writer)

    tries: list[asyncio.StreamWriter] = []
    listener = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    way = await hands.on(Host("dead", f"ssh://nobody@127.0.0.1:{port}", options={"host_key": "ssh-ed25519 " + "A" * 68}))
    lines = [asyncio.create_task(way.run("true", timeout_s=5)) for _ in range(8)]
    await asyncio.sleep(0.5)
    assert len(tries) == 1
    for writer in tries:
        writer.close()
    ends = await asyncio.gather(*lines, return_exceptions=True)
    assert all(isinstance(end, Transient) for end in ends)
    listener.close()
