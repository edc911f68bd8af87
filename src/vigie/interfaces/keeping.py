"""Understands a whole log and keeps its lines."""

from array import array
from math import isnan
from typing import TYPE_CHECKING

from vigie.signals.diagnosis.columns import CONTINUES, Columns, read
from vigie.signals.diagnosis.wording import Badness

if TYPE_CHECKING:
    from vigie.memory.lines.block import About
    from vigie.memory.lines.store import LineStore
    from vigie.signals.diagnosis.text import LogText

_LEVELS = {Badness.WARNING: "warning", Badness.ERROR: "error", Badness.CRITICAL: "critical", Badness.DECISIVE: "critical"}
_TEMPLATE_MAX = 200
# Beyond this, the oldest lines go.
_KEPT_BYTES_MAX = 8 << 30


def keep_log(store: "LineStore", log: "LogText", host: str) -> int:
    """Keep the lines of a log with what they say; return how many."""
    from vigie.memory.lines.block import About, Lines

    columns = read([log])
    kinds = [About("info"), *(_about(columns, number, About) for number in range(len(columns.sayings)))]
    written_s = log.modified_at.timestamp()
    index = 0
    last = 0
    for block in log.blocks():
        at_s = array("d", (written_s if isnan(at) else at for at in columns.at_s[index : index + len(block)]))
        about = []
        for number in columns.says[index : index + len(block)]:
            last = last if number == CONTINUES else number + 1
            about.append(last)
        store.keep(host, log.name, Lines(at_s, block, about, kinds))
        index += len(block)
    store.forget(before_s=float("-inf"), bytes_max=_KEPT_BYTES_MAX)
    return index


def _about(columns: Columns, number: int, kind: "type[About]") -> "About":
    saying = columns.sayings[number]
    return kind(_LEVELS.get(saying.badness, "info"), saying.service, saying.template[:_TEMPLATE_MAX])
