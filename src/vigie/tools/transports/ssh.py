"""Hosts over SSH: one pooled connection each, host keys always verified, every line ended by the host itself.

The only file that knows asyncssh. Its traps, each held by a test, are named where they are avoided.
"""

import asyncio
import itertools
import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, cast

from vigie.domain.action import Completed
from vigie.domain.errors import BadUsage, Permanent, Transient
from vigie.domain.host import Host
from vigie.tools import ssh_options, terminals
from vigie.tools.capped import CAP_BYTES, Capped, flood_bytes
from vigie.tools.shell import ended_by_limit, first_words
from vigie.tools.ssh_options import Address, HostKey, fingerprint
from vigie.tools.ssh_session import Output, Session, SshTerminal
from vigie.tools.ssh_socket import Reached
from vigie.tools.ssh_speech import Heard, speech
from vigie.tools.terminals import Terminal
from vigie.tools.transports.transport import Transport, Way

if TYPE_CHECKING:
    import asyncssh

logger = logging.getLogger(__name__)

# sshd's default MaxSessions is 10.
_SESSIONS = 8
_CONNECT_S = 10.0
_LOGIN_S = 15.0
_KEEPALIVE_S = 30.0
_IDLE_S = 600.0
# A daemon that a line left behind may hold the channel open for ever.
_DRAIN_S = 0.5
_PROXY_END_S = 0.1
_REFUSED_S = (0.02, 0.05, 0.1, 0.2, 0.4, 0.5)
_REFUSALS = 120


