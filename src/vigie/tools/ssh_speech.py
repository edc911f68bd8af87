"""How a line is put to a host over SSH, and how its answer is known for one: to a shell, or as a ticket to the host's gate.

`transports/ssh.py` carries it.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from vigie.clock import Clock
from vigie.domain.action import Completed
from vigie.domain.errors import Permanent
from vigie.domain.host import Host
from vigie.tools import ssh_options, tickets
from vigie.tools.shell import Opening, Told
from vigie.tools.transports.transport import GRACE_S, SecretReader, Way

_NOTE = "ssh.shell"
_NOT_FOUND = 127
_NO_TIMEOUT = b"timeout: not found"
# How long a login's start files are believed to print nothing on the standard error, once they were seen not to.
_QUIET_S = 30.0


@dataclass(frozen=True, slots=True)
class Said:
    """What is sent for a line: the outputs begin after `sum`, and within `wait_s` they are over.

    Not `on_stderr`: the standard error has no sum, and all of it is the line's.
    """

    command: str
    sum: bytes
    stdin: bytes | None
    wait_s: float
    on_stderr: bool = True


@dataclass(frozen=True, slots=True)
class Heard:
    """What came back; `told` is what stood behind the sum, None when the sum was missing: then the line did not run.

    `quiet`: a sum on the standard error, with nothing before it.
    """

    completed: Completed
    told: bytes | None
    flooded: bool
    quiet: bool = False


class Speech(ABC):
    """The way of speaking to one host."""

    @abstractmethod
    async def say(self, line: str, *, timeout_s: float, stdin: bytes | None, mark: str | None) -> Said:
        """Return what to send for a line."""

    @abstractmethod
    def again(self, heard: Heard, *, mark: str | None) -> bool:
        """Say whether a line that did not run should be said once more, now that more is known of the host."""

    def refused(self, heard: Heard) -> Permanent | None:
        """Return why the host would not run it, where it told."""
        return None

    def lost(self, heard: Heard) -> bool:
        """Say whether the line was never run, as far as can be told."""
        return heard.told is None

    def notes(self) -> dict[str, str]:
        """Return what was learnt of the host."""
        return {}


def speech(host: Host, way: Way) -> Speech:
    """Return how to speak to a host."""
    return ToGate(host, way.secrets, way.clock) if tickets.ENFORCED in host.options else ToShell(host, way.clock)


class ToShell(Speech):
    """A login shell, whose start files may print, wait or read; what it is, it tells at the first line."""

    def __init__(self, host: Host, clock: Clock) -> None:
        self._path = host.options.get("path")
        self._clock = clock
        self._quiet_until_s = float("-inf")
        self._opening = Opening.new()
        noted = host.options.get(_NOTE)
        self._told: Told | None = Told.of(noted.encode()) if noted else None

    async def say(self, line: str, *, timeout_s: float, stdin: bytes | None, mark: str | None) -> Said:
        """Return the line as the login shell gets it: of any shell at first contact, later without a second one where it may."""
        told, has_stdin = self._told, bool(stdin)
        # Each sum is a packet more: a sixth of a short line's time, in sshd for the most part (bench/fleet, 2026-11).
        on_stderr = told is None or has_stdin or mark is not None or self._clock.monotonic_s() >= self._quiet_until_s
        if told is None:
            full = self._opening.asking(line, timeout_s=timeout_s, mark=mark, path=self._path, has_stdin=has_stdin)
        else:
            limited = told.has_timeout
            full = self._opening.before(
                line,
                timeout_s=timeout_s,
                has_timeout=limited,
                mark=mark,
                path=self._path,
                has_stdin=has_stdin,
                on_stderr=on_stderr,
            )
        command = full if told is not None and told.is_posix else f"exec sh -c {ssh_options.quoted(full)}"
        wait_s = timeout_s if told is not None and not told.has_timeout else timeout_s + GRACE_S
        return Said(command, self._opening.sum, self._opening.stdin(stdin) if stdin else None, wait_s, on_stderr)

    def again(self, heard: Heard, *, mark: str | None) -> bool:
        """Learn what the host told; what was known of it may hold no more."""
        if heard.quiet and heard.told is not None:
            self._quiet_until_s = self._clock.monotonic_s() + _QUIET_S
        if self._told is None:
            self._told = Told.of(heard.told) if heard.told is not None else None
            return False
        ended = heard.completed
        ran_other = heard.told is None and (heard.flooded or (ended.rc is not None and not ended.killed))
        if ran_other or (ended.rc == _NOT_FOUND and _NO_TIMEOUT in ended.stderr):
            self._told = None
            return True
        return False

    def lost(self, heard: Heard) -> bool:
        """Say whether the host ran something else in the line's place, or was lost before it ran anything."""
        return heard.told is None and (heard.completed.rc is not None or heard.flooded or self._told is None)

    def notes(self) -> dict[str, str]:
        """Return what the host told of its shell."""
        return {_NOTE: self._told.words} if self._told is not None else {}


class ToGate(Speech):
    """A gate on the host, which runs a line only for a ticket. Tickets are dated by the host's own clock."""

    def __init__(self, host: Host, secrets: SecretReader, clock: Clock) -> None:
        self._host = host
        self._secrets = secrets
        self._clock = clock
        self._signer: tickets.Signer | None = None
        self._ahead_s = 0.0
        self._spare = Opening.new()

    async def say(self, line: str, *, timeout_s: float, stdin: bytes | None, mark: str | None) -> Said:
        """Return the ticket for a line.

        Raises:
            Permanent: there is no key to sign it with.
        """
        if self._signer is None:
            key = await self._secrets.get(tickets.secret_names(self._host.name)[0])
            if key is None:
                raise Permanent("enforce.no_ticket_key", host=self._host.name)
            self._signer = tickets.Signer(self._host.options[tickets.ENFORCED], key)
        at = self._clock.now().timestamp() + self._ahead_s
        words, number = self._signer.ticket(
            line, at=at, timeout_s=timeout_s, stdin=stdin or None, mark=mark, path=self._host.options.get("path")
        )
        return Said(words, number, self._spare.stdin(stdin, number) if stdin else None, timeout_s + GRACE_S)

    def again(self, heard: Heard, *, mark: str | None) -> bool:
        """Take the host's time from its refusal; a read whose ticket arrived twice gets another one."""
        reason = self._reason(heard)
        if reason is None:
            return False
        shown = tickets.clock_of(reason)
        if shown is not None:
            self._ahead_s = shown - self._clock.now().timestamp()
        return shown is not None or (reason == tickets.USED and mark is None)

    def refused(self, heard: Heard) -> Permanent | None:
        """Return the gate's refusal."""
        reason = self._reason(heard)
        return None if reason is None else Permanent("enforce.refused", host=self._host.name, reason=reason)

    def _reason(self, heard: Heard) -> str | None:
        return tickets.refusal(heard.completed.stderr) if heard.told is None else None
