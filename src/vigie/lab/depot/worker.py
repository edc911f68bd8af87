"""Packs the orders that wait in the depot's queue. Run as `python3 worker.py etc/worker.ini`; the standard library only."""

import configparser
import json
import socket
import sys
import threading
import time
from pathlib import Path
from typing import BinaryIO

_PAUSE_S = 0.2
_ERROR, _TEXT, _LIST = b"-", b"$", b"*"


class Refused(Exception):
    """The cache answered with an error."""


class Cache:
    """Speaks to Redis."""

    def __init__(self, port: int, password: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=5)
        self._answers: BinaryIO = self._socket.makefile("rb")
        try:
            self.say("AUTH", password)
        except Exception:  # after any trouble the connection is of no use
            self.close()
            raise

    def __enter__(self) -> "Cache":
        """Be closed at the end of a `with` block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    def close(self) -> None:
        """Close."""
        self._answers.close()
        self._socket.close()

    def say(self, *words: str) -> str | None:
        """Send a command and return its answer as text, a list's items one a line; None for nothing.

        Raises:
            Refused: it was refused.
            OSError: the cache has gone.
        """
        parts = [f"${len(word.encode())}\r\n{word}\r\n" for word in words]
        self._socket.sendall(f"*{len(words)}\r\n{''.join(parts)}".encode())
        return self._answer()

    def _answer(self) -> str | None:
        line = self._answers.readline().rstrip()
        if not line:
            raise ConnectionError("the cache closed the connection")
        kind, rest = line[:1], line[1:].decode()
        if kind == _ERROR:
            raise Refused(rest)
        if kind == _LIST:
            return "\n".join(self._answer() or "" for _ in range(int(rest)))
        if kind != _TEXT:
            return rest
        size = int(rest)
        return None if size < 0 else self._answers.read(size + 2)[:-2].decode()


def say(level: str, words: str) -> None:
    """Write a line of the log."""
    sys.stderr.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {level} worker: {words}\n")
    sys.stderr.flush()


def pack(raw: str, folder: Path) -> None:
    """Do one order: a note about it is what customers ask for."""
    order = json.loads(raw)
    note = folder / f"{int(order['order'])}.json"
    fresh = note.with_suffix(".new")
    fresh.write_text(json.dumps({"order": order["order"], "packed_at": time.time()}), encoding="ascii")
    fresh.replace(note)


def main() -> None:
    """Work until stopped; an order stays in the queue until it is done."""
    known = configparser.ConfigParser()
    known.read(sys.argv[1])
    queue, folder = known["queue"]["name"], Path(known["depot"]["notes"])
    cache = Cache(known.getint("cache", "port"), known["cache"]["password"])
    say("INFO", f"started, queue {queue}")
    pause = threading.Event()
    while True:
        raw = cache.say("LINDEX", queue, "-1")
        if raw is None:
            pause.wait(_PAUSE_S)
            continue
        say("INFO", f"packing {raw[:80]}")
        pack(raw, folder)
        cache.say("INCR", "packed")
        cache.say("RPOP", queue)


if __name__ == "__main__":
    try:
        main()
    except Exception as error:  # whatever ends it is told in its log first
        say("ERROR", f"{type(error).__name__}: {error}")
        raise
