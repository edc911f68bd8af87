"""A trace that was switched on fills the shop's quota, and orders are refused."""

import asyncio
import json

from vigie.lab.scenarios.scenario import Permitted, Scenario, Stack
from vigie.lab.shop import settings
from vigie.lab.shop.quota import Quota

_ROOM_BYTES = 8 * 1024 * 1024
_NO_ROOM_BYTES = 64 * 1024
_LOOK_S, _FILLS_WITHIN = 0.1, 200


class FullQuota(Scenario):
    """The worker's trace is switched on; it writes megabytes a second."""

    name = "full_quota"
    label = "host.disk.full_logs"
    title = {"en": "Full quota", "fr": "Quota plein"}  # noqa: RUF012  # a ClassVar of the contract
    ticket = {  # noqa: RUF012
        "en": 'Customers can no longer order: "No space left"',
        "fr": "Les clients ne peuvent plus commander : « No space left »",
    }
    permitted = Permitted(logs=("worker-trace.log",), restarts=2)

    async def inject(self, stack: Stack) -> None:
        """Switch the trace on, as somebody looking for something else would."""
        ini = stack.layout.shop_ini
        ini.write_text(ini.read_text(encoding="utf-8").replace("trace = off", "trace = on"), encoding="utf-8")
        await stack.control("restart worker")
        known = settings.read(stack.layout.shop_ini)
        quota = Quota(known.storage, known.quota_mb)
        for _ in range(_FILLS_WITHIN):  # customers of a busy machine complain sooner, of something else
            if quota.room_bytes() <= _NO_ROOM_BYTES:
                break
            await asyncio.sleep(_LOOK_S)

    async def cause(self, stack: Stack) -> str | None:
        """Ask whether the trace is off, in the file and in the process, and whether there is room again."""
        known = settings.read(stack.layout.shop_ini)
        if known.trace:
            return "the trace is switched on"
        if _runs_with_trace(stack):
            return "the worker runs with the trace"
        if Quota(known.storage, known.quota_mb).room_bytes() < _ROOM_BYTES:
            return "the quota is nearly full"
        return None


def _runs_with_trace(stack: Stack) -> bool:
    lines = (stack.layout.logs / "worker.log").read_text(encoding="utf-8").splitlines()
    starts = [entry for entry in map(json.loads, lines) if entry["message"] == "started"]
    return bool(starts and starts[-1]["trace"])
