"""What must not wait until somebody looks: a host that shows another key than the one that was approved."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from vigie.clock import Clock
from vigie.domain.errors import Permanent
from vigie.domain.fact import Value
from vigie.domain.finding import Finding
from vigie.domain.host import Host, HostStatus

if TYPE_CHECKING:
    from vigie.memory.memory import TenantMemory

KEY_CHANGED = "host.key_changed"


async def key_changed(
    memory: "TenantMemory", clock: Clock, tell: Callable[[Finding], Awaitable[None]], host: Host, error: Permanent
) -> None:
    """Write down, mark and tell of a changed host key, once a key; `host` is it, or lies behind it."""
    stored = await _stored(memory, str(error.values["host"])) or await _stored(memory, host.name)
    if stored is None:
        return
    shown = str(error.values["fingerprint"])
    if stored.status is HostStatus.KEY_CHANGED and stored.options.get(_SHOWN) == shown:
        return
    told = {
        "host": stored.name,
        "address": str(error.values["address"]),
        "fingerprint": shown,
        "known": str(error.values["known"]),
    }
    body: dict[str, Value] = {**told}
    await memory.journal.append(KEY_CHANGED, actor="vigie", body=body)
    now = clock.now()
    await tell(
        Finding(
            kind="key_changed",
            host=stored.name,
            subject=f"host:{stored.name}",
            key=f"key_changed:{shown}",
            first_at=now,
            last_at=now,
            count=1,
            confidence=1.0,
            excerpt=f"{told['address']}: {told['known']} -> {shown}",
            source="ssh",
            values=told,
        )
    )
    # Last: whoever was cut off before this tells again, and the case that is open by then is the same.
    await memory.hosts.save(replace(stored, status=HostStatus.KEY_CHANGED, options={**stored.options, _SHOWN: shown}))


_SHOWN = "key.shown"


async def _stored(memory: "TenantMemory", name: str) -> Host | None:
    try:
        return await memory.hosts.get(name)
    except Permanent:
        return None
