"""Turns: who may work on something now, across processes, with a fence against those who woke up too late."""

from datetime import timedelta

from vigie.clock import Clock
from vigie.memory.schema import leases
from vigie.memory.scope import Rows, Scope


class Leases:
    """A lease has a name (`host:web1`), one holder at a time, an end, and a number that rises with every take."""

    def __init__(self, scope: Scope, clock: Clock) -> None:
        self._scope = scope
        self._clock = clock

    async def take(self, name: str, holder: str, ttl_s: float) -> int | None:
        """Take a lease and return its fence; None while somebody else holds it.

        A holder may take again what it holds, under a new fence: the one before a crash is then fenced off. So a holder names one
        unit of work (a case), not a process that may do two at once.
        """
        this = leases.c.name == name

        def work(rows: Rows) -> int | None:
            rows.add(leases, name=name, fence=0)
            lease = rows.locked(leases, this)
            assert lease is not None
            now = self._clock.now()
            if lease["holder"] not in (None, holder) and lease["expires_at"] > now:
                return None
            fence = int(lease["fence"]) + 1
            rows.change(leases, this, holder=holder, fence=fence, expires_at=now + timedelta(seconds=ttl_s))
            return fence

        return await self._scope.write(work)

    async def renew(self, name: str, holder: str, fence: int, ttl_s: float) -> bool:
        """Hold a lease for longer; False when it is somebody else's by now, even if nobody took it after its end."""

        def work(rows: Rows) -> bool:
            now = self._clock.now()
            mine = (leases.c.name == name, leases.c.holder == holder, leases.c.fence == fence, leases.c.expires_at > now)
            return rows.change(leases, *mine, expires_at=now + timedelta(seconds=ttl_s)) == 1

        return await self._scope.write(work)

    async def release(self, name: str, holder: str, fence: int) -> None:
        """Give a lease back; nothing happens when it is somebody else's by now."""
        mine = (leases.c.name == name, leases.c.holder == holder, leases.c.fence == fence)
        await self._scope.write(lambda rows: rows.change(leases, *mine, holder=None, expires_at=None))
