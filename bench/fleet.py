"""One line on many real sshd of this machine: Vigie beside what people use for it, in one run, cold and reused.

The servers are cheap: a host key and a process each, one shared account whose start files are empty. Peers get an environment of
their own in a temporary folder; one that cannot be installed is named in the notes and not compared.
"""

import asyncio
import getpass
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import asyncssh

from bench.figure import Figure
from vigie import config
from vigie.app import build
from vigie.domain.host import Host
from vigie.interfaces import fleet
from vigie.interfaces.services import Services

SERVERS, ROUNDS = 50, 5
SERVERS_SHORT, ROUNDS_SHORT = 10, 3
SSHD = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/sbin:/usr/bin")
PACKAGES = {"ansible": "ansible-core", "pyinfra": "pyinfra", "parallel-ssh": "parallel-ssh"}
LINE = "uptime"
INSTALL_S, RUN_S = 600, 300

PSSH = """
import json, sys, time
from pssh.clients import ParallelSSHClient
from pssh.config import HostConfig
hosts, ports, key, user, line = json.loads(sys.argv[1])
configs = [HostConfig(port=port, user=user, private_key=key) for port in ports]
client, seconds = ParallelSSHClient(hosts, host_config=configs, pool_size=len(hosts), num_retries=1), []
for _ in range(2):
    started = time.monotonic()
    ends = client.run_command(line)
    assert all("load average" in "".join(end.stdout) for end in ends)
    client.join(ends)
    seconds.append(time.monotonic() - started)
print(json.dumps(seconds))
"""


@dataclass
class Servers:
    """`known_hosts` holds all their keys; `key` is the file of the client's private key."""

    folder: Path
    ports: list[int]
    keys: list[str]
    processes: "list[subprocess.Popen[bytes]]" = field(default_factory=list)

    @property
    def key(self) -> Path:
        return self.folder / "client"

    @property
    def known_hosts(self) -> str:
        return "".join(f"[127.0.0.1]:{port} {key}\n" for port, key in zip(self.ports, self.keys, strict=True))


@dataclass
class Peers:
    """Which peers can be run, and why the others cannot."""

    bin: Path
    there: set[str] = field(default_factory=set)
    absent: dict[str, str] = field(default_factory=dict)


def figures(short: bool) -> list[Figure]:
    if SSHD is None:
        raise SystemExit("no sshd on this machine (package openssh-server)")
    count, rounds = (SERVERS_SHORT, ROUNDS_SHORT) if short else (SERVERS, ROUNDS)
    with tempfile.TemporaryDirectory(prefix="vigie-fleet-") as folder, servers(Path(folder), count) as running:
        peers = installed(Path(folder) / "peers")
        seconds = measured(running, peers, rounds)
    return told(seconds, peers, count)


def told(seconds: dict[str, list[float]], peers: Peers, count: int) -> list[Figure]:
    middle = {name: statistics.median(each) for name, each in seconds.items()}
    beside = ", ".join(f"{name} {second:.3f} s" for name, second in middle.items())
    missing = "".join(f"; not beside {name}: {why}" for name, why in peers.absent.items())
    found: list[Figure] = []
    for peer, way, limit in (
        ("ansible", "cold", 15.0),
        ("ansible", "reused", 50.0),
        ("asyncssh", "cold", 0.8),
        ("asyncssh", "reused", 0.8),
        ("asyncssh with a limit", "reused", 0.8),
        ("pyinfra", "cold", 1.0),
        ("parallel-ssh", "cold", 0.8),
        ("parallel-ssh", "reused", 0.8),
    ):
        name = f"{peer} {way}"
        if name in middle:
            times = middle[name] / middle[f"vigie {way}"]
            note = f"{beside}{missing}" if not found else ""
            found.append(Figure(f"{count} hosts {way}, faster than {peer}", round(times, 2), "times", "at least", limit, note))
    return found


def measured(running: Servers, peers: Peers, rounds: int) -> dict[str, list[float]]:
    """Measure all of them by turns, so that what else the machine does falls on each alike."""
    seconds: dict[str, list[float]] = {}

    def note(name: str, second: float) -> None:
        seconds.setdefault(name, []).append(second)

    with ansible(running, peers) as run_ansible:
        asyncio.run(_rounds(running, peers, rounds, note, run_ansible))
    return seconds


