"""What a login's own files do before a line: they may print, wait, read, and must not be noticed. Against a real sshd."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from tests.integration.tools.sshd_server import NoSecrets, Sshd, StartSshd
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
    monkeypatch.setattr("vigie.tools.ssh_speech.GRACE_S", 0.2)
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


async def test_a_key_may_be_with_an_agent(sshd: Sshd, tmp_path: Path) -> None:
    socket = tmp_path / "agent"
    agent = await asyncio.create_subprocess_exec("ssh-agent", "-D", "-a", str(socket), stdout=asyncio.subprocess.DEVNULL)
    async with asyncio.timeout(10):
        while not socket.exists():  # noqa: ASYNC110  # it tells nobody
            await asyncio.sleep(0.02)
    key = sshd.folder / "client"
    adding = await asyncio.create_subprocess_exec("ssh-add", "-q", str(key), env={"SSH_AUTH_SOCK": str(socket)})
    assert await adding.wait() == 0
    key.unlink()
    pool = Hands(secrets=NoSecrets(), folder=tmp_path, agent=str(socket))
    try:
        for options in (
            {"key": "", "agent": "session"},
            {"key": "", "agent": str(socket)},
            {"key": f"{key}.pub", "agent": "session"},
        ):
            host = sshd.host(f"web{len(pool._ways)}", **options)
            done = await (await pool.on(host)).run("echo in; printenv SSH_AUTH_SOCK", timeout_s=10)
            assert done.stdout == b"in\n"
        with pytest.raises(Permanent) as caught:
            await (await pool.on(sshd.host("lost", key="", agent=str(tmp_path / "none")))).run("true", timeout_s=10)
        assert caught.value.key == "host.no_agent"
    finally:
        await pool.close()
        agent.terminate()
        await agent.wait()


async def test_jump_hosts_are_passed_to_any_depth(start_sshd: StartSshd, tmp_path: Path) -> None:
    first, second, third, last = (start_sshd(name) for name in ("first", "second", "third", "last"))
    known = {"second": second.host("second"), "third": third.host("third")}

    async def find(name: str) -> Host:
        return known[name]

    keys = f"[127.0.0.1]:{first.port} {first.public_key}\n[127.0.0.1]:{last.port} {last.public_key}"
    ways = f"{first.address.removeprefix('ssh://')},second,third"
    host = last.host("last", jump=ways, host_key=keys, key=str(first.folder / "client"))
    for server in (first, last):
        (server.folder / "authorized_keys").write_text(
            "".join((each.folder / "client.pub").read_text() for each in (first, second))
        )
    pool = Hands(secrets=NoSecrets(), folder=tmp_path, find_host=find)
    try:
        assert (await (await pool.on(host)).run("echo there", timeout_s=20)).stdout == b"there\n"
        assert len(pool._ways) == 4
    finally:
        await pool.close()


async def test_a_cut_in_the_middle_is_an_end_that_was_not_seen(sshd: Sshd, hands: Hands) -> None:
    way = await hands.on(sshd.host())
    await way.run("true", timeout_s=10)
    line = asyncio.create_task(way.run("sleep 5; echo end", timeout_s=20, mark="A-1"))
    await asyncio.sleep(1)
    await asyncio.to_thread(sshd.cut)
    done = await line
    assert (done.rc, done.killed) == (None, False)
    assert (await way.run("echo again", timeout_s=10)).stdout == b"again\n"


async def test_a_banner_of_a_byte_a_second_is_no_host(hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vigie.tools.transports.ssh._LOGIN_S", 1.5)
    seen = []

    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(writer)
        for byte in b"SSH-2.0-OpenSSH_9":
            writer.write(bytes([byte]))
            await asyncio.sleep(0.5)

    listener = await asyncio.start_server(drip, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    with pytest.raises(Transient):
        await (await hands.on(Host("slow", f"ssh://nobody@127.0.0.1:{port}"))).run("true", timeout_s=5)
    listener.close()
    for writer in seen:
        writer.close()


async def test_what_is_noted_of_a_host_saves_asking_and_is_asked_anew_when_it_is_so_no_more(
    start_sshd: StartSshd, tmp_path: Path, hands: Hands
) -> None:
    gone = 'exec() { if [ "$1" = timeout ]; then echo "bash: exec: timeout: not found" >&2; exit 127; fi; builtin exec "$@"; }'
    host = server(start_sshd, tmp_path, "").host()
    way = await hands.on(host)
    await way.run("true", timeout_s=5)
    assert way.notes() == {"ssh.shell": "/bin/bash timeout"}
    await hands.forget(host.name)
    for bashrc in (gone, "exec() { return 1; }; echo() { :; }; command exec sh -c 'exit 1'"):
        (tmp_path / ".bashrc").write_text(bashrc)
        noted = await hands.on(replace(host, options=host.options | way.notes()))
        if bashrc is gone:
            assert (await noted.run("echo here", timeout_s=5)).stdout == b"here\n"
        else:
            with pytest.raises(Permanent, match="asked for a sum"):
                await noted.run("echo here", timeout_s=5)
        await hands.forget(host.name)
