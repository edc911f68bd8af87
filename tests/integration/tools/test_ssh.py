"""Each known trap of SSH, against a real sshd."""

import asyncio
import resource
import shlex
from pathlib import Path

import pytest
from tests.integration.tools.sshd_server import NoSecrets, Sshd, StartSshd

from vigie.domain.errors import BadUsage, Permanent, Transient
from vigie.domain.host import Host
from vigie.tools.hands import Hands


async def gone(word: str) -> bool:
    """Say whether no process carries `word` in its arguments, after giving it three seconds to go."""
    for _ in range(30):
        if not any(word in _arguments(path) for path in Path("/proc").glob("[0-9]*/cmdline")):
            return True
        await asyncio.sleep(0.1)
    return False


def _arguments(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8", "replace")
    except OSError:
        return ""


async def test_a_line_runs_and_its_outputs_stay_apart(sshd: Sshd, hands: Hands) -> None:
    way = await hands.on(sshd.host())
    done = await way.run("echo out; echo err >&2; exit 3", timeout_s=10)
    assert (done.rc, done.stdout, done.stderr) == (3, b"out\n", b"err\n")
    assert done.line == "echo out; echo err >&2; exit 3"


async def test_at_its_time_the_line_is_dead_on_the_host_with_its_grandchild(sshd: Sshd, hands: Hands, tmp_path: Path) -> None:
    way = await hands.on(sshd.host())
    word = f"{tmp_path.name}-grandchild"
    done = await way.run(f"sh -c 'sleep 600; true' {word} & sh -c 'sleep 600; true' {word}", timeout_s=1)
    assert done.killed
    assert done.seconds < 5
    assert await gone(word)


async def test_a_byte_that_is_no_utf8_harms_nothing(sshd: Sshd, hands: Hands) -> None:
    way = await hands.on(sshd.host())
    slow = asyncio.create_task(way.run("sleep 0.5; echo still here", timeout_s=10))
    done = await way.run(r"printf 'a\377b'", timeout_s=10)
    assert (done.rc, done.stdout) == (0, b"a\xffb")
    assert (await slow).stdout == b"still here\n"


async def test_a_line_that_reads_finds_the_end_of_its_input(sshd: Sshd, hands: Hands) -> None:
    way = await hands.on(sshd.host())
    done = await way.run("cat; echo end", timeout_s=10)
    assert done.stdout == b"end\n"
    assert done.seconds < 5


async def test_bytes_given_are_what_the_line_reads(sshd: Sshd, hands: Hands) -> None:
    way = await hands.on(sshd.host())
    given = bytes(range(256)) * 8000
    done = await way.run("sha256sum | cut -d' ' -f1; wc -c </dev/null", timeout_s=20, stdin=given)
    import hashlib

    assert done.stdout.split()[0].decode() == hashlib.sha256(given).hexdigest()


async def test_a_huge_output_is_cut_and_memory_stays_small(sshd: Sshd, hands: Hands) -> None:
    way = await hands.on(sshd.host())
    await way.run("true", timeout_s=10)
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    done = await way.run("echo first; head -c 60000000 /dev/zero | tr '\\0' 'x'; echo; echo last", timeout_s=60)
    assert done.truncated
    assert done.stdout.startswith(b"first\n")
    assert done.stdout.endswith(b"last\n")
    assert len(done.stdout) <= 1024 * 1024 + 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb < 30_000


async def test_an_unknown_key_is_refused_and_its_fingerprint_told(sshd: Sshd, hands: Hands) -> None:
    way = await hands.on(sshd.host(host_key=""))
    with pytest.raises(Permanent) as caught:
        await way.run("true", timeout_s=10)
    assert caught.value.key == "host.key_unknown"
    assert caught.value.values["fingerprint"] == sshd.fingerprint
    assert sshd.fingerprint in caught.value.next("fr")


async def test_an_empty_store_is_not_filled_from_the_users_own(
    sshd: Sshd, hands: Hands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh" / "known_hosts").write_text(f"[127.0.0.1]:{sshd.port} {sshd.public_key}\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    way = await hands.on(sshd.host(host_key=""))
    with pytest.raises(Permanent, match="not known"):
        await way.run("true", timeout_s=10)


async def test_a_changed_key_shuts_the_host(sshd: Sshd, hands: Hands, start_sshd: StartSshd) -> None:
    other = start_sshd("other")
    way = await hands.on(sshd.host(host_key=other.public_key))
    with pytest.raises(Permanent) as caught:
        await way.run("true", timeout_s=10)
    assert caught.value.key == "host.key_changed"
    assert caught.value.values["fingerprint"] == sshd.fingerprint
    assert caught.value.values["known"] == other.fingerprint


async def test_a_key_of_another_kind_is_a_changed_key(hands: Hands, start_sshd: StartSshd) -> None:
    known = start_sshd("known")
    now = start_sshd("now", kinds=("rsa",))
    host = Host("web", now.address, options={"key": str(now.folder / "client"), "host_key": known.public_key})
    with pytest.raises(Permanent) as caught:
        await (await hands.on(host)).run("true", timeout_s=10)
    assert caught.value.key == "host.key_changed"


async def test_of_several_keys_the_known_one_is_asked_for(hands: Hands, start_sshd: StartSshd) -> None:
    server = start_sshd(kinds=("rsa", "ed25519"))
    assert (await (await hands.on(server.host())).run("true", timeout_s=10)).rc == 0


async def test_the_key_is_fetched_without_trust_and_then_opens(sshd: Sshd, hands: Hands) -> None:
    shown = await hands.host_key(sshd.host(host_key=""))
    assert shown.fingerprint == sshd.fingerprint
    assert shown.is_called(sshd.fingerprint.removeprefix("SHA256:"))
    assert not shown.is_called("SHA256:AAAA")
    done = await (await hands.on(sshd.host(host_key=shown.line))).run("echo in", timeout_s=10)
    assert done.stdout == b"in\n"


async def test_sixty_lines_at_once_pass_the_ten_sessions_of_sshd(sshd: Sshd, hands: Hands) -> None:
    way = await hands.on(sshd.host())
    done = await asyncio.gather(*[way.run(f"echo {number}", timeout_s=30) for number in range(60)])
    assert [each.stdout for each in done] == [f"{number}\n".encode() for number in range(60)]


async def test_a_session_refused_for_a_moment_cuts_nobody_off(hands: Hands, start_sshd: StartSshd) -> None:
    way = await hands.on(start_sshd(extra="MaxSessions 2").host())
    done = await asyncio.gather(*[way.run(f"sleep 0.{number}; echo {number}", timeout_s=30, mark="A") for number in range(8)])
    assert [each.stdout for each in done] == [f"{number}\n".encode() for number in range(8)]


async def test_the_connection_is_used_again(sshd: Sshd, hands: Hands) -> None:
    way = await hands.on(sshd.host())
    for _ in range(3):
        await way.run("true", timeout_s=10)
    assert (sshd.folder / "log").read_text().count("Accepted publickey") == 1


async def test_a_connection_that_broke_is_opened_anew(sshd: Sshd, hands: Hands) -> None:
    way = await hands.on(sshd.host())
    await way.run("true", timeout_s=10)
    running = asyncio.create_task(way.run("sleep 30", timeout_s=60))
    await asyncio.sleep(0.5)
    sshd.cut()
    broken = await running
    # Its end was not seen: that is neither a success nor a failure.
    assert broken.rc is None
    assert not broken.killed
    assert (await way.run("echo back", timeout_s=10)).stdout == b"back\n"


async def test_a_jump_host_is_passed_through(hands: Hands, start_sshd: StartSshd) -> None:
    bastion, inner = start_sshd("bastion"), start_sshd("inner")
    both = (bastion.folder / "client.pub").read_text() + (inner.folder / "client.pub").read_text()
    (bastion.folder / "authorized_keys").write_text(both)
    keys = f"{inner.public_key}\n[127.0.0.1]:{bastion.port} {bastion.public_key}"
    host = inner.host(jump=bastion.address.removeprefix("ssh://"), host_key=keys)
    assert (await (await hands.on(host)).run("echo through", timeout_s=10)).stdout == b"through\n"
    assert "Accepted publickey" in (bastion.folder / "log").read_text()


async def test_the_targets_bare_key_does_not_open_the_jump_host(hands: Hands, start_sshd: StartSshd) -> None:
    bastion, inner = start_sshd("bastion"), start_sshd("inner")
    host = inner.host(jump=bastion.address.removeprefix("ssh://"))
    with pytest.raises(Permanent) as caught:
        await (await hands.on(host)).run("true", timeout_s=10)
    assert caught.value.key == "host.key_unknown"
    assert caught.value.values["fingerprint"] == bastion.fingerprint


async def test_a_jump_host_may_be_one_we_know(tmp_path: Path, start_sshd: StartSshd) -> None:
    bastion, inner = start_sshd("bastion"), start_sshd("inner")

    async def find(name: str) -> Host:
        return bastion.host(name)

    pool = Hands(secrets=NoSecrets(), folder=tmp_path, find_host=find)
    done = await (await pool.on(inner.host(jump="door"))).run("echo through", timeout_s=10)
    await pool.close()
    assert done.stdout == b"through\n"


async def test_jump_hosts_in_a_circle_are_told(tmp_path: Path, sshd: Sshd) -> None:
    async def find(name: str) -> Host:
        return sshd.host(name, jump={"a": "b", "b": "a"}[name])

    pool = Hands(secrets=NoSecrets(), folder=tmp_path, find_host=find)
    with pytest.raises(BadUsage, match="never arrives"):
        await pool.on(sshd.host(jump="a"))
    await pool.close()


async def test_a_proxy_command_makes_the_connection(
    sshd: Sshd, hands: Hands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANARY", "secret")
    seen = tmp_path / "seen"
    script = (
        "import socket,sys,os,threading\n"
        f"open({str(seen)!r},'w').write(repr(dict(os.environ)))\n"
        "s=socket.create_connection((sys.argv[1],int(sys.argv[2])))\n"
        "def up():\n"
        "  while d:=os.read(0,65536): s.sendall(d)\n"
        "  s.shutdown(1)\n"
        "threading.Thread(target=up,daemon=True).start()\n"
        "while d:=s.recv(65536): os.write(1,d)\n"
    )
    (tmp_path / "proxy.py").write_text(script)
    import sys

    command = shlex.join([sys.executable, str(tmp_path / "proxy.py"), "%h", "%p"])
    done = await (await hands.on(sshd.host(proxy_command=command))).run("echo proxied", timeout_s=10)
    assert done.stdout == b"proxied\n"
    assert "CANARY" not in seen.read_text()


async def test_death_by_a_signal_is_shown_as_such(sshd: Sshd, hands: Hands) -> None:
    done = await (await hands.on(sshd.host())).run("kill -9 $$", timeout_s=10)
    assert (done.rc, done.signal, done.killed) == (137, "KILL", False)


async def test_a_program_that_is_absent_is_told_apart_from_one_that_fails(sshd: Sshd, hands: Hands) -> None:
    way = await hands.on(sshd.host())
    assert (await way.run("no-such-program-here -n true", timeout_s=10)).rc == 127


async def test_a_refused_login_is_permanent(sshd: Sshd, hands: Hands) -> None:
    (sshd.folder / "authorized_keys").write_text("")
    with pytest.raises(Permanent) as caught:
        await (await hands.on(sshd.host())).run("true", timeout_s=10)
    assert caught.value.key == "host.refused"


async def test_a_missing_key_file_is_named(sshd: Sshd, hands: Hands) -> None:
    with pytest.raises(Permanent) as caught:
        await (await hands.on(sshd.host(key="/nowhere/key"))).run("true", timeout_s=10)
    assert caught.value.key == "host.key_file"
    assert "/nowhere/key" in caught.value.what("fr")


async def test_a_silent_port_is_transient_and_then_rests(sshd: Sshd, hands: Hands) -> None:
    sshd.stop()
    way = await hands.on(sshd.host())
    for _ in range(3):
        with pytest.raises(Transient) as caught:
            await way.run("true", timeout_s=10)
        assert caught.value.key == "host.unreachable"
    with pytest.raises(Transient) as caught:
        await way.run("true", timeout_s=10)
    assert caught.value.key == "host.resting"
    assert caught.value.retry_after_s > 20


async def test_a_daemon_left_behind_does_not_hold_the_line(sshd: Sshd, hands: Hands) -> None:
    done = await (await hands.on(sshd.host())).run("sleep 8 & echo started", timeout_s=20)
    assert (done.rc, done.stdout) == (0, b"started\n")
    assert done.seconds < 5


async def test_the_line_finds_its_mark_and_a_quiet_environment(sshd: Sshd, hands: Hands) -> None:
    way = await hands.on(sshd.host())
    done = await way.run('echo "$VIGIE_ACTION $TERM $LC_CTYPE $PAGER [$SYSTEMD_PAGER]"', timeout_s=10, mark="A-1/2")
    assert done.stdout == b"A-1/2 dumb C.UTF-8 cat []\n"
    assert b"/usr/sbin" in (await way.run('echo "$PATH"', timeout_s=10)).stdout


async def test_quotes_and_line_breaks_arrive_as_written(sshd: Sshd, hands: Hands) -> None:
    way = await hands.on(sshd.host())
    line = """printf '%s\\n' "it's" 'a "quote"' '$HOME' `echo back`
echo second"""
    assert (await way.run(line, timeout_s=10)).text() == 'it\'s\na "quote"\n$HOME\nback\nsecond\n'
