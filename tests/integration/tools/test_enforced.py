"""A host that checks each line itself, against a real sshd: tickets pass once, nothing else does, and it can be taken away."""

import asyncio
import getpass
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tests.integration.tools.sshd_server import Sshd, StartSshd, sshd, start_sshd

from vigie.clock import SystemClock
from vigie.domain.errors import Permanent, VigieError
from vigie.domain.host import Host
from vigie.memory.memory import Memory, TenantMemory
from vigie.policy.enforcement import Enforcement
from vigie.tools import tickets
from vigie.tools.hands import Hands

__all__ = ["sshd", "start_sshd"]
READS: list[tuple[str, bytes | None]] = [("uptime", None), ("python3 -", b"print('measured')")]


@dataclass
class World:
    """An enrolled host whose gate stands, with what belongs to it; `other` is a second one."""

    server: Sshd
    store: TenantMemory
    hands: Hands
    host: Host

    @property
    def enforcement(self) -> Enforcement:
        return Enforcement(self.store, self.hands)

    @property
    def file(self) -> Path:
        return self.server.folder / "authorized_keys"

    def ssh(self, *words: str, key: str = "client", options: tuple[str, ...] = ()) -> "subprocess.CompletedProcess[bytes]":
        argv = ["ssh", "-F", "none", "-i", str(self.server.folder / key), "-p", str(self.server.port), *_BARE, *options]
        return subprocess.run([*argv, f"{getpass.getuser()}@127.0.0.1", *words], capture_output=True, timeout=20, check=False)

    def scp(self, to: Path, *options: str) -> "subprocess.CompletedProcess[bytes]":
        argv = ["scp", *options, "-F", "none", "-i", str(self.server.folder / "client"), "-P", str(self.server.port), *_BARE]
        return subprocess.run([*argv, __file__, f"127.0.0.1:{to}"], input=b"", capture_output=True, timeout=20, check=False)

    def ssh_given(self, stdin: bytes, words: str) -> "subprocess.CompletedProcess[bytes]":
        argv = ["ssh", "-F", "none", "-i", str(self.server.folder / "client"), "-p", str(self.server.port), *_BARE]
        return subprocess.run([*argv, "127.0.0.1", words], input=stdin, capture_output=True, timeout=20, check=False)

    async def ticket(self, line: str, ahead_s: float = 0.0, gate: str | None = None) -> str:
        key = await self.store.secrets.get(tickets.secret_names(self.host.name)[0])
        assert key is not None
        signer = tickets.Signer(gate or self.host.options[tickets.ENFORCED], key)
        return signer.ticket(line, at=SystemClock().now().timestamp() + ahead_s, timeout_s=10)[0]


_BARE: tuple[str, ...] = (
    "-o",
    "StrictHostKeyChecking=no",
    "-o",
    "UserKnownHostsFile=/dev/null",
    "-o",
    "IdentitiesOnly=yes",
    "-o",
    "BatchMode=yes",
)
_BARE += ("-o", "LogLevel=ERROR")


@pytest.fixture
async def world(start_sshd: StartSshd, tmp_path: Path) -> AsyncIterator[World]:
    (tmp_path / "account").mkdir()
    server = start_sshd(extra=f"SetEnv HOME={tmp_path}/account\nSubsystem sftp internal-sftp")
    memory = await Memory.open(tmp_path / "home", clock=SystemClock())
    store = memory.of()
    hands = Hands(secrets=store.secrets, folder=tmp_path, clock=SystemClock(), find_host=store.hosts.get)
    host = server.host()
    await store.hosts.save(host)
    made = World(server, store, hands, host)
    made.host = await made.enforcement.install(host, READS, actor="person:owner", file=str(made.file))
    yield made
    await hands.close()
    await memory.close()


async def test_lines_run_as_ever_and_nothing_without_a_ticket_does(world: World, tmp_path: Path) -> None:
    way = await world.hands.on(world.host)
    done = await way.run("echo out; echo err >&2; exit 3", timeout_s=10)
    assert (done.rc, done.stdout, done.stderr) == (3, b"out\n", b"err\n")
    fed = await way.run("cat; echo $VIGIE_ACTION", timeout_s=10, stdin=b"a\nb\xff", mark="C-1:2")
    assert fed.stdout == b"a\nb\xffC-1:2\n"
    assert (await way.run("cat", timeout_s=10)).stdout == b""
    slow = await way.run("sleep 60", timeout_s=1)
    assert slow.killed
    answers = await asyncio.gather(*[way.run(f"echo {number}", timeout_s=10) for number in range(12)])
    assert [each.stdout for each in answers] == [f"{number}\n".encode() for number in range(12)]

    made = tmp_path / "made"
    for words in (["touch", str(made)], [f"$(touch {made})"], [f"vigie-ticket-1 x x; touch {made}"], ["-s", "sftp"], []):
        refused = world.ssh(*words)
        assert refused.returncode == 126, words
        assert b"vigie-gate: refused" in refused.stderr or "sftp" in words  # whose errors ssh keeps to itself
    assert not made.exists()


