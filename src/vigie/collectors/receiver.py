"""What sources have in common that are sent to us over HTTP: whose it is, checked; durable before it is acknowledged."""

import asyncio
import hashlib
import hmac
import json
import re
from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from vigie.collectors.collector import Around, Collector, Emit, Position, Spec
from vigie.domain.errors import BadUsage, Permanent
from vigie.domain.finding import Signal

# How long to wait for letters at once; after this, those that were read are given up.
_QUIET_S = 30.0
_BATCH = 20
_LINES_MAX = 20_000
_LINE_MAX = 60_000
_PORT = re.compile(r":\d{1,5}\Z")
_HOST_LABELS = ("host", "hostname", "instance", "node", "nodename", "server", "server_name")


class Receiver(Collector):
    """Takes what a program sends to `/api/v1/in/NAME`. Its secret stands in the file `secret_file`.

    A kind says how its senders prove who they are (`is_theirs`) and what their bodies say (`told`): lines, each a document
    whose names the parser of JSON lines knows (`message`, `level`, `time`, `service`); one with `alert` is an alert.
    """

    def __init__(self, spec: Spec, around: Around) -> None:
        self.host = spec.host
        self.slot = spec.name or spec.kind
        self._around = around
        self._service = spec.service
        self._secret_file = Path(str(spec.option("secret_file", "")))
        if not self._secret_file.is_absolute():
            raise BadUsage("source.no_secret", source=self.slot)

    @classmethod
    def make(cls, spec: Spec, around: Around) -> "Receiver":
        """Return the collector of what is sent."""
        spec.only("secret_file")
        return cls(spec, around)

    @property
    def source(self) -> str:
        """Return the kind and the name."""
        return f"{self.name}:{self.slot}"

    @abstractmethod
    def told(self, tree: Any, headers: Mapping[str, str]) -> Iterable[Mapping[str, Any]]:
        """Return the lines that a body holds; may raise KeyError, TypeError or ValueError on one that is none of theirs."""

    def is_theirs(self, headers: Mapping[str, str], body: bytes, secret: str) -> bool:
        """Say whether whoever sent this knows the secret; `headers` by names in small letters."""
        scheme, _, shown = headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and hmac.compare_digest(shown.encode(), secret.encode())

    def parsed(self, body: bytes) -> Any:
        """Return a body as a tree."""
        return json.loads(body)

    async def accept(self, headers: Mapping[str, str], body: bytes) -> int:
        """Take what was sent, durably; return how many lines it holds.

        Raises:
            Permanent: `source.no_secret`; `source.forged`; `source.not_understood`.
        """
        secret = await asyncio.to_thread(self._secret)
        if not self.is_theirs(headers, body, secret):
            raise Permanent("source.forged", source=self.source)
        try:
            lines = [json.dumps(dict(each), ensure_ascii=False, default=str) for each in self.told(self.parsed(body), headers)]
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise Permanent("source.not_understood", source=self.source, line=body[:200].decode("utf-8", "replace")) from error
        kept = [line for line in lines if len(line) <= _LINE_MAX][:_LINES_MAX]
        self.dropped += len(lines) - len(kept)
        if kept:
            at = self._around.clock.now().isoformat()
            await self._around.post.put(self.source, json.dumps({"at": at, "lines": kept}, ensure_ascii=False))
        return len(kept)

    async def run(self, emit: Emit, position: Position | None) -> None:
        """Read the post."""
        number = int(str(position["read"])) if position else 0
        if position:
            await self._around.post.clear(self.source, number)
        await emit((), {"read": number})
        cleared = number
        while True:
            letters = await self._around.post.after(self.source, number, _BATCH, _QUIET_S)
            if not letters and cleared < number:
                await self._around.post.clear(self.source, number)  # its position was saved long ago
                cleared = number
            for letter, body in letters:
                number = letter
                await emit(await self._signals(json.loads(body)), {"read": number})

    async def _signals(self, letter: dict[str, Any]) -> Sequence[Signal]:
        at = datetime.fromisoformat(letter["at"])
        return [Signal(await self._whose(line), self.source, line, at, None, self._service) for line in letter["lines"]]

    async def _whose(self, line: str) -> str:
        """Return the host of ours that a line names, else the source's own."""
        tree = json.loads(line)
        for name in _HOST_LABELS:
            named = _PORT.sub("", str(tree.get(name) or ""))
            if named and await self._around.knows(named):
                return named
        return self.host

    def _secret(self) -> str:
        try:
            secret = self._secret_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise Permanent("source.no_secret", source=self.slot) from error
        if not secret:
            raise Permanent("source.no_secret", source=self.slot)
        return secret


def signed(body: bytes, secret: str, shown: str) -> bool:
    """Say whether a signature is the HMAC-SHA256 of the body, in hexadecimal."""
    return hmac.compare_digest(
        hmac.new(secret.encode(), body, hashlib.sha256).hexdigest().encode(), shown.strip().lower().encode()
    )


def alert(
    name: object, message: object, *, firing: bool, level: object, at: object, key: object, labels: Mapping[str, Any]
) -> dict[str, Any]:
    """Return an alert as a line; labels that are no plain words are left out."""
    plain = {str(label): value for label, value in labels.items() if isinstance(value, str | int | float)}
    return {
        **plain,
        "time": at,
        "level": level if firing else "info",
        "message": f"{name}: {message}" if message and message != name else str(name),
        "alert": str(name),
        "alert_state": "firing" if firing else "resolved",
        "alert_key": str(key),
    }


def prometheus_alerts(tree: Any) -> Iterable[dict[str, Any]]:
    """Return the alerts of a notification as Alertmanager writes it (version 4), which others have taken over."""
    for each in tree["alerts"]:
        labels, said = each["labels"], each.get("annotations") or {}
        firing = each["status"] == "firing"
        yield alert(
            labels.get("alertname", "alert"),
            said.get("summary") or said.get("description") or said.get("message"),
            firing=firing,
            level=labels.get("severity", "error"),
            at=each.get("startsAt") if firing else each.get("endsAt"),
            key=each.get("fingerprint") or sorted(labels.items()),
            labels=labels,
        )
