"""Whatever runs a command given as arguments: `docker exec -i web`, `nsenter …`, `ip netns exec …`."""

import asyncio
import secrets
import shlex
from typing import ClassVar

from vigie.domain.action import Completed
from vigie.domain.errors import BadUsage, Permanent, Transient
from vigie.domain.host import Host
from vigie.tools import processes
from vigie.tools.capped import CAP_BYTES, flood_bytes
from vigie.tools.shell import GREETING_BYTES, Greeting, ended_by_limit, first_words, wrapped
from vigie.tools.terminals import LocalTerminal, Terminal
from vigie.tools.transports.transport import GRACE_S, Transport, Way

_FIRST_CONTACT_S = 20.0


class Exec(Transport):
    """Run lines as PREFIX sh -c LINE.

    The prefix has an exit code of its own: a container that is gone ends like a line that failed. So each line first says a
    word on standard error; no word and a failure mean that it never started.
    """

    name: ClassVar[str] = "exec"

    def __init__(self, host: Host, way: Way) -> None:
        scheme, _, prefix = host.address.partition(":")
        try:
            self._prefix = shlex.split(prefix)
        except ValueError as error:
            raise BadUsage("host.address", address=host.address) from error
        if scheme != "exec" or not self._prefix:
            raise BadUsage("host.address", address=host.address)
        self._host = host.name
        self._path = host.options.get("path")
        self._word = f"vigie-{secrets.token_hex(6)}"
        self._first = asyncio.Lock()
        self._met = False
        self._has_timeout = False
        self._says_word = False

    async def run(
        self, line: str, *, timeout_s: float, stdin: bytes | None = None, mark: str | None = None, cap_bytes: int = CAP_BYTES
    ) -> Completed:
        """Run a shell line behind the prefix."""
        await self._meet()
        full = wrapped(line, timeout_s=timeout_s, has_timeout=self._has_timeout, mark=mark, path=self._path)
        wait_s = timeout_s + GRACE_S if self._has_timeout else timeout_s
        # A marked line may change something: it is not ended because it says too much.
        ended = await self._run(full, wait_s, stdin, cap_bytes, flood_bytes(cap_bytes) if mark is None else None)
        stdout, stderr, said = self._without_word(ended)
        if self._says_word and not said and ended.rc != 0 and not ended.killed:
            raise self._unreachable(ended)
        return Completed(
            line=line,
            rc=ended.rc,
            stdout=stdout,
            stderr=stderr,
            seconds=ended.seconds,
            truncated=ended.truncated,
            killed=ended.killed or ended_by_limit(ended.rc, ended.seconds, timeout_s),
            signal=ended.signal,
        )

    async def terminal(self, columns: int, rows: int) -> Terminal:
        """Open a terminal with a shell behind the prefix; whether that shell sees it is the prefix's own affair."""
        try:
            return await LocalTerminal.open([*self._prefix, "sh"], columns, rows, self._path)
        except OSError as error:
            raise Permanent("host.no_process", host=self._host, reason=error.strerror or error) from error

    async def _meet(self) -> None:
        async with self._first:
            if self._met:
                return
            greeting = Greeting.new()
            ended = await self._run(greeting.line, _FIRST_CONTACT_S, None, GREETING_BYTES, flood_bytes(GREETING_BYTES))
            stdout, _, self._says_word = self._without_word(ended)
            if ended.rc != 0 and not ended.flooded:
                raise self._unreachable(ended)
            if ended.flooded or not greeting.is_answered(stdout):
                raise Permanent(
                    "host.no_shell", host=self._host, address=shlex.join(self._prefix), seen=first_words(stdout) or "-"
                )
            self._has_timeout = greeting.has_timeout(stdout)
            self._met = True

    async def _run(self, full: str, timeout_s: float, stdin: bytes | None, cap_bytes: int, flood: int | None) -> processes.Ended:
        argv = [*self._prefix, "sh", "-c", f"echo {self._word} >&2; {full}"]
        try:
            return await processes.run(
                argv,
                timeout_s=timeout_s,
                env=processes.clean_environment(self._path),
                stdin=stdin,
                cap_bytes=cap_bytes,
                flood=flood,
            )
        except OSError as error:
            raise Permanent(
                "host.no_program", host=self._host, program=self._prefix[0], reason=error.strerror or error
            ) from error

    def _without_word(self, ended: processes.Ended) -> tuple[bytes, bytes, bool]:
        """Take the word out of the outputs; some prefixes join both into one, with a terminal's line ends."""
        outputs = []
        said = False
        for output in (ended.stdout, ended.stderr):
            for word in (f"{self._word}\r\n".encode(), f"{self._word}\n".encode()):
                if word in output:
                    said = True
                    output = output.replace(word, b"", 1)  # noqa: PLW2901  # what is left is what the line said
            outputs.append(output)
        return outputs[0], outputs[1], said

    def _unreachable(self, ended: processes.Ended) -> Transient:
        if ended.killed:
            reason = "no answer in time"
        else:
            reason = first_words(ended.stderr) or f"{self._prefix[0]}: {ended.signal or ended.rc}"
        return Transient("host.unreachable", host=self._host, address=shlex.join(self._prefix), reason=reason)
