"""Ordinary customers of the depot, from outside. Run as `python3 customers.py DEPOT_FILE RECORD_FILE`.

They look at the pages, and hand orders in; a line of the record tells of each order that the queue took.
"""

import http.client
import json
import sys
import threading
import time
from pathlib import Path

from vigie.lab.depot.worker import Cache, Refused

_PAUSE_S = 0.5


def look(port: int, path: str) -> int | None:
    """Ask for a page; None for no answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    return answer.status


def hand_in(cache_port: int, password: str, number: int) -> bool:
    """Hand an order in; say whether it was taken."""
    try:
        with Cache(cache_port, password) as cache:
            cache.say("LPUSH", "orders", json.dumps({"order": number}))
    except (OSError, Refused):
        return False
    return True


def main() -> None:
    """Be customers until stopped."""
    depot = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    record, pause, number = Path(sys.argv[2]), threading.Event(), 0
    while True:
        number += 1
        look(depot["port"], "/")
        look(depot["port"], "/depot.css")
        taken = hand_in(depot["cache_port"], depot["password"], number)
        with record.open("a", encoding="ascii") as lines:
            lines.write(json.dumps({"at": time.time(), "order": number, "taken": taken}) + "\n")
        look(depot["port"], f"/notes/{max(1, number - 4)}.json")
        pause.wait(_PAUSE_S)


if __name__ == "__main__":
    main()