async def test_a_ticket_is_for_one_line_one_host_and_once(world: World, tmp_path: Path) -> None:
    made = tmp_path / "made"
    good = await world.ticket("echo once")
    assert world.ssh(good).stdout.endswith(b"once\n")
    word, body, signature = good.split(" ")
    cases = {
        good: b"used before",
        f"{word} {body[:-6]}AAAAAA {signature}": b"not signed",
        await world.ticket(f"touch {made}", ahead_s=-600): b"clock",
        await world.ticket(f"touch {made}", gate="another"): b"another host",
        f"{await world.ticket('true')}; touch {made}": b"no ticket",
        f"{await world.ticket('true')}\ntouch {made}": b"",
    }
    for words, why in cases.items():
        ended = world.ssh(words)
        assert ended.returncode == 126, why
        assert why in ended.stderr
    assert not made.exists()


async def test_input_other_than_the_signed_one_is_not_run(world: World, tmp_path: Path) -> None:
    key = await world.store.secrets.get(tickets.secret_names(world.host.name)[0])
    assert key is not None
    signer = tickets.Signer(world.host.options[tickets.ENFORCED], key)
    at = SystemClock().now().timestamp()
    words, number = signer.ticket("sh", at=at, timeout_s=10, stdin=b"true #" + b"x" * len(str(tmp_path)))
    given = b"\n" + number + b"\n" + f"rm -r {tmp_path}".encode()[: 6 + len(str(tmp_path))]
    ended = world.ssh_given(given, words)
    assert ended.returncode == 126
    assert b"other input" in ended.stderr


async def test_no_terminal_no_forwarding_no_copy(world: World, tmp_path: Path) -> None:
    terminal = world.ssh(await world.ticket("true"), options=("-tt",))
    assert b"PTY allocation request failed" in terminal.stderr
    forwarding = world.ssh("-N", options=("-o", "ExitOnForwardFailure=yes", "-R", "0:127.0.0.1:1"))
    assert forwarding.returncode != 0
    assert world.ssh(options=("-W", f"127.0.0.1:{world.server.port}")).returncode != 0
    agent = await world.ticket("echo agent=$SSH_AUTH_SOCK")
    assert world.ssh(agent, options=("-A",)).stdout.endswith(b"agent=\n")
    for legacy in ((), ("-O",)):
        assert world.scp(tmp_path / "copied", *legacy).returncode != 0
    assert not (tmp_path / "copied").exists()


async def test_the_key_that_only_reads_runs_what_is_listed_and_writes_nothing(world: World, tmp_path: Path) -> None:
    way = await world.hands.on(world.host, only_reads=True)
    assert b"load average" in (await way.run("uptime", timeout_s=10)).stdout
    assert (await way.run("python3 -", timeout_s=10, stdin=b"print('measured')")).stdout == b"measured\n"
    made = tmp_path / "made"
    for line, stdin in ((f"touch {made}", None), ("uptime; true", None), ("python3 -", b"print('other')"), ("id", None)):
        with pytest.raises(Permanent) as refused:
            await way.run(line, timeout_s=10, stdin=stdin)
        assert refused.value.key == "enforce.refused"
    assert not made.exists()
    # The other way still does what is signed.
    assert (await (await world.hands.on(world.host)).run(f"touch {made}", timeout_s=10)).rc == 0


async def test_what_is_listed_can_write_nothing_though_it_tries(world: World, tmp_path: Path) -> None:
    made = tmp_path / "made"
    lines = [(f"echo x > {made}; id -u", None)]
    host = await world.enforcement.install(world.host, lines, actor="person:owner", file=str(world.file))
    ended = await (await world.hands.on(host, only_reads=True)).run(lines[0][0], timeout_s=10)
    assert not made.exists() or made.read_bytes() == b""
    assert ended.rc is not None


