"""Prepares the orders that wait in the queue. Run as `python3 -m shop.worker etc/shop.ini`."""

import json
import os
import sqlite3
import sys
import threading
import time
from pathlib import Path

from vigie.lab.shop import settings, store
from vigie.lab.shop.quota import Quota


class Worker:
    """Takes one order after the other, and writes JSON lines about it."""

    def __init__(self, known: settings.Settings) -> None:
        self._settings = known
        self._log = known.logs / "worker.log"
        self._trace = known.logs / "worker-trace.log"
        self._quota = Quota(known.storage, known.quota_mb)
        self._store = store.Store(known.database, busy_timeout_ms=known.busy_timeout_ms, slow_query_ms=known.slow_query_ms)

    def run(self) -> None:
        """Work until stopped."""
        self._say("info", "started", trace=self._settings.trace)
        pause = threading.Event()
        while True:
            try:
                worked = self._one_round()
            except sqlite3.OperationalError as error:
                self._say("error", f"order not prepared: {type(error).__name__}: {error}")
                worked = False
            if not worked:
                pause.wait(self._settings.poll_ms / 1000)

    def _one_round(self) -> bool:
        with self._store.open() as db:
            if self._settings.trace:
                self._dump(store.latest_orders(db, 8000))
            began = time.perf_counter()
            order = store.take_order(db)
        if order is None:
            return False
        self._say("info", "order prepared", order=order, ms=round((time.perf_counter() - began) * 1000, 1))
        return True

    def _dump(self, orders: str) -> None:
        line = f"{_now()} TRACE queue round, orders in view: {orders}\n"
        # As on a full disk, what still fits is written.
        with self._trace.open("ab") as trace:
            trace.write(line.encode()[: self._quota.room_bytes()])

    def _say(self, level: str, message: str, **fields: object) -> None:
        with self._log.open("a", encoding="utf-8") as log:
            log.write(json.dumps({"time": _now(), "level": level, "service": "worker", "message": message, **fields}) + "\n")


def _now() -> str:
    seconds = time.time()
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{int(seconds % 1 * 1000):03d}Z"


def main() -> None:
    """Work until stopped."""
    known = settings.read(Path(sys.argv[1]))
    (known.run / "worker.pid").write_text(f"{os.getpid()}\n", encoding="ascii")
    settings.log_to(known.logs / "app.log")
    Worker(known).run()


if __name__ == "__main__":
    main()
