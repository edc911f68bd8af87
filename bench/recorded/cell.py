"""A throw-away host for recordings: namespaces of its own over an overlay of this machine's disk; root, Debian.

`python cell.py FOLDER NAME` is its first process: it lays the disk out and becomes s6-svscan, under that name.
"""

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_ENVIRONMENT = {"PATH": _PATH, "HOME": "/root", "LANG": "C.UTF-8"}
_PLAIN = frozenset(
    ("bin", "dev", "etc", "home", "lib", "lib32", "lib64", "libx32", "media", "mnt", "opt", "proc", "root", "run", "sbin", "srv")
) | {"sys", "tmp", "usr", "var"}
_DEVICES = (("null", 1, 3), ("zero", 1, 5), ("full", 1, 7), ("random", 1, 8), ("urandom", 1, 9), ("tty", 5, 0))
_READY = "run/ready"
_STARTS_WITHIN_S = 20.0


class NoCell(Exception):
    """No such host can be made here; the reason is the message."""


@dataclass
class Cell:
    """A host. Used as `with Cell(folder) as cell`."""

    folder: Path
    first: str = "/sbin/init"
    pid: int = 0
    _outer: "subprocess.Popen[bytes] | None" = None
    _outside: "list[subprocess.Popen[bytes]]" = field(default_factory=list)

    def __enter__(self) -> "Cell":
        if os.getuid() != 0:
            raise NoCell("a host of one's own needs root")
        self.folder.mkdir(parents=True, exist_ok=True)
        log = (self.folder / "init.log").open("wb")
        unshare = ["unshare", "-m", "-n", "-p", "-u", "-i", "--fork", "--propagation", "private"]
        argv = [*unshare, "/usr/bin/python3", str(Path(__file__).resolve()), str(self.folder), self.first]
        self._outer = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=_ENVIRONMENT, start_new_session=True
        )
        deadline = time.monotonic() + _STARTS_WITHIN_S
        while time.monotonic() < deadline and self._outer.poll() is None:
            children = Path(f"/proc/{self._outer.pid}/task/{self._outer.pid}/children").read_text().split()
            if children and Path(f"/proc/{children[0]}/root/{_READY}").exists():
                self.pid = int(children[0])
                return self
            time.sleep(0.05)
        self.__exit__()
        raise NoCell((self.folder / "init.log").read_text()[-500:])

    def __exit__(self, *_error: object) -> None:
        for process in self._outside:
            process.kill()
            process.wait()
        with contextlib.suppress(ProcessLookupError):
            if self.pid:
                os.kill(self.pid, signal.SIGKILL)  # the first process of its namespace: all others end with it
        if self._outer is not None:
            self._outer.kill()
            self._outer.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def root(self) -> Path:
        return Path(f"/proc/{self.pid}/root")

    @property
    def prefix(self) -> list[str]:
        """The words that, before an argv, run it in there as root."""
        into = ["nsenter", "-t", str(self.pid), "-m", "-n", "-p", "-u", "-i", f"--root=/proc/{self.pid}/root"]
        return [*into, f"--wd=/proc/{self.pid}/root", "env", "-i", *(f"{name}={value}" for name, value in _ENVIRONMENT.items())]

    def sh(self, line: str, *, check: bool = True, stdin: bytes | None = None) -> str:
        ended = subprocess.run([*self.prefix, "bash", "-c", line], input=stdin, capture_output=True, timeout=180, check=False)
        said = (ended.stdout + ended.stderr).decode("utf-8", "replace")
        if check and ended.returncode:
            raise NoCell(f"{line!r} ended with {ended.returncode}: {said[-800:]}")
        return said

    def spawn(self, line: str) -> None:
        """Start what nobody manages."""
        self.sh(f"setsid -f bash -c {shlex.quote(line)} </dev/null >/dev/null 2>&1")

    def write(self, path: str, text: str, owner: str = "root:root", mode: int = 0o644) -> None:
        folder = shlex.quote(str(Path(path).parent))
        place = shlex.quote(path)
        self.sh(f"mkdir -p {folder} && cat > {place} && chown {owner} {place} && chmod {mode:o} {place}", stdin=text.encode())

    def beside(self, argv: list[str]) -> None:
        """Run something that shares the network alone: its customers."""
        process = subprocess.Popen(
            ["nsenter", "-t", str(self.pid), "-n", *argv], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._outside.append(process)


def _lay_out(folder: str) -> None:
    def mount(*words: str) -> None:
        subprocess.run(["mount", *words], check=True)

    disk = f"{folder}/disk"
    os.makedirs(disk)
    mount("-t", "tmpfs", "-o", "size=2g", "tmpfs", disk)
    for part in ("upper", "work", "root"):
        os.mkdir(f"{disk}/{part}")
    hidden = [f"/{name}" for name in os.listdir("/") if name not in _PLAIN]
    for path in [*hidden, *(f"/opt/{name}" for name in os.listdir("/opt")), "/etc/pip.conf", "/etc/npmrc"]:
        if os.path.lexists(path):
            os.makedirs(os.path.dirname(f"{disk}/upper{path}"), exist_ok=True)
            os.mknod(f"{disk}/upper{path}", 0o020000, os.makedev(0, 0))  # hides what is below
    root = f"{disk}/root"
    mount("-t", "overlay", "-o", f"lowerdir=/,upperdir={disk}/upper,workdir={disk}/work", "overlay", root)
    mount("-t", "proc", "proc", f"{root}/proc")
    mount("-t", "sysfs", "-o", "ro", "sysfs", f"{root}/sys")
    mount("-t", "tmpfs", "-o", "size=1m,mode=755", "tmpfs", f"{root}/dev")
    for name, major, minor in _DEVICES:
        os.mknod(f"{root}/dev/{name}", 0o666 | 0o020000, os.makedev(major, minor))
        os.chmod(f"{root}/dev/{name}", 0o666)
    for name, leads in (("fd", ""), ("stdin", "/0"), ("stdout", "/1"), ("stderr", "/2")):
        Path(f"{root}/dev/{name}").symlink_to(f"/proc/self/fd{leads}")
    os.mkdir(f"{root}/dev/shm")
    mount("-t", "tmpfs", "-o", "size=64m,mode=1777", "tmpfs", f"{root}/dev/shm")
    # The machine's own kernel settings stay as they are.
    mount("--bind", f"{root}/proc/sys/net", f"{root}/proc/sys/net")
    mount("--bind", f"{root}/proc/sys", f"{root}/proc/sys")
    mount("-o", "remount,ro,bind", f"{root}/proc/sys")
    for place, size in (("run", "16m"), ("tmp", "64m"), ("var/tmp", "64m"), ("root", "16m"), ("var/log", "64m")):
        mode = "1777" if place.endswith("tmp") else "755"
        mount("-t", "tmpfs", "-o", f"size={size},mode={mode}", "tmpfs", f"{root}/{place}")
    os.mkdir(f"{root}/.old")
    os.chdir(root)
    subprocess.run(["pivot_root", ".", ".old"], check=True)
    os.chdir("/")
    subprocess.run(["umount", "-l", "/.old"], check=True)
    os.rmdir("/.old")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def _become(name: str) -> None:
    """Reap whatever ends, and keep up what /run/service holds."""
    os.makedirs("/run/service")
    Path(f"/{_READY}").touch()
    os.execve("/usr/bin/s6-svscan", [name, "/run/service"], _ENVIRONMENT)


if __name__ == "__main__":
    _lay_out(sys.argv[1])
    subprocess.run(["hostname", "srv1"], check=True)
    _become(sys.argv[2])