class Ssh(Transport):
    """Run lines over one connection that is opened at need and kept."""

    name: ClassVar[str] = "ssh"

    def __init__(self, host: Host, way: Way) -> None:
        self._address = Address.of(host.address)
        self._host = host
        self._way = way
        self._speech = speech(host, way)
        self._connecting: asyncio.Task[asyncssh.SSHClientConnection] | None = None
        self._sessions = asyncio.Semaphore(_SESSIONS)
        self._connection: asyncssh.SSHClientConnection | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._busy = 0
        if way.jump is not None and not isinstance(way.jump, Ssh):
            raise BadUsage("host.jump", host=host.name, jump=host.options.get("jump", ""))

    async def run(
        self, line: str, *, timeout_s: float, stdin: bytes | None = None, mark: str | None = None, cap_bytes: int = CAP_BYTES
    ) -> Completed:
        """Run a shell line in a session of its own."""
        async with self._sessions:
            with self._used():
                heard = await self._said(line, timeout_s, stdin, cap_bytes, mark)
                if self._speech.again(heard, mark=mark):
                    heard = await self._said(line, timeout_s, stdin, cap_bytes, mark)
                    self._speech.again(heard, mark=mark)
        if self._speech.lost(heard):
            raise self._speech.refused(heard) or self._no_shell(heard)
        completed = heard.completed
        if completed.killed or not ended_by_limit(completed.rc, completed.seconds, timeout_s):
            return completed
        return replace(completed, killed=True)

    async def terminal(self, columns: int, rows: int) -> Terminal:
        """Open a terminal with the login shell."""
        import asyncssh

        connection = await self.connection()
        try:
            async with asyncio.timeout(_LOGIN_S):
                process = await connection.create_process(
                    term_type=terminals.KIND, term_size=(columns, rows), encoding=None, stderr=asyncssh.STDOUT
                )
        except (OSError, asyncssh.Error, TimeoutError) as error:
            raise self._unreachable(error) from error
        # Held until it is closed: whoever sits there may be silent for long.
        self._busy += 1
        return SshTerminal(process, self._freed)

    def _freed(self) -> None:
        self._busy -= 1
        self._sleep_later()

    def notes(self) -> dict[str, str]:
        """Return what the host told of its shell."""
        return self._speech.notes()

    async def login_key(self) -> str | None:
        """Return the public key that we come in with, in base64 as authorized_keys has it; None when it is not one of our own."""
        keys = (await ssh_options.credentials(self._host, self._way)).get("client_keys", ())
        return str(keys[0].export_public_key("openssh").decode().split()[1]) if len(keys) == 1 else None

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
        if self._connecting is not None:
            self._connecting.cancel()
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
        if self._connection is None or self._connection.is_closed():
            if self._connecting is None or self._connecting.done():
                self._connecting = asyncio.ensure_future(self._connect())
                # Whoever asked may have given up by then; a failure that nobody hears of is no fault.
                self._connecting.add_done_callback(lambda task: task.cancelled() or task.exception())
            # All who wait share one try and its end: a host that does not answer costs its time once, not once a line.
            self._connection = await asyncio.shield(self._connecting)
        return self._connection

    async def _connect(self) -> "asyncssh.SSHClientConnection":
        import asyncssh

        shown: list[Any] = []

        class Client(asyncssh.SSHClient):
            """Notes the key of a host that is not trusted, and still refuses it."""

            def validate_host_public_key(self, host: str, addr: str, port: int, key: object) -> bool:
                shown.append(key)
                return False

        jump = self._way.jump
        tunnel = await jump.connection() if isinstance(jump, Ssh) else None
        try:
            return await self._shaken(tunnel, Client, await self._options(for_login=True))
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

    async def _shaken(
        self, tunnel: "asyncssh.SSHClientConnection | None", client: "type[asyncssh.SSHClient]", options: dict[str, Any]
    ) -> "asyncssh.SSHClientConnection":
        """Connect and shake hands."""
        import asyncssh

        direct = None if tunnel is not None or "proxy_command" in options else await self._reached()
        way = tunnel if direct is None else Reached(direct)
        given = {"tunnel": way, "client_factory": client, "config": None, **options}
        try:
            async with self._way.handshakes:
                return await asyncssh.connect(self._address.host, self._address.port, **given)
        except BaseException:  # a cancellation too closes what was opened
            if direct is not None:
                direct.close()
            raise

    async def _reached(self) -> socket.socket:
        """Return a socket at the host's port. A machine that is not there is waited for here, and keeps nobody from a handshake.

        Raises:
            OSError: nobody answers at any of the host's addresses.
        """
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(self._address.host, self._address.port, type=socket.SOCK_STREAM)
        failure: OSError = TimeoutError()
        for family, kind, protocol, _, place in found:
            reached = socket.socket(family, kind, protocol)
            reached.setblocking(False)
            try:
                async with asyncio.timeout(_CONNECT_S):
                    await loop.sock_connect(reached, place)
            except OSError as error:
                reached.close()
                failure = error
            except BaseException:  # a cancellation too closes what was opened
                reached.close()
                raise
            else:
                return reached
        raise failure

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

    async def _said(self, line: str, timeout_s: float, stdin: bytes | None, cap_bytes: int, mark: str | None) -> Heard:
        """Put a line to the host in a session of its own, and return what came back."""
        import asyncssh

        loop = asyncio.get_running_loop()
        said = await self._speech.say(line, timeout_s=timeout_s, stdin=stdin, mark=mark)
        # A marked line may change something: it is not ended because it says too much, and never sent twice here, since it may
        # have started. The gate reads the world and decides.
        flood = flood_bytes(cap_bytes) if mark is None else None
        stdout = Output(said.sum, Capped(cap_bytes))
        stderr = Output(said.sum, Capped(cap_bytes), None if said.on_stderr else b"")
        session = Session(stdout, stderr, flood, asyncio.Event(), asyncio.Event(), bool(said.stdin))
        chan = await self._open(said.command, session, again=mark is None)
        started_s = loop.time()
        killed = False
        try:
            if said.stdin:
                chan.write(said.stdin)
                # Always: a line that reads standard input must find its end; `Session` tells it where there is none.
                chan.write_eof()
            try:
                async with asyncio.timeout(said.wait_s):
                    await session.ended.wait()
            except TimeoutError:
                killed = True
            killed = killed or session.flooded
            if killed:
                with suppress(OSError, asyncssh.Error):
                    chan.kill()
            else:
                await _wait(session.closed, _DRAIN_S)
        except (OSError, asyncssh.Error) as error:
            logger.info("session broke off", extra={"host": self._host.name, "reason": str(error)})
        finally:
            chan.abort()
        completed = Completed(
            line=line,
            rc=session.rc,
            stdout=stdout.bytes(),
            stderr=stderr.bytes(),
            seconds=loop.time() - started_s,
            truncated=session.flooded or stdout.kept.truncated or stderr.kept.truncated,
            killed=killed,
            signal=session.signal,
        )
        return Heard(completed, stdout.told, session.flooded, said.on_stderr and not stderr.has_noise)

    async def _open(self, command: str, session: Session, *, again: bool) -> "asyncssh.SSHClientChannel[bytes]":
        """Start a line in a channel of its own; `again`: a line that may have started may be started once more."""
        import asyncssh

        pauses = itertools.chain(_REFUSED_S, itertools.repeat(_REFUSED_S[-1], _REFUSALS))
        while True:
            connection = await self.connection()
            try:
                # encoding=None: with the default, one byte that is no UTF-8 closes the connection under all its sessions.
                async with asyncio.timeout(_LOGIN_S):
                    chan, _ = await connection.create_session(
                        lambda: cast("Any", session), command, encoding=None, request_pty=False
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
                    raise self._unreachable(error, sent=True) from error
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

    def _no_shell(self, heard: Heard) -> Transient | Permanent:
        """Return what to say of a host that lets us in but did not run a line: it may have been too slow, or lost."""
        first = heard.completed
        if not heard.flooded and (first.killed or first.rc is None):
            return self._unreachable(TimeoutError(), sent=True)
        seen = first_words(first.stdout) or first_words(first.stderr) or "-"
        return Permanent("host.no_shell", host=self._host.name, address=str(self._address), seen=seen)

    def _unreachable(self, error: Exception | str, *, sent: bool = False) -> Transient:
        """Return what to say of a host that was lost; `sent`: the line may have begun."""
        name, address = self._host.name, str(self._address)
        return Transient("host.unreachable", sent=sent, host=name, address=address, reason=_reason(error))

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
        async with asyncio.timeout(seconds):
            await event.wait()
