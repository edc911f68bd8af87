"""The inventory."""

from vigie.domain.errors import Permanent
from vigie.domain.host import Host
from vigie.memory.documents import from_text, to_text
from vigie.memory.schema import hosts
from vigie.memory.scope import Scope


class Hosts:
    """Each host by its name."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def save(self, host: Host) -> None:
        """Add a host, or replace what is known of it."""
        await self._scope.write(lambda rows: rows.put(hosts, name=host.name, doc=to_text(host)))

    async def get(self, name: str) -> Host:
        """Return a host.

        Raises:
            Permanent: there is none of that name.
        """
        row = await self._scope.read(lambda rows: rows.first(hosts, hosts.c.name == name))
        if row is None:
            raise Permanent("host.unknown", host=name)
        return from_text(Host, row["doc"])

    async def list(self) -> "list[Host]":
        """Return all hosts by name."""
        rows = await self._scope.read(lambda rows: rows.all(hosts, order=[hosts.c.name]))
        return [from_text(Host, row["doc"]) for row in rows]

    async def remove(self, name: str) -> None:
        """Forget a host; its cases and its journal stay.

        Raises:
            Permanent: there is none of that name.
        """
        if not await self._scope.write(lambda rows: rows.remove(hosts, hosts.c.name == name)):
            raise Permanent("host.unknown", host=name)