async def _rounds(
    running: Servers,
    peers: Peers,
    rounds: int,
    note: Callable[[str, float], None],
    run_ansible: "Callable[[], tuple[float, float]]",
) -> None:
    with tempfile.TemporaryDirectory(prefix="vigie-home-") as home:
        async with build(config.load({}, home=Path(home))) as services:
            for number, (port, key) in enumerate(zip(running.ports, running.keys, strict=True)):
                options = {"key": str(running.key), "host_key": f"[127.0.0.1]:{port} {key}"}
                host = Host(f"h{number}", f"ssh://{getpass.getuser()}@127.0.0.1:{port}", options=options)
                # Enrolled as a person enrols it.
                await services.store.hosts.save(await services.gate.identify(host, actor="person:owner"))
            await vigie(services, running, lambda *_: None)
            for turn in range(rounds):
                await vigie(services, running, note)
                await bare(running, note)
                if turn < max(1, rounds // 2):
                    await asyncio.to_thread(others, running, peers, note, run_ansible)


async def vigie(services: Services, running: Servers, note: Callable[[str, float], None]) -> None:
    """The order as a person gives it: names are looked up, a row is on the disk before and after."""
    for host in await services.store.hosts.list():
        await services.forget_way(host.name)

    async def once() -> None:
        ended = await fleet.run(services, ["all"], LINE, actor="person:owner")
        said = fleet.document(ended, "en")
        assert said["counts"]["done"] == len(running.ports), said["answers"][0]

    for way in ("cold", "reused"):
        note(f"vigie {way}", await timed(once))
    note("vigie reused", await timed(once))


async def bare(running: Servers, note: Callable[[str, float], None]) -> None:
    """The least that a program of one's own does: the same ciphers, keys read once, host keys verified.

    Its lines have no limit that outlives the connection, as Vigie's have; `with a limit` is the same with one.
    """
    key = asyncssh.read_private_key(str(running.key))
    known = asyncssh.import_known_hosts(running.known_hosts)
    open_now: list[asyncssh.SSHClientConnection] = []

    async def connect(port: int) -> None:
        connection = await asyncssh.connect(
            "127.0.0.1",
            port,
            known_hosts=known,
            client_keys=[key],
            config=None,
            agent_path=None,
            gss_host=None,
            kex_algs="^curve25519-sha256",
            encryption_algs="^aes128-gcm@openssh.com",
            compression_algs=None,
            preferred_auth="publickey",
        )
        open_now.append(connection)
        await run(connection)

    async def run(connection: asyncssh.SSHClientConnection, line: str = LINE) -> None:
        ended = await connection.run(line, stdin=asyncssh.DEVNULL)
        assert "load average" in str(ended.stdout)

    async def cold() -> None:
        await asyncio.gather(*(connect(port) for port in running.ports))

    async def reused() -> None:
        await asyncio.gather(*(run(connection) for connection in open_now))

    async def limited() -> None:
        await asyncio.gather(*(run(connection, f"timeout -k 5 20 {LINE}") for connection in open_now))

    note("asyncssh cold", await timed(cold))
    note("asyncssh reused", await timed(reused))
    note("asyncssh reused", await timed(reused))
    note("asyncssh with a limit reused", await timed(limited))
    for connection in open_now:
        connection.close()
        await connection.wait_closed()


def others(
    running: Servers, peers: Peers, note: Callable[[str, float], None], run_ansible: "Callable[[], tuple[float, float]]"
) -> None:
    if "ansible" in peers.there:
        cold, reused = run_ansible()
        note("ansible cold", cold)
        note("ansible reused", reused)
    if "pyinfra" in peers.there:
        note("pyinfra cold", pyinfra(running, peers))
    if "parallel-ssh" in peers.there:
        words = [["127.0.0.1"] * len(running.ports), running.ports, str(running.key), getpass.getuser(), LINE]
        said = called([str(peers.bin / "python"), "-c", PSSH, json.dumps(words)], {})
        cold, reused = json.loads(said.splitlines()[-1])
        note("parallel-ssh cold", cold)
        note("parallel-ssh reused", reused)


@contextmanager
def ansible(running: Servers, peers: Peers) -> "Iterator[Callable[[], tuple[float, float]]]":
    """`ansible all -m command`, pipelined; reused: its masters of before are open still."""
    folder = running.folder
    lines = [
        f"h{number} ansible_host=127.0.0.1 ansible_port={port} ansible_user={getpass.getuser()} "
        f"ansible_ssh_private_key_file={running.key} ansible_python_interpreter={sys.executable}"
        for number, port in enumerate(running.ports)
    ]
    (folder / "inventory").write_text("\n".join(lines) + "\n")
    (folder / "known_hosts").write_text(running.known_hosts)
    # Sockets have short names.
    with tempfile.TemporaryDirectory(prefix="vf-", dir="/tmp") as masters:
        kept = f"-F none -o UserKnownHostsFile={folder}/known_hosts -o ControlMaster=auto -o ControlPersist=120s"
        settings = {
            "ANSIBLE_PIPELINING": "True",
            "ANSIBLE_SSH_ARGS": kept,
            "ANSIBLE_SSH_CONTROL_PATH_DIR": masters,
            "ANSIBLE_LOCALHOST_WARNING": "False",
            "HOME": str(folder / "home"),
            "ANSIBLE_NOCOLOR": "1",
        }
        argv = [str(peers.bin / "ansible"), "all", "-i", str(folder / "inventory"), "-f", "50", "-m", "command", "-a", LINE]

        def end_masters() -> None:
            for control in Path(masters).iterdir():
                with suppress(subprocess.SubprocessError):
                    subprocess.run(
                        ["ssh", "-F", "none", "-o", f"ControlPath={control}", "-O", "exit", "h"],
                        check=False,
                        capture_output=True,
                        timeout=10,
                    )

        def once() -> tuple[float, float]:
            end_masters()
            spans = []
            for _ in range(2):
                started = time.monotonic()
                said = called(argv, settings)
                spans.append(time.monotonic() - started)
                assert said.count("load average") == len(running.ports), said[-2000:]
            return spans[0], spans[1]

        try:
            yield once
        finally:
            end_masters()


def pyinfra(running: Servers, peers: Peers) -> float:
    rows = [
        (
            f"h{number}",
            {
                "ssh_hostname": "127.0.0.1",
                "ssh_port": port,
                "ssh_user": getpass.getuser(),
                "ssh_key": str(running.key),
                "ssh_known_hosts_file": str(running.folder / "known_hosts"),
                "ssh_strict_host_key_checking": "yes",
            },
        )
        for number, port in enumerate(running.ports)
    ]
    (running.folder / "inventory.py").write_text(f"hosts = {rows!r}\n")
    argv = [str(peers.bin / "pyinfra"), "-y", str(running.folder / "inventory.py"), "exec", "--", LINE]
    started = time.monotonic()
    said = called(argv, {"HOME": str(running.folder / "home")})
    second = time.monotonic() - started
    assert said.count("load average") >= len(running.ports), said[-2000:]
    return second


def called(argv: list[str], settings: dict[str, str]) -> str:
    ended = subprocess.run(
        argv,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **settings},
        capture_output=True,
        text=True,
        timeout=RUN_S,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if ended.returncode:
        raise RuntimeError(f"{argv[0]} ended with {ended.returncode}: {ended.stdout[-1000:]} {ended.stderr[-2000:]}")
    return ended.stdout + ended.stderr


async def timed(work: Callable[[], Awaitable[None]]) -> float:
    started = time.monotonic()
    await work()
    return time.monotonic() - started


def installed(folder: Path) -> Peers:
    venv.create(folder, with_pip=True)
    peers = Peers(folder / "bin")
    for name, package in PACKAGES.items():
        try:
            ended = subprocess.run(
                [str(peers.bin / "python"), "-m", "pip", "install", "--quiet", package],
                capture_output=True,
                text=True,
                timeout=INSTALL_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            peers.absent[name] = "its installation took too long"
            continue
        if ended.returncode:
            lines = ended.stderr.strip().splitlines()
            peers.absent[name] = lines[-1][:200] if lines else f"pip ended with {ended.returncode}"
        else:
            peers.there.add(name)
    for name, why in peers.absent.items():
        print(f"fleet: not beside {name}: {why}", file=sys.stderr, flush=True)
    return peers


@contextmanager
def servers(folder: Path, count: int) -> Iterator[Servers]:
    """Start `count` sshd, each with a key and a port of its own."""
    assert SSHD is not None
    (folder / "home").mkdir()
    client = asyncssh.generate_private_key("ssh-ed25519")
    client.write_private_key(str(folder / "client"))
    (folder / "client").chmod(0o600)
    client.write_public_key(str(folder / "authorized_keys"))
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # sshd run by root insists on it
    running = Servers(folder, [], [])
    try:
        for number in range(count):
            running.ports.append(_free_port())
            running.keys.append(_start(running, folder / f"s{number}", running.ports[-1]))
        for port in running.ports:
            _await(port)
        yield running
    finally:
        for process in running.processes:
            process.terminate()
        for process in running.processes:
            process.wait(10)


def _start(running: Servers, own: Path, port: int) -> str:
    own.mkdir()
    key = asyncssh.generate_private_key("ssh-ed25519")
    key.write_private_key(str(own / "key"))
    (own / "key").chmod(0o600)
    lines = [
        f"Port {port}",
        "ListenAddress 127.0.0.1",
        f"HostKey {own}/key",
        f"AuthorizedKeysFile {running.folder}/authorized_keys",
        "PidFile none",
        "StrictModes no",
        "UsePAM no",
        "UseDNS no",
        "PasswordAuthentication no",
        "KbdInteractiveAuthentication no",
        "PermitRootLogin yes",
        "PrintMotd no",
        "LogLevel ERROR",
        f"SetEnv HOME={running.folder}/home",
    ]
    (own / "config").write_text("\n".join(lines) + "\n")
    argv = [str(SSHD), "-D", "-e", "-f", str(own / "config")]
    running.processes.append(subprocess.Popen(argv, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL))
    return " ".join(key.export_public_key("openssh").decode().split()[:2])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await(port: int) -> None:
    for _ in range(200):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1) as connection:
            if connection.recv(4) == b"SSH-":
                return
        time.sleep(0.05)
    raise RuntimeError(f"the sshd on port {port} did not start")
