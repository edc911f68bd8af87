"""From a raw line to an event: asks the parsers, remembers which one a source speaks, and never fails."""

import logging
from collections import OrderedDict
from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo

from vigie.domain.finding import Event, Level, Signal
from vigie.plugins import discover
from vigie.signals import levels, parsers, services, times
from vigie.signals.parsers.parser import Parsed, Parser
from vigie.signals.zones import Zones

logger = logging.getLogger(__name__)

MESSAGE_MAX = 8192
_SOURCES_MAX = 4096


class Parsing:
    """Reads lines. A source keeps the parser that read its last line, so that the others are asked only when that one fails."""

    def __init__(self, kinds: Sequence[Parser] | None = None, zone: tzinfo = UTC) -> None:
        found = [kind() for kind in discover(parsers, Parser).values()] if kinds is None else kinds
        self._kinds = sorted(found, key=lambda kind: kind.order)
        self._zones = Zones(zone)
        self._spoken: OrderedDict[tuple[str, str], Parser] = OrderedDict()

    def event(self, signal: Signal, zone: tzinfo | None = None, *, is_live: bool = True) -> Event:
        """Return what a line says; at worst its raw text, at the instant it was read.

        Args:
            signal: the line.
            zone: of stamps that name none, as somebody stated it; None: it is learned.
            is_live: it was read as it was written, so that its stamp tells the zone.
        """
        key = (signal.host, signal.source)
        parsed = self._parsed(signal, zone or self._zones.of(key))
        if zone is None and is_live and parsed.at is not None:
            self._look_at_zone(key, signal, parsed.at)
        message = parsed.message[:MESSAGE_MAX] or signal.raw[:MESSAGE_MAX]
        return Event(
            signal=signal,
            at=times.sane(parsed.at, signal.read_at),
            level=parsed.level or levels.guessed(message),
            message=message,
            service=services.normalised(signal.service) or parsed.service,
            fields=parsed.fields,
            continues=parsed.continues,
        )

    def _look_at_zone(self, key: tuple[str, str], signal: Signal, at: datetime) -> None:
        zone = self._zones.suspects(key, at, signal.read_at)
        if zone is not None and self._parsed(signal, zone).at != at:  # else the stamp names its own
            self._zones.learn(key, zone)

    def _parsed(self, signal: Signal, zone: tzinfo) -> Parsed:
        key = (signal.host, signal.source)
        last = self._spoken.get(key)
        # A parser that comes early is trusted again at once; the last resort gives way to any other that understands.
        if last is not None and last is not self._kinds[-1]:
            parsed = _asked(last, signal, zone)
            if parsed is not None:
                return parsed
        for kind in self._kinds:
            parsed = _asked(kind, signal, zone)
            if parsed is not None:
                self._spoken[key] = kind
                self._spoken.move_to_end(key)
                if len(self._spoken) > _SOURCES_MAX:
                    self._spoken.popitem(last=False)
                return parsed
        return Parsed(signal.raw, level=Level.INFO)


def _asked(kind: Parser, signal: Signal, zone: tzinfo) -> Parsed | None:
    try:
        return kind.parse(signal.raw, signal.read_at, zone)
    except Exception:  # a parser's bug must not lose the line
        logger.exception("parser failed", extra={"parser": kind.name, "source": signal.source})
        return None
