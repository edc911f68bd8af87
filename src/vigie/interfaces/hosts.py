"""The inventory's verbs, the same for the command line and the API."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from vigie.domain.errors import BadUsage, Permanent, Transient, VigieError
from vigie.domain.host import Autonomy, Host, HostStatus
from vigie.interfaces.services import Services
from vigie.policy.enforcement import is_enforced, kept_options

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
ADDRESS_LENGTH_MAX = 4096
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._=-]{0,62}")
_SECRETS = ("key", "passphrase", "password", "ticket_key", "reads_key")


def document(host: Host) -> dict[str, Any]:
    """Return a host as it is told."""
    return {
        "name": host.name,
        "address": host.address,
        "os": host.os,
        "manager": host.manager,
        "status": host.status.value,
        "autonomy": host.autonomy.value,
        "focus": list(host.focus),
        "groups": list(host.groups),
        "tags": list(host.tags),
        "sudo": host.sudo.value if host.sudo else None,
        "enforced": is_enforced(host),
        "observed_every_s": host.observed_every_s,
        "terminal": host.terminal,
    }


async def add(
    services: Services,
    name: str,
    address: str,
    *,
    options: Mapping[str, str | None],
    actor: str,
    autonomy: Autonomy | None = None,
    focus: tuple[str, ...] = (),
    groups: tuple[str, ...] = (),
    tags: tuple[str, ...] = (),
    offline: bool = False,
    secrets: Mapping[str, bytes] | None = None,
) -> Host:
    """Add a host after it has answered; `offline` adds it unseen. `secrets` are its passphrase and password, by these names.

    Raises:
        BadUsage: the name or the address is none.
        Permanent: the name is taken, or the host cannot be reached or shows a key that nobody accepted.
    """
    check(name, address)
    before = await _refuse_taken(services, name, address)
    await _check_labels(services, name, groups, tags)
    given = {key: value for key, value in options.items() if value}
    accepted = given.pop("accept_host_key", None)
    given |= kept_options(before) if before else {}
    host = Host(
        name=name,
        address=address,
        options=given,
        focus=focus,
        autonomy=autonomy or Autonomy.PROPOSE,
        groups=_sorted(groups),
        tags=_sorted(tags),
    )
    async with _kept(services, name, secrets or {}):
        if accepted:
            host = await _with_key(services, host, accepted)
        if not offline:
            host = await _identified(services, host, actor)
        await services.store.hosts.save(host)
    body = {"host": name, "address": address, "status": host.status.value}
    await services.store.journal.append("inventory.added", actor=actor, body={**body})
    return host


async def accept_key(services: Services, name: str, fingerprint: str, *, actor: str) -> Host:
    """Trust the key that a host shows now, which must be the one that the person names.

    Raises:
        Permanent: it shows another one, or cannot be reached.
    """
    host = await _with_key(services, await services.store.hosts.get(name), fingerprint)
    host = replace(host, status=HostStatus.UNKNOWN)
    await services.store.hosts.save(host)
    await services.forget_way(name)
    body = {"host": name, "fingerprint": fingerprint}
    await services.store.journal.append("inventory.key_accepted", actor=actor, body={**body})
    return host


async def test(services: Services, name: str, *, actor: str) -> tuple[Host, VigieError | None]:
    """Ask a host who it is, and what `sudo` is there, and keep the answer; the error says why it did not answer."""
    host = replace(await services.store.hosts.get(name), sudo=None)
    error: VigieError | None = None
    try:
        host = await services.gate.identify(host, actor=actor)
    except (Transient, Permanent) as raised:
        error = raised
        changed = raised.key == "host.key_changed"
        # As it is now: the alarm has written down which key was shown.
        host = await services.store.hosts.get(name)
        host = replace(host, status=HostStatus.KEY_CHANGED if changed else HostStatus.UNREACHABLE)
    await services.store.hosts.save(host)
    return host, error


async def remove(services: Services, name: str, *, actor: str, is_gone: bool = False) -> None:
    """Take a host off the inventory; its cases and its part of the journal stay.

    Raises:
        Permanent: it lets only lines through that are signed here, and it is not said to be gone for good.
    """
    host = await services.store.hosts.get(name)
    if is_enforced(host) and not is_gone:
        raise Permanent("enforce.still_there", host=host.name)
    await services.store.hosts.remove(host.name)
    await services.store.trends.forget(host.name)
    for watch in await services.store.watches.list():
        if watch.host == host.name:
            await services.store.watches.remove(watch.id)
    for kind in _SECRETS:
        await services.store.secrets.remove(_secret(host.name, kind))
    await services.forget_way(host.name)
    await services.store.journal.append("inventory.removed", actor=actor, body={"host": host.name})


async def set_autonomy(services: Services, name: str, autonomy: Autonomy, *, actor: str) -> Host:
    """Change how far Vigie may go on a host alone; less of it holds at once, for the cases at work there too."""
    host = await services.store.hosts.get(name)
    changed = replace(host, autonomy=autonomy)
    await services.store.hosts.save(changed)
    await services.desk.lower(name, autonomy)
    body = {"host": name, "before": host.autonomy.value, "after": autonomy.value}
    await services.store.journal.append("inventory.autonomy", actor=actor, body={**body})
    return changed


async def set_terminal(services: Services, name: str, *, is_allowed: bool, actor: str) -> Host:
    """Say whether people may open a terminal on a host; those that are open end within seconds when they may not."""
    changed = replace(await services.store.hosts.get(name), terminal=is_allowed)
    await services.store.hosts.save(changed)
    kind = "terminal.allowed" if is_allowed else "terminal.forbidden"
    await services.store.journal.append(kind, actor=actor, body={"host": name})
    return changed


async def label(
    services: Services, name: str, *, groups: tuple[str, ...] | None, tags: tuple[str, ...] | None, actor: str
) -> Host:
    """Set the groups and tags of a host; None leaves them as they are.

    Raises:
        BadUsage: one of them is no plain word.
        Permanent: a group would be called like a host.
    """
    host = await services.store.hosts.get(name)
    await _check_labels(services, name, groups or (), tags or ())
    groups = host.groups if groups is None else _sorted(groups)
    changed = replace(host, groups=groups, tags=host.tags if tags is None else _sorted(tags))
    await services.store.hosts.save(changed)
    body = {"host": name, "groups": ", ".join(changed.groups) or "-", "tags": ", ".join(changed.tags) or "-"}
    await services.store.journal.append("inventory.tagged", actor=actor, body={**body})
    return changed


async def _check_labels(services: Services, name: str, groups: tuple[str, ...], tags: tuple[str, ...]) -> None:
    for word in (*groups, *tags):
        if not _LABEL.fullmatch(word) or word == "all":
            raise BadUsage("cli.bad_label", word=repr(word[:100]))
    known = await services.store.hosts.list()
    hosts, taken = {name, *(host.name for host in known)}, {group for host in known for group in host.groups}
    # `--on web` must not mean a host to one and a group to another.
    if clash := [group for group in groups if group in hosts] or [each for each in (name,) if each in taken]:
        raise Permanent("cli.label_taken", word=clash[0])


def _sorted(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(words)))


@asynccontextmanager
async def _kept(services: Services, name: str, secrets: Mapping[str, bytes]) -> AsyncIterator[None]:
    """Keep a host's secrets, which the way to it reads; when the block fails, those of before are there again."""
    before = {kind: await services.store.secrets.get(_secret(name, kind)) for kind in secrets}
    for kind, secret in secrets.items():
        await services.store.secrets.put(_secret(name, kind), secret)
    try:
        if secrets:
            await services.forget_way(name)
        yield
    except BaseException:
        for kind, secret_before in before.items():
            if secret_before is None:
                await services.store.secrets.remove(_secret(name, kind))
            else:
                await services.store.secrets.put(_secret(name, kind), secret_before)
        raise