async def test_a_host_whose_clock_is_wrong_is_served_by_its_own_clock(world: World) -> None:
    class Slow(SystemClock):
        def now(self) -> datetime:
            return super().now() - timedelta(hours=3)

    hands = Hands(secrets=world.store.secrets, folder=world.server.folder, clock=Slow())
    try:
        assert (await (await hands.on(world.host)).run("echo here", timeout_s=10)).stdout == b"here\n"
    finally:
        await hands.close()


async def test_where_nothing_can_be_written_any_more_lines_still_run_and_each_ticket_once(world: World, tmp_path: Path) -> None:
    before = await world.ticket("echo before")
    assert world.ssh(before).stdout.endswith(b"before\n")
    folder = next((tmp_path / "account").iterdir())
    with read_only(folder):
        way = await world.hands.on(world.host)
        assert (await way.run("echo here", timeout_s=10)).stdout == b"here\n"
        reads = await world.hands.on(world.host, only_reads=True)
        assert b"load average" in (await reads.run("uptime", timeout_s=10)).stdout
        once = await world.ticket("echo once")
        assert world.ssh(once).stdout.endswith(b"once\n")
        for words in (once, before):
            assert b"used before" in world.ssh(words).stderr
        assert b"clock" in world.ssh(await world.ticket("echo ahead", ahead_s=30)).stderr
        # The machine starts anew, and forgets what was in memory.
        shutil.rmtree(f"/dev/shm/vigie-gate-{world.host.options[tickets.ENFORCED]}-{os.geteuid()}")
        assert b"clock" in world.ssh(once).stderr
    assert (await way.run("echo again", timeout_s=10)).stdout == b"again\n"
    assert (await world.enforcement.remove(world.host, actor="person:owner")).options.get(tickets.ENFORCED) is None


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Make a folder one of a file system that takes no write."""
    bound = subprocess.run(["mount", "--bind", folder, folder], capture_output=True, check=False)
    if bound.returncode:
        pytest.skip(f"nothing can be mounted here: {bound.stderr.decode().strip()}")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", folder], check=True)
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


async def test_taking_it_away_gives_the_former_bytes_back(world: World) -> None:
    former = (world.server.folder / "client.pub").read_bytes()
    assert world.file.read_bytes() != former
    plain = await world.enforcement.remove(world.host, actor="person:owner")
    assert world.file.read_bytes() == former
    assert tickets.ENFORCED not in plain.options
    assert (await (await world.hands.on(plain)).run("echo free", timeout_s=10)).stdout == b"free\n"
    assert world.ssh("echo", "free").stdout == b"free\n"
    assert not list((world.server.folder.parent / "account").iterdir())
    kinds = [row.kind for row in await world.store.journal.read()]
    assert kinds == ["enforce.intent", "enforce.installed", "enforce.intent", "enforce.removed"]


async def test_an_order_that_was_cut_off_is_looked_at_before_it_is_given_again(world: World) -> None:
    """The gate stands, but nobody here heard of it."""
    options = {name: value for name, value in world.host.options.items() if name != tickets.ENFORCED}
    unheard = replace(world.host, options=options)
    await world.store.hosts.save(unheard)
    with pytest.raises(VigieError):
        await (await world.hands.on(unheard)).run("true", timeout_s=10)
    host = await world.enforcement.install(unheard, READS, actor="person:owner", file=str(world.file))
    assert (await (await world.hands.on(host)).run("echo back", timeout_s=10)).stdout == b"back\n"
    await world.enforcement.remove(host, actor="person:owner")
    assert world.file.read_bytes() == (world.server.folder / "client.pub").read_bytes()


async def test_what_cannot_be_set_up_says_why_and_changes_nothing(start_sshd: StartSshd, world: World, tmp_path: Path) -> None:
    (tmp_path / "bare").mkdir()
    other = start_sshd("other", extra=f"SetEnv HOME={tmp_path}/bare")
    before = (other.folder / "authorized_keys").read_bytes()
    host = other.host("other")
    await world.store.hosts.save(host)
    with pytest.raises(Permanent) as stopped:
        await world.enforcement.install(host, READS, actor="person:owner", file=str(tmp_path / "nowhere"))
    assert stopped.value.key == "enforce.not_done"
    await world.store.hosts.save(replace(host, name="behind", options={**host.options, "jump": "other"}))
    with pytest.raises(Permanent) as jump:
        await world.enforcement.install(host, READS, actor="person:owner")
    assert jump.value.key == "enforce.is_jump"
    with pytest.raises(Permanent) as local:
        await world.enforcement.install(Host("me", "local"), READS, actor="person:owner")
    assert local.value.key == "enforce.no_ssh"
    assert (other.folder / "authorized_keys").read_bytes() == before
