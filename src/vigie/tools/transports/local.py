"""This very machine."""

from typing import ClassVar

from vigie.domain.action import Completed
from vigie.domain.errors import BadUsage, Permanent
from vigie.domain.host import Host
from vigie.tools import processes
from vigie.tools.capped import CAP_BYTES, flood_bytes
from vigie.tools.shell import MARK, checked_mark, ended_by_limit, timeout_argv
from vigie.tools.terminals import LocalTerminal, Terminal
from vigie.tools.transports.transport import GRACE_S, Transport, Way


class Local(Transport):
    """Run lines as the user that we are."""

    name: ClassVar[str] = "local"

    def __init__(self, host: Host, way: Way) -> None:
        if host.address != "local":
            raise BadUsage("host.address", address=host.address)
        self._host = host.name
        self._path = host.options.get("path")

    async def run(
        self, line: str, *, timeout_s: float, stdin: bytes | None = None, mark: str | None = None, cap_bytes: int = CAP_BYTES
    ) -> Completed:
        """Run a shell line in its own process group, which dies with us."""
        limit = timeout_argv(timeout_s) if processes.has_timeout() else []
        env = processes.clean_environment(self._path)
        if mark is not None:
            env[MARK] = checked_mark(mark)
        # Only `timeout` hands the news of our death on to all that the line started.
        prefix = processes.die_with_us() if limit else ()
        try:
            ended = await processes.run(
                [*prefix, *limit, "sh", "-c", line],
                timeout_s=timeout_s + GRACE_S if limit else timeout_s,
                env=env,
                stdin=stdin,
                cap_bytes=cap_bytes,
                flood=flood_bytes(cap_bytes) if mark is None else None,
            )
        except OSError as error:
            raise Permanent("host.no_process", host=self._host, reason=error.strerror or error) from error
        return Completed(
            line=line,
            rc=ended.rc,
            stdout=ended.stdout,
            stderr=ended.stderr,
            seconds=ended.seconds,
            truncated=ended.truncated,
            killed=ended.killed or ended_by_limit(ended.rc, ended.seconds, timeout_s),
            signal=ended.signal,
        )

    async def terminal(self, columns: int, rows: int) -> Terminal:
        """Open a terminal with the shell of the user that we are."""
        try:
            return await LocalTerminal.open([processes.own_shell()], columns, rows, self._path)
        except OSError as error:
            raise Permanent("host.no_process", host=self._host, reason=error.strerror or error) from error
