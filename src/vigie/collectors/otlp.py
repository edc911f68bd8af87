"""Logs over OTLP/HTTP, in protobuf or JSON, packed with gzip or not (OpenTelemetry, OTLP 1.x): any collector or SDK sends it."""

import json
import struct
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from vigie.collectors import protobuf
from vigie.collectors.receiver import Receiver

_NANOSECONDS = 1e9
# https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber
_LEVELS = ((21, "critical"), (17, "error"), (13, "warning"), (9, "info"), (1, "debug"))
_VALUES = ("stringValue", "intValue", "doubleValue", "boolValue")
_GZIP = b"\x1f\x8b"
_UNPACKED_MAX = 4 << 20
# Of each message the fields that are read: number → name, what it holds, whether there may be many.
# https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/logs/v1/logs.proto
_MESSAGES: dict[str, dict[int, tuple[str, str, bool]]] = {
    "request": {1: ("resourceLogs", "resource_logs", True)},
    "resource_logs": {1: ("resource", "resource", False), 2: ("scopeLogs", "scope_logs", True)},
    "resource": {1: ("attributes", "pair", True)},
    "scope_logs": {2: ("logRecords", "record", True)},
    "record": {
        1: ("timeUnixNano", "number", False),
        2: ("severityNumber", "number", False),
        3: ("severityText", "text", False),
        5: ("body", "value", False),
        6: ("attributes", "pair", True),
        9: ("traceId", "hex", False),
        11: ("observedTimeUnixNano", "number", False),
    },
    "pair": {1: ("key", "text", False), 2: ("value", "value", False)},
    "value": {
        1: ("stringValue", "text", False),
        2: ("boolValue", "flag", False),
        3: ("intValue", "signed", False),
        4: ("doubleValue", "double", False),
        5: ("arrayValue", "list", False),
        6: ("kvlistValue", "map", False),
        7: ("stringValue", "hex", False),
    },
    "list": {1: ("values", "value", True)},
    "map": {1: ("values", "pair", True)},
}


class Otlp(Receiver):
    """Takes `ExportLogsServiceRequest`s; the secret is the bearer."""

    name = "otlp"

    def parsed(self, body: bytes) -> Any:
        """Return the request as its JSON encoding writes it."""
        if body.startswith(_GZIP):
            body = _unpacked(body)
        try:
            return json.loads(body)
        except ValueError:
            return _read("request", body)

    def told(self, tree: Any, headers: Mapping[str, str]) -> Iterable[Mapping[str, Any]]:
        """Return the log records with their resource's service and host."""
        for resource in tree["resourceLogs"]:
            about = _attributes((resource.get("resource") or {}).get("attributes") or ())
            for scope in resource.get("scopeLogs") or ():
                for record in scope.get("logRecords") or ():
                    yield _told(record, about)


def _told(record: Mapping[str, Any], about: Mapping[str, Any]) -> dict[str, Any]:
    at = int(record.get("timeUnixNano") or record.get("observedTimeUnixNano") or 0)
    number = int(record.get("severityNumber") or 0)
    level = next((word for least, word in _LEVELS if number >= least), record.get("severityText"))
    document = {
        **_attributes(record.get("attributes") or ()),
        "message": _value(record.get("body") or {}),
        "service": about.get("service.name"),
        "host": about.get("host.name"),
        "level": level,
        "time": at / _NANOSECONDS or None,
        "trace": record.get("traceId"),
    }
    return {name: value for name, value in document.items() if value not in (None, "")}


def _attributes(pairs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {str(pair["key"]): _value(pair.get("value") or {}) for pair in pairs}


def _value(value: Mapping[str, Any]) -> Any:
    for name in _VALUES:
        if name in value:
            return value[name]
    if "arrayValue" in value:
        return [_value(each) for each in value["arrayValue"].get("values") or ()]
    if "kvlistValue" in value:
        return _attributes(value["kvlistValue"].get("values") or ())
    return ""


def _unpacked(body: bytes) -> bytes:
    reader = zlib.decompressobj(wbits=31)
    try:
        whole = reader.decompress(body, _UNPACKED_MAX)
    except zlib.error as error:
        raise ValueError("not packed well") from error
    if not reader.eof:
        raise ValueError("too much, or cut")
    return whole


def _read(message: str, body: bytes) -> dict[str, Any]:
    """Return a message as a tree.

    Raises:
        ValueError: it is none.
    """
    tree: dict[str, Any] = {}
    known = _MESSAGES[message]
    for number, held in protobuf.fields(body):
        if number not in known:
            continue
        name, kind, many = known[number]
        value = _held(kind, held)
        if many:
            tree.setdefault(name, []).append(value)
        else:
            tree[name] = value
    return tree


def _held(kind: str, held: int | bytes) -> Any:
    if isinstance(held, int):
        match kind:
            case "flag":
                return bool(held)
            case "signed":
                return held - (1 << 64) if held >> 63 else held
            case "double":
                return struct.unpack("<d", held.to_bytes(8, "little"))[0]
            case "number":
                return held
        raise ValueError("a number in the place of something else")
    if kind == "text":
        return held.decode("utf-8", "replace")
    if kind == "hex":
        return held.hex()
    if kind not in _MESSAGES:
        raise ValueError("something else in the place of a number")
    return _read(kind, held)
