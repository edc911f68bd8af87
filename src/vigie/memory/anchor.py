"""A small file beside the keys that remembers how far the journal had come: without it, one taken whole could look new.

It is written now and then, in a thread of its own, and at the close: an append never waits for it. It may lag, never lead.
"""

import hashlib
import hmac
import json
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from vigie.clock import Clock
from vigie.domain.errors import Permanent
from vigie.memory.home import write_atomically

logger = logging.getLogger(__name__)

_EVERY_S = 5.0
_EVERY_ROWS = 500


@dataclass(frozen=True, slots=True)
class Mark:
    """A row that was once written: its number and its hash."""

    seq: int
    hash: str


class Anchor:
    """The mark of one home for one database; another database has its own journal, and replaces the mark."""

    def __init__(self, path: Path, key: bytes, clock: Clock, database: str) -> None:
        self._path = path
        self._key = key
        self._clock = clock
        self._database = hashlib.sha256(database.encode()).hexdigest()
        self._guard = threading.Lock()
        self._writer: ThreadPoolExecutor | None = None
        self._last: Mark | None = None
        self._kept_seq = 0
        self._next_s = 0.0

    def saw(self, seq: int, row_hash: str) -> None:
        """Take note of a row that is on the disk."""
        with self._guard:
            if self._last is None or seq > self._last.seq:
                self._last = Mark(seq, row_hash)
            now_s = self._clock.monotonic_s()
            if now_s < self._next_s and seq < self._kept_seq + _EVERY_ROWS:
                return
            self._next_s, self._kept_seq = now_s + _EVERY_S, seq
            self._writer = self._writer or ThreadPoolExecutor(1, "anchor")
            self._writer.submit(self._keep, self._last)

    def close(self) -> None:
        """Write the last row that was seen."""
        with self._guard:
            writer, self._writer, last = self._writer, None, self._last
        if writer is not None:
            writer.shutdown(wait=True)
        if last is not None:
            self._keep(last)

    def read(self) -> Mark | None:
        """Return the mark; None when there is none, it was altered, or it is another database's."""
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
            mark, seal = Mark(int(kept["seq"]), str(kept["hash"])), str(kept["seal"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return mark if hmac.compare_digest(seal, self._seal(mark)) else None

    def _keep(self, mark: Mark) -> None:
        """Write a mark, unless another process wrote a later one."""
        try:
            known = self.read()
            if known is None or known.seq < mark.seq:
                body = {"seq": mark.seq, "hash": mark.hash, "seal": self._seal(mark)}
                write_atomically(self._path, json.dumps(body).encode())
        except Permanent as error:
            logger.warning("anchor not written", extra={"why": error.key})

    def _seal(self, mark: Mark) -> str:
        content = json.dumps(["anchor", self._database, mark.seq, mark.hash])
        return hmac.new(self._key, content.encode(), hashlib.sha256).hexdigest()