def _secret(name: str, kind: str) -> str:
    """Return what the hands call a secret of a host."""
    return f"host/{name}/{kind}"


async def _identified(services: Services, host: Host, actor: str) -> Host:
    """Return the host with what it says of itself."""
    try:
        return await services.gate.identify(host, actor=actor)
    except Transient as error:
        raise Permanent(error.key, **error.values) from error


async def _with_key(services: Services, host: Host, fingerprint: str) -> Host:
    """Return the host with the key that it shows now, which must be the one that the person names."""
    try:
        shown = await services.host_key(host)
    except Transient as error:
        raise Permanent(error.key, **error.values) from error
    if not shown.is_called(fingerprint):
        raise Permanent("cli.other_host_key", host=host.name, shown=shown.fingerprint, given=fingerprint)
    return replace(host, options={**host.options, "host_key": shown.line})


def check(name: str, address: str) -> None:
    """See that a name and an address can be a host's.

    Raises:
        BadUsage: one of them cannot.
    """
    if not _NAME.fullmatch(name):
        raise BadUsage("cli.bad_host_name", name=repr(name))
    is_known = address == "local" or address.startswith(("ssh://", "exec:"))
    if not is_known or len(address) > ADDRESS_LENGTH_MAX or not address.isprintable():
        raise BadUsage("cli.bad_address", address=repr(address[:200]))


async def _refuse_taken(services: Services, name: str, address: str) -> Host | None:
    """Return the host of this name when it has this address: it is described anew."""
    host = next((each for each in await services.store.hosts.list() if each.name == name), None)
    if host is not None and host.address != address:
        raise Permanent("cli.host_taken", name=name, address=host.address)
    return host
