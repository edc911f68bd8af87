"""Makes the shell line of an intent for one host: the variant for its family and manager, each slot checked and quoted."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from vigie.domain.host import Host
from vigie.knowledge import detection
from vigie.knowledge.library import Knowledge
from vigie.knowledge.models import SlotType
from vigie.knowledge.requests import AskedLine, Intent, NamedService
from vigie.reasoning.templates import fill

_FAMILIES = (
    ("rhel", re.compile(r"alma|rocky|centos|red hat|fedora|oracle|amazon", re.IGNORECASE)),
    ("alpine", re.compile(r"alpine", re.IGNORECASE)),
    ("suse", re.compile(r"suse", re.IGNORECASE)),
    ("arch", re.compile(r"arch linux|manjaro", re.IGNORECASE)),
)
_KINDS: Mapping[SlotType, str] = {
    "path": "path path2 device",
    "port": "port",
    "pid": "pid",
    "url": "url",
    "number": "count days minutes percent",
    "mode": "mode",
    "text": "text since file zone",
}
_TYPES: Mapping[str, SlotType] = {kind: slot_type for slot_type, kinds in _KINDS.items() for kind in kinds.split()}
_DERIVED: Mapping[str, SlotType] = {"stamp": "name", "path_name": "name", "path_bare": "text"}
_UNTYPED: SlotType = "name"
# The manager of a host whose own is not known.
_USUAL = "systemd"


def family_of(host: Host) -> str:
    """Return which family of systems a host belongs to; Debian's where nothing says otherwise."""
    return next((name for name, pattern in _FAMILIES if pattern.search(host.os or "")), "debian")


def line_of(
    intent: Intent,
    slots: Mapping[str, str],
    host: Host,
    knowledge: Knowledge,
    services: Mapping[str, NamedService],
    now: datetime,
    *,
    template: str | None = None,
) -> str:
    """Return the intent's line for a host; `template` gives one of its other lines (witness, goal, undo) instead.

    Raises:
        Permanent: a slot's value cannot stand in a line (`knowledge.slot_wrong`), or the host's manager has no such verb.
    """
    chosen = template if template is not None else variant(intent, slots, host).line
    values = {
        **_derived(slots, now),
        **{
            name: _called(intent.slots[name].kind, value, host, services) for name, value in slots.items() if name in intent.slots
        },
    }
    if "{program}" in chosen:
        return _version(slots.get("service", ""), host, services)
    types = {name: _TYPES.get(slot.kind, _UNTYPED) for name, slot in intent.slots.items()}
    types |= _DERIVED
    kept: dict[str, str] = {name: value for name, value in values.items() if value}
    return fill(chosen, kept, types, detection.of_host(knowledge, replace(host, manager=host.manager or _USUAL)))


def variant(intent: Intent, slots: Mapping[str, str], host: Host) -> AskedLine:
    """Return the line that fits the host and what was named; the last one fits anything."""
    family, manager = family_of(host), host.manager or _USUAL
    fitting = [
        line
        for line in intent.lines
        if (not line.families or family in line.families)
        and (not line.managers or manager in line.managers)
        and all(slots.get(name) for name in line.given)
    ]
    return fitting[0] if fitting else intent.lines[-1]


def unit_of(name: str, host: Host, services: Mapping[str, NamedService]) -> str:
    """Return what a service is called on a host."""
    known = services.get(name)
    if known is None:
        return name
    fitting = (unit.unit for unit in known.units if not unit.os or re.search(unit.os, host.os or ""))
    return next(fitting, name)


def _called(kind: str, value: str, host: Host, services: Mapping[str, NamedService]) -> str:
    known = services.get(value)
    if kind == "service":
        return unit_of(value, host, services)
    if kind == "package" and known is not None and known.package and family_of(host) == "debian":
        return known.package
    return value


def _derived(slots: Mapping[str, str], now: datetime) -> dict[str, str]:
    path = slots.get("path", "").strip("/")
    return {"stamp": f"{now:%Y%m%d-%H%M%S}", "path_bare": path or ".", "path_name": re.sub(r"[^\w.-]+", "-", path) or "root"}


def _version(name: str, host: Host, services: Mapping[str, NamedService]) -> str:
    known = services.get(name)
    if known is not None and known.version:
        return known.version
    return fill("{service} --version", {"service": name}, {"service": "name"})
