"""A real sshd on loopback, run by whoever runs the tests."""

import asyncio
import getpass
import os
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from vigie.clock import SystemClock
from vigie.domain.host import Host
from vigie.tools.hands import Hands

SSHD = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/sbin:/usr/bin")


class NoSecrets:
    async def get(self, name: str) -> bytes | None:
        return None


@dataclass
class Sshd:
    """One server with its own host keys; `host()` is how Vigie knows it."""

    folder: Path
    port: int
    process: "subprocess.Popen[bytes]"
    options: dict[str, str] = field(default_factory=dict)
    is_boxed: bool = False

    @property
    def address(self) -> str:
        return f"ssh://{getpass.getuser()}@127.0.0.1:{self.port}"

    @property
    def public_key(self) -> str:
        return (self.folder / "host_ed25519.pub").read_text().strip()

    @property
    def fingerprint(self) -> str:
        said = subprocess.run(
            ["ssh-keygen", "-lf", str(self.folder / "host_ed25519.pub")], check=True, capture_output=True, text=True
        )
        return said.stdout.split()[1]

    def host(self, name: str = "web", **options: str) -> Host:
        chosen = {"key": str(self.folder / "client"), "host_key": self.public_key} | options
        return Host(name, self.address, options={key: value for key, value in chosen.items() if value})

    def cut(self) -> None:
        """Break the connections that are open; the server goes on."""
        for connection in psutil.net_connections("tcp"):
            is_ours = connection.laddr and connection.laddr.port == self.port and connection.status == psutil.CONN_ESTABLISHED
            if is_ours and connection.pid not in (None, os.getpid()):
                psutil.Process(connection.pid).kill()

    def restart(self) -> None:
        """Stop it, and start it again on its port with the files that are in its folder now."""
        self.stop()
        with (self.folder / "log").open("wb") as log:
            self.process = subprocess.Popen([str(SSHD), "-D", "-e", "-f", str(self.folder / "sshd_config")], stderr=log)
        assert _answers(self.port, self.process)

    def stop(self) -> None:
        # what keeps a box is deaf to gentler words; all that is in it ends with it
        self.process.kill() if self.is_boxed else self.process.terminate()
        self.process.wait(10)


StartSshd = Callable[..., Sshd]


def _key(path: Path, kind: str = "ed25519") -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", str(path)], check=True, capture_output=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _start(folder: Path, extra: str, kinds: tuple[str, ...], inside: tuple[str, ...]) -> Sshd:
    assert SSHD is not None
    folder.mkdir(exist_ok=True)
    for kind in kinds:
        _key(folder / f"host_{kind}", kind)
    _key(folder / "client")
    (folder / "authorized_keys").write_text((folder / "client.pub").read_text())
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # sshd run by root insists on it
    for _ in range(5):
        port = _free_port()
        config = [
            f"Port {port}",
            "ListenAddress 127.0.0.1",
            *[f"HostKey {folder}/host_{kind}" for kind in kinds],
            f"AuthorizedKeysFile {folder}/authorized_keys",
            f"PidFile {folder}/pid",
            "StrictModes no",
            "UsePAM no",
            "PasswordAuthentication no",
            "KbdInteractiveAuthentication no",
            "PermitRootLogin yes",
            "AllowTcpForwarding yes",
            extra,
        ]
        (folder / "sshd_config").write_text("\n".join(config) + "\n")
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen([*inside, SSHD, "-D", "-e", "-f", str(folder / "sshd_config")], stderr=log)
        if _answers(port, process):
            return Sshd(folder, port, process, is_boxed=bool(inside))
    pytest.fail(f"sshd did not start: {(folder / 'log').read_text()}")


def _answers(port: int, process: "subprocess.Popen[bytes]") -> bool:
    for _ in range(100):
        if process.poll() is not None:
            return False
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as connection:
                return connection.recv(4) == b"SSH-"
        except OSError:
            try:
                process.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
    return False


@pytest.fixture
def start_sshd(tmp_path: Path) -> Iterator[StartSshd]:
    if SSHD is None:
        pytest.skip("no sshd on this machine (package openssh-server)")
    started: list[Sshd] = []

    def start(name: str = "sshd", extra: str = "", kinds: tuple[str, ...] = ("ed25519",), inside: tuple[str, ...] = ()) -> Sshd:
        started.append(_start(tmp_path / name, extra, kinds, inside))
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def sshd(start_sshd: StartSshd) -> Sshd:
    return start_sshd()


@pytest.fixture
async def hands(tmp_path: Path) -> AsyncIterator[Hands]:
    pool = Hands(secrets=NoSecrets(), folder=tmp_path, clock=SystemClock())
    yield pool
    await pool.close()
    await asyncio.sleep(0)
