"""Hosts over SSH: one pooled connection each, host keys always verified, every line ended by the host itself.

The only file that knows asyncssh. Its traps, each held by a test, are named where they are avoided.
"""

import asyncio
import itertools
import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, cast

from vigie.domain.action import Completed
from vigie.domain.errors import BadUsage, Permanent, Transient
from vigie.domain.host import Host
from vigie.tools import ssh_options
from vigie.tools.capped import CAP_BYTES, Capped
from vigie.tools.shell import Greeting, ended_by_limit, first_words, wrapped
from vigie.tools.ssh_options import Address, HostKey, fingerprint
from vigie.tools.transports.transport import GRACE_S, Transport, Way

if TYPE_CHECKING:
    import asyncssh

logger = logging.getLogger(__name__)

# sshd's default MaxSessions is 10.
_SESSIONS = 8
_CONNECT_S = 10.0
_LOGIN_S = 15.0
_KEEPALIVE_S = 30.0
_IDLE_S = 600.0
_FIRST_CONTACT_S = 20.0
# A daemon that a line left behind may hold the channel open for ever.
_DRAIN_S = 0.5
_PROXY_END_S = 0.1
_REFUSED_S = (0.02, 0.05, 0.1, 0.2, 0.4, 0.5)
_REFUSALS = 120


@dataclass(slots=True)
class _Session:
    """What the channel tells of one line; asyncssh calls these by name."""

    stdout: Capped
    stderr: Capped
    ended: asyncio.Event
    closed: asyncio.Event
    rc: int | None = None
    signal: str | None = None

    def connection_made(self, chan: object) -> None:
        """Nothing to prepare."""

    def session_started(self) -> None:
        """Nothing to send by itself."""

    def data_received(self, data: bytes, datatype: int | None) -> None:
        (self.stdout if datatype is None else self.stderr).add(data)

    def eof_received(self) -> bool:
        return False

    def exit_status_received(self, status: int) -> None:
        self.rc = status
        self.ended.set()

    def exit_signal_received(self, signal: str, core_dumped: bool, msg: str, lang: str) -> None:
        self.signal = signal
        self.rc = 128 + ssh_options.signal_number(signal)
        self.ended.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self.ended.set()
        self.closed.set()

    def pause_writing(self) -> None:
        """What we send is bounded and already in memory."""

    def resume_writing(self) -> None:
        """See `pause_writing`."""


