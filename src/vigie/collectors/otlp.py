"""Logs over OTLP/HTTP in its JSON encoding (OpenTelemetry, OTLP 1.x); any collector or SDK sends it; protobuf is not read."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from vigie.collectors.receiver import Receiver

_NANOSECONDS = 1e9
# https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber
_LEVELS = ((21, "critical"), (17, "error"), (13, "warning"), (9, "info"), (1, "debug"))
_VALUES = ("stringValue", "intValue", "doubleValue", "boolValue")


class Otlp(Receiver):
    """Takes `ExportLogsServiceRequest`s; the secret is the bearer."""

    name = "otlp"

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
