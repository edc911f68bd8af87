"""The gate on the host itself: set up and taken away by a person's order, each written down before it is done.

A part of the gate, as `fan_out.py` is: nobody else is given hands. With it the key that Vigie comes in with starts nothing but a
line with a ticket (`tools/tickets.py`), and a second key nothing but the reads of observation.
"""

import json
import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from vigie.domain.errors import Permanent, Transient, VigieError
from vigie.domain.fact import Value
from vigie.domain.host import Host
from vigie.policy import audit
from vigie.tools import tickets
from vigie.tools.hands import Hands
from vigie.tools.tickets import ENFORCED, Read, Setup

if TYPE_CHECKING:
    from vigie.memory.memory import TenantMemory

INTENT = "enforce.intent"
INSTALLED = "enforce.installed"
REMOVED = "enforce.removed"
FAILED = "enforce.failed"
# An order that was given and may have been carried out.
_BEGUN = "enforcing.gate"
_MARK = "enforce"
_SETUP_S = 30.0
_TRY = "true"


def is_enforced(host: Host) -> bool:
    """Say whether the host itself lets only tickets through."""
    return ENFORCED in host.options


def kept_options(host: Host) -> dict[str, str]:
    """Return what must stay known of a host however it is described anew, or nobody comes in there again."""
    return {name: host.options[name] for name in (ENFORCED, _BEGUN) if name in host.options}


class Enforcement:
    """Sets gates up on hosts."""

    def __init__(self, memory: "TenantMemory", hands: Hands) -> None:
        """Stand behind the gate."""
        self._memory = memory
        self._hands = hands

    async def install(
        self, host: Host, reads: Sequence[tuple[str, bytes | None]], *, actor: str, file: str | None = None
    ) -> Host:
        """Set the gate up on a host, come in through it, and return the host as it is known from now on.

        What cannot be entered anew is taken back over the connection that is still open.

        Args:
            host: an `ssh://` host with a key of its own.
            reads: the lines that the key that only reads may run, each with the script that it reads.
            actor: who orders it.
            file: the authorized_keys that holds the key, where it is not the usual one.

        Raises:
            Permanent: it cannot be set up there; nothing is changed.
            Transient: the host cannot be reached.
        """
        if not host.address.startswith("ssh://"):
            raise Permanent("enforce.no_ssh", host=host.name, address=host.address)
        await self._check_no_jump(host)
        login_key = await self._hands.login_key(host)
        if login_key is None:
            raise Permanent("enforce.no_own_key", host=host.name)
        host = await self._as_left(host)
        gate = host.options.get(ENFORCED) or secrets.token_hex(8)
        kept = {name: await self._memory.secrets.get(name) or tickets.new_key() for name in tickets.secret_names(host.name)}
        ticket_key, reads_key = kept.values()
        setup = tickets.install(
            gate=gate,
            login_key=login_key,
            ticket_key=ticket_key,
            reads_key=reads_key,
            reads=[Read(*each) for each in reads],
            file=file,
        )
        await self._tell(INTENT, host, actor, gate=gate, order="install")
        for name, key in kept.items():
            await self._memory.secrets.put(name, key)
        enforced = replace(host, options={**host.options, ENFORCED: gate, _BEGUN: gate})
        if not is_enforced(host):
            await self._memory.hosts.save(replace(host, options={**host.options, _BEGUN: gate}))
        done = await self._ordered(host, setup)
        await self._check_entered(host, enforced, actor)
        await self._tell(INSTALLED, host, actor, gate=gate, file=str(done["file"]))
        await self._memory.hosts.save(enforced)
        await self._hands.forget(host.name)
        return enforced

    async def remove(self, host: Host, *, actor: str) -> Host:
        """Take the gate away, through itself, and return the host as it is known from now on.

        Raises:
            Permanent: somebody else changed the gate's line there; it is left as it is.
            Transient: the host cannot be reached.
        """
        host = await self._as_left(host)
        gate = host.options.get(ENFORCED)
        if gate is None:
            raise Permanent("enforce.not_there", host=host.name)
        await self._tell(INTENT, host, actor, gate=gate, order="remove")
        done = await self._ordered(host, tickets.remove(gate))
        plain = replace(host, options={name: value for name, value in host.options.items() if name not in (ENFORCED, _BEGUN)})
        await self._memory.hosts.save(plain)
        for name in tickets.secret_names(host.name):
            await self._memory.secrets.remove(name)
        await self._hands.forget(host.name)
        await self._tell(REMOVED, host, actor, gate=gate, file=str(done["file"]))
        return plain

    async def _as_left(self, host: Host) -> Host:
        """Return the host as an order that was cut off has left it: its gate may stand, though nobody heard of its end."""
        begun = host.options.get(_BEGUN)
        if begun is None or is_enforced(host):
            return host
        enforced = replace(host, options={**host.options, ENFORCED: begun})
        try:
            await self._entered(enforced)
        except Permanent:
            return host
        return enforced

    async def _check_no_jump(self, host: Host) -> None:
        """See that no other host is reached through this one: its gate forwards no connection."""
        for other in await self._memory.hosts.list():
            if host.name in [name.strip() for name in other.options.get("jump", "").split(",")]:
                raise Permanent("enforce.is_jump", host=host.name, other=other.name)

    async def _check_entered(self, host: Host, enforced: Host, actor: str) -> None:
        """Come in through the gate; when that fails, take it away over the old way, which is still open.

        Raises:
            VigieError: it could not be entered; the host is as before.
        """
        try:
            await self._entered(enforced)
        except VigieError as error:
            if not is_enforced(host):
                await self._ordered(host, tickets.remove(enforced.options[ENFORCED]))
            await self._tell(FAILED, host, actor, gate=enforced.options[ENFORCED], why=error.key)
            raise

    async def _entered(self, enforced: Host) -> None:
        """Run a line with a ticket on a connection of its own.

        Raises:
            VigieError: it was not let in, or did not run.
        """
        way = await self._hands.beside(enforced)
        try:
            ended = await way.run(_TRY, timeout_s=_SETUP_S)
        finally:
            await way.close()
        if ended.rc != 0:
            raise Permanent("enforce.refused", host=enforced.name, reason=audit.excerpt(ended.stderr) or str(ended.rc))

    async def _ordered(self, host: Host, setup: Setup) -> dict[str, Value]:
        """Run the setup on the host and return what it says that it did."""
        way = await self._hands.on(host)
        ended = await way.run(setup.line, timeout_s=_SETUP_S, stdin=setup.stdin, mark=_MARK)
        if ended.rc is None or ended.killed:
            raise Transient("host.no_answer", host=host.name, line="python3 -")
        try:
            said = json.loads(ended.text().strip().splitlines()[-1])
        except (ValueError, IndexError):
            said = None
        if ended.rc != 0 or not isinstance(said, dict):
            reason = said.get("stopped") if isinstance(said, dict) else audit.excerpt(ended.stderr).strip()
            raise Permanent("enforce.not_done", host=host.name, reason=reason or str(ended.rc))
        return said

    async def _tell(self, kind: str, host: Host, actor: str, **body: Value) -> None:
        await self._memory.journal.append(kind, actor=actor, body={"host": host.name, **body})
