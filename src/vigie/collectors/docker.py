"""Logs of containers as Docker (json-file) and podman (k8s-file) write them: unwrapped, parts of long lines joined."""

import json
import re
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from vigie.collectors.file import FileCollector
from vigie.collectors.tail import Line
from vigie.domain.finding import Signal
from vigie.signals import times

# 2026-11-20T10:00:00.123456789+00:00 stdout F the line
_K8S = re.compile(r"(\S+) std(?:out|err) ([FP]) (.*)\Z", re.DOTALL)
_NAMES_MAX = 1000


class Docker(FileCollector):
    """Follows the log files of all containers; the service is the container's name."""

    name = "docker"
    usual = (
        "/var/lib/docker/containers/*/*-json.log",
        "/var/lib/containers/storage/overlay-containers/*/userdata/ctr.log",
        "/home/*/.local/share/containers/storage/overlay-containers/*/userdata/ctr.log",
    )
    _services: "OrderedDict[str, str | None] | None" = None

    def signals(self, lines: Sequence[Line]) -> list[Signal]:
        """Return the lines that the containers wrote, at the instants that the engine noted."""
        found: list[Signal] = []
        parts: dict[str, str] = {}
        for signal in super().signals(lines):
            text, at, is_whole = _unwrapped(signal.raw, signal.read_at)
            whole = parts.pop(signal.source, "") + text
            if not is_whole:
                parts[signal.source] = whole
            elif whole.strip():
                service = signal.service or self._service_of(signal.source)
                found.append(replace(signal, raw=whole, read_at=at, service=service))
        for signal in super().signals(lines[-1:]):  # what is cut off by the end of a batch is not held back
            found += [replace(signal, raw=text, source=source) for source, text in parts.items() if text.strip()]
        return found

    def _service_of(self, path: str) -> str | None:
        if self._services is None:
            self._services = OrderedDict()
        if path not in self._services:
            self._services[path] = _container(path)
            if len(self._services) > _NAMES_MAX:
                self._services.popitem(last=False)
        return self._services[path]


def _unwrapped(raw: str, read_at: datetime) -> tuple[str, datetime, bool]:
    """Return what a container wrote, when, and whether the line ends there."""
    if found := _K8S.match(raw):
        stamp = times.stamp(found[1], read_at, UTC)
        return found[3], stamp.at if stamp else read_at, found[2] == "F"
    try:
        tree = json.loads(raw)
        text = str(tree["log"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return raw, read_at, True
    return text.rstrip("\r\n"), times.of_value(tree.get("time"), read_at, UTC) or read_at, text.endswith("\n")


def _container(path: str) -> str | None:
    """Return the name of the container whose log this is, as its engine keeps it beside."""
    for place, names in (("config.v2.json", ("Name",)), ("config.json", ("hostname",))):
        try:
            tree = json.loads((Path(path).parent / place).read_text(encoding="utf-8", errors="replace"))
            found = str(tree[names[0]]).strip("/")
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            continue
        if found:
            return found
    return None
