"""What every service manager says in the end: which services there are and how each stands."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from vigie.domain.fact import Value
from vigie.reasoning.parsers.parser import Output, Seen

_SPAN = re.compile(r"(?:(\d+) days?, )?(\d+):(\d\d):(\d\d)")
_PORT = re.compile(
    r"(?:--port[= ]|--listen[= ]\S*?:|--bind[= ]\S*?:|--http-port[= ]|\s-p[= ]?|\s-b[= ]?\S*?:|\bPORT="
    r"|\blocalhost:|\b127\.0\.0\.1:|\b0\.0\.0\.0:|\[::\]:)(\d{2,5})\b"
)


@dataclass(frozen=True, slots=True)
class Service:
    """One service as its manager sees it."""

    name: str
    state: str
    manager: str
    excerpt: str
    pid: int | None = None
    uptime_s: float | None = None
    detail: str = ""
    restarts: int | None = None

    def seen(self) -> Iterator[Seen]:
        """Yield its facts."""
        subject = f"service:{self.name}"
        value: Value = {
            "state": self.state,
            "pid": self.pid,
            "uptime_s": self.uptime_s,
            "manager": self.manager,
            "detail": self.detail,
            "restarts": self.restarts,
        }
        yield Seen(subject, "service.state", value, self.excerpt)
        yield Seen(subject, "service.running", self.state == "running", self.excerpt)
        if self.pid:
            yield Seen(subject, "service.pid", self.pid, self.excerpt)
        if self.uptime_s is not None:
            yield Seen(subject, "service.uptime_s", self.uptime_s, self.excerpt)


@dataclass(frozen=True, slots=True)
class Definition:
    """How a service is told to run."""

    name: str
    excerpt: str
    command: str = ""
    folder: str = ""
    user: str = ""
    file: str = ""
    log: str = ""
    error_log: str = ""
    autostart: bool | None = None
    autorestart: bool | None = None
    sources: tuple[str, ...] = ()

    def seen(self) -> Iterator[Seen]:
        """Yield its facts."""
        subject = f"service:{self.name}"
        value: dict[str, Value] = {
            "command": self.command,
            "program": self.command.split()[0] if self.command.split() else "",
            "folder": self.folder,
            "user": self.user,
            "file": self.file,
            "log": self.log,
            "error_log": self.error_log,
            "autostart": self.autostart,
            "autorestart": self.autorestart,
        }
        if self.sources:
            value["sources"] = [*self.sources]
        yield Seen(subject, "service.definition", value, self.excerpt)
        for path in dict.fromkeys((self.log, self.error_log)):
            if path.startswith("/"):
                yield Seen(subject, "service.log", path, self.excerpt)
        port = wanted_port(self.command)
        if port is not None:
            yield Seen(subject, "service.port", port, self.excerpt)


# `exec 2>> log` only turns where a script writes.
_REDIRECTS = re.compile(r"\d?[<>]")
_WRITES = re.compile(r"^\s*exec\s[^\n]*?[12&]?>>?\s*(/(?!dev/)[^\s\"';&]+)", re.MULTILINE)
_SOURCED = re.compile(r"(?:^|[;&])\s*(?:\.|source)\s+[\"']?(/[^\s\"';]+)", re.MULTILINE)


def wanted_port(command: str) -> int | None:
    """Return the port that a command line asks for, where it names one."""
    match = _PORT.search(f" {command}")
    return int(match.group(1)) if match and 0 < int(match.group(1)) < 65_536 else None  # ports end there


def span_s(text: str) -> float | None:
    """Read `2 days, 3:04:05` or `0:00:41`."""
    match = _SPAN.search(text)
    if match is None:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return float(((days * 24 + hours) * 60 + minutes) * 60 + seconds)


def run_file(output: Output) -> Definition:
    """Read a `run` script: the folder it goes to and the command it becomes."""
    folder = re.search(r"^\s*cd\s+(\S+)", output.text, re.MULTILINE)
    becomes = [line for line in re.findall(r"^\s*exec\s+(.+)$", output.text, re.MULTILINE) if not _REDIRECTS.match(line)]
    writes = _WRITES.search(output.text)
    user = re.search(r"(?:chpst|s6-setuidgid|setuidgid)\s+(?:-u\s*)?(\S+)", output.text)
    return Definition(
        name=output.slots.get("service", ""),
        excerpt=output.text,
        command=re.sub(r"\s+\d?>.*$", "", becomes[-1]).strip() if becomes else "",
        folder=folder.group(1) if folder else "",
        user=user.group(1) if user else "",
        autostart=True,
        autorestart=True,
        error_log=writes.group(1) if writes else "",
        sources=tuple(dict.fromkeys(_SOURCED.findall(output.text))),
    )


def init_script(output: Output) -> Definition:
    """Read the settings at the head of an init script."""
    settings = dict(re.findall(r"^\s*(DAEMON|command|directory|command_user)=[\"']?([^\"'\n]*)", output.text, re.MULTILINE))
    service = output.slots.get("service", "")
    return Definition(
        name=service,
        excerpt=output.text,
        command=settings.get("DAEMON") or settings.get("command", ""),
        folder=settings.get("directory", ""),
        user=settings.get("command_user", "").partition(":")[0],
        file=f"/etc/init.d/{service}",
    )