class Ssh(Transport):
    """Run lines over one connection that is opened at need and kept."""

    name: ClassVar[str] = "ssh"

    def __init__(self, host: Host, way: Way) -> None:
        self._address = Address.of(host.address)
        self._host = host
        self._way = way
        self._connecting = asyncio.Lock()
        self._first = asyncio.Lock()
        self._sessions = asyncio.Semaphore(_SESSIONS)
        self._connection: asyncssh.SSHClientConnection | None = None
        self._has_timeout: bool | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._busy = 0
        if way.jump is not None and not isinstance(way.jump, Ssh):
            raise BadUsage("host.jump", host=host.name, jump=host.options.get("jump", ""))

    async def run(
        self, line: str, *, timeout_s: float, stdin: bytes | None = None, mark: str | None = None, cap_bytes: int = CAP_BYTES
    ) -> Completed:
        """Run a shell line in a session of its own."""
        path = self._host.options.get("path")
        async with self._sessions:
            with self._used():
                has_timeout = await self._knows_timeout()
                full = wrapped(line, timeout_s=timeout_s, has_timeout=has_timeout, mark=mark, path=path)
                wait_s = timeout_s + GRACE_S if has_timeout else timeout_s
                # A marked line is never sent twice here: it may have started. The gate reads the world and decides.
                completed = await self._session(line, full, wait_s, stdin, cap_bytes, again=mark is None)
        killed = completed.killed or ended_by_limit(completed.rc, completed.seconds, timeout_s)
        return replace(completed, killed=killed)

    async def _knows_timeout(self) -> bool:
        async with self._first:
            if self._has_timeout is None:
                greeting = Greeting.new()
                first = await self._session(greeting.line, greeting.line, _FIRST_CONTACT_S, None, CAP_BYTES, again=True)
                if not greeting.is_answered(first.stdout):
                    raise self._no_shell(first)
                self._has_timeout = greeting.has_timeout(first.stdout)
            return self._has_timeout

    @contextmanager
    def _used(self) -> Iterator[None]:
        """Keep the connection from being closed as idle, and those it passes through."""
        jump = self._way.jump
        self._busy += 1
        try:
            with jump._used() if isinstance(jump, Ssh) else nullcontext():  # noqa: SLF001  # of the same class
                yield
        finally:
            self._busy -= 1
            self._sleep_later()

    async def close(self) -> None:
        """Close the connection and wait until it is closed."""
        if self._idle is not None:
            self._idle.cancel()
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
            with suppress(TimeoutError):
                await asyncio.wait_for(connection.wait_closed(), 2.0)
            if "proxy_command" in self._host.options:
                # asyncssh ends the proxy but does not wait for it.
                await asyncio.sleep(_PROXY_END_S)

    async def host_key(self) -> HostKey:
        """Fetch the key the host shows, trusting nothing.

        Raises:
            Transient: the host cannot be reached.
        """
        import asyncssh

        options = await self._options(for_login=False)
        jump = self._way.jump
        try:
            tunnel = await jump.connection() if isinstance(jump, Ssh) else None
            key = await asyncio.wait_for(
                asyncssh.get_server_host_key(
                    self._address.host,
                    self._address.port,
                    tunnel=tunnel,
                    proxy_command=options.get("proxy_command", ()),
                    config=None,
                ),
                _CONNECT_S,
            )
        except (OSError, asyncssh.Error, TimeoutError) as error:
            raise self._unreachable(error) from error
        if key is None:
            raise self._unreachable("no host key was shown")
        return HostKey(self._address.pattern, key.export_public_key("openssh").decode().strip(), fingerprint(key))

    async def connection(self) -> "asyncssh.SSHClientConnection":
        """Return the open connection, opening it first when there is none."""
        async with self._connecting:
            if self._connection is None or self._connection.is_closed():
                self._connection = await self._connect()
            return self._connection

    async def _connect(self) -> "asyncssh.SSHClientConnection":
        import asyncssh

        shown: list[Any] = []

        class Client(asyncssh.SSHClient):
            """Notes the key of a host that is not trusted, and still refuses it."""

            def validate_host_public_key(self, host: str, addr: str, port: int, key: object) -> bool:
                shown.append(key)
                return False

        options = await self._options(for_login=True)
        jump = self._way.jump
        tunnel = await jump.connection() if isinstance(jump, Ssh) else None
        try:
            async with self._way.handshakes:
                return await asyncssh.connect(
                    self._address.host, self._address.port, tunnel=tunnel, client_factory=Client, config=None, **options
                )
        except asyncssh.HostKeyNotVerifiable as error:
            raise await self._key_error(shown) from error
        except (asyncssh.KeyExchangeFailed, asyncssh.ConnectionLost, ConnectionResetError) as error:
            # A host that no longer has a key of the kinds we know hangs up on us.
            if await self._shows_another_key():
                raise await self._key_error(shown) from error
            raise self._unreachable(error) from error
        except asyncssh.PermissionDenied as error:
            raise Permanent(
                "host.refused", host=self._host.name, user=self._address.user, address=str(self._address), reason=error.reason
            ) from error
        except (OSError, asyncssh.Error, TimeoutError) as error:
            raise self._unreachable(error) from error

    async def _options(self, *, for_login: bool) -> dict[str, Any]:
        options: dict[str, Any] = {}
        command = self._host.options.get("proxy_command")
        if command:
            options["proxy_command"] = ssh_options.proxy_argv(command, self._address)
        if not for_login:
            return options
        return options | {
            "username": self._address.user,
            "known_hosts": ssh_options.known_hosts(self._host, self._address),
            "connect_timeout": _CONNECT_S,
            "login_timeout": _LOGIN_S,
            "keepalive_interval": _KEEPALIVE_S,
            "keepalive_count_max": 3,
            "kex_algs": "^curve25519-sha256",
            "encryption_algs": "^aes128-gcm@openssh.com",
            "compression_algs": None,
            "gss_host": None,
            "agent_forwarding": False,
            **await ssh_options.credentials(self._host, self._way),
        }

    async def _session(
        self, line: str, full: str, wait_s: float, stdin: bytes | None, cap_bytes: int, *, again: bool
    ) -> Completed:
        import asyncssh

        loop = asyncio.get_running_loop()
        started_s = loop.time()
        session = _Session(Capped(cap_bytes), Capped(cap_bytes), asyncio.Event(), asyncio.Event())
        chan = await self._open(full, session, again=again)
        killed = False
        try:
            if stdin:
                chan.write(stdin)
            # Always: a line that reads standard input must find its end.
            chan.write_eof()
            try:
                await asyncio.wait_for(session.ended.wait(), wait_s)
            except TimeoutError:
                killed = True
                with suppress(OSError, asyncssh.Error):
                    chan.kill()
            else:
                await _wait(session.closed, _DRAIN_S)
        except (OSError, asyncssh.Error) as error:
            logger.info("session broke off", extra={"host": self._host.name, "reason": str(error)})
        finally:
            chan.abort()
        return Completed(
            line=line,
            rc=session.rc,
            stdout=session.stdout.bytes(),
            stderr=session.stderr.bytes(),
            seconds=loop.time() - started_s,
            truncated=session.stdout.truncated or session.stderr.truncated,
            killed=killed,
            signal=session.signal,
        )

    async def _open(self, full: str, session: _Session, *, again: bool) -> "asyncssh.SSHClientChannel[bytes]":
        """Start a line in a channel of its own; `again`: a line that may have started may be started once more."""
        import asyncssh

        # The login may have any shell; only this much is for it.
        command = f"exec sh -c {ssh_options.quoted(full)}"
        pauses = itertools.chain(_REFUSED_S, itertools.repeat(_REFUSED_S[-1], _REFUSALS))
        while True:
            connection = await self.connection()
            try:
                # encoding=None: with the default, one byte that is no UTF-8 closes the connection under all its sessions.
                chan, _ = await asyncio.wait_for(
                    connection.create_session(lambda: cast("Any", session), command, encoding=None, request_pty=False), _LOGIN_S
                )
            except asyncssh.ChannelOpenError as error:
                # A host may allow fewer sessions than we ask for, and frees one a little after it told its end. The
                # connection stays: other lines run on it.
                refused = error.code != asyncssh.OPEN_REQUEST_SESSION_FAILED
                pause_s = next(pauses, None)
                if pause_s is None or not (refused or again) or (pause_s == _REFUSED_S[-1] and self._busy == 1):
                    raise self._unreachable(error) from error
                again = again and refused
                await asyncio.sleep(pause_s)
            except (OSError, asyncssh.Error, TimeoutError) as error:
                if self._busy == 1:
                    connection.abort()
                if not again:
                    raise self._unreachable(error) from error
                again = False
            else:
                return chan

    async def _key_error(self, shown: list[Any]) -> Permanent:
        known = ssh_options.known_fingerprints(self._host)
        try:
            seen = fingerprint(shown[-1]) if shown else (await self.host_key()).fingerprint
        except Transient:
            seen = "?"
        values = {"host": self._host.name, "address": str(self._address), "fingerprint": seen}
        if not known:
            return Permanent("host.key_unknown", **values)
        return Permanent("host.key_changed", known=", ".join(known), **values)

    async def _shows_another_key(self) -> bool:
        known = ssh_options.known_fingerprints(self._host)
        try:
            return bool(known) and (await self.host_key()).fingerprint not in known
        except Transient:
            return False

    def _no_shell(self, first: Completed) -> Transient | Permanent:
        """Return what to say of a host that lets us in but did not run the first line: it may have been too slow, or lost."""
        if first.killed or first.rc is None:
            return self._unreachable(TimeoutError())
        seen = first_words(first.stdout) or first_words(first.stderr) or "-"
        return Permanent("host.no_shell", host=self._host.name, address=str(self._address), seen=seen)

    def _unreachable(self, error: Exception | str) -> Transient:
        reason = _reason(error)
        return Transient("host.unreachable", host=self._host.name, address=str(self._address), reason=reason)

    def _sleep_later(self) -> None:
        """Close the connection once nobody has used it for a while."""
        if self._idle is not None:
            self._idle.cancel()
        self._idle = asyncio.get_running_loop().call_later(_IDLE_S, self._sleep)

    def _sleep(self) -> None:
        if not self._busy and self._connection is not None:
            self._connection.close()


def _reason(error: Exception | str) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, socket.gaierror):
        return "Name or service not known"
    return str(error) or type(error).__name__


async def _wait(event: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
