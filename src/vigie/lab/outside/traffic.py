"""Ordinary customers of a laboratory's shop. Run as `python3 traffic.py URL RECORD_FILE CUSTOMERS`.

Each answer is a line of the record: when, which route, status, milliseconds, and the order's number when one was accepted.
"""

import hashlib
import http.client
import json
import random
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlencode, urlsplit

_VISITORS = 3
_PAUSE_S = 0.4
_LIMIT_S = 15.0
_ROUTES = ("/", "/", "/orders", "/orders", "/checkout", "/healthz", "/upload")


class Record:
    """The append-only file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def add(self, line: dict[str, object]) -> None:
        """Append one answer."""
        with self._lock, self._path.open("a", encoding="utf-8") as record:
            record.write(json.dumps(line) + "\n")


class Visitor:
    """One customer after the other, without haste."""

    def __init__(self, url: str, record: Record, customers: int, number: int) -> None:
        self._address = urlsplit(url).netloc
        self._record = record
        self._customers = customers
        self._number = number
        self._chance = random.Random(number)  # noqa: S311  # choices of customers, no secret
        self._visits = 0

    def run(self) -> None:
        """Visit until stopped."""
        pause = threading.Event()
        while True:
            self._visit(self._chance.choice(_ROUTES))
            pause.wait(_PAUSE_S * self._chance.uniform(0.5, 1.5))

    def _visit(self, route: str) -> None:
        customer = self._chance.randint(1, self._customers)
        self._visits += 1
        method, target, body = "GET", route, b""
        fields: dict[str, object] = {}
        if route == "/orders":
            target = f"/orders?customer={customer}"
        elif route == "/checkout":
            method = "POST"
            body = urlencode({"customer": customer, "product": self._chance.randint(1, 10), "address": "1 Quay"}).encode()
            fields["customer"] = customer
        elif route == "/upload":
            method, target = "POST", f"/upload?name=photo-{self._number}-{self._visits}.bin"
            body = self._chance.randbytes(2000)
            fields = {"name": target.partition("=")[2], "sha256": hashlib.sha256(body).hexdigest()}
        at, began = time.time(), time.perf_counter()
        status, answer = self._ask(method, target, body)
        if route == "/checkout" and status == http.HTTPStatus.CREATED:
            fields["order"] = json.loads(answer)["order"]
        self._record.add(
            {"at": round(at, 3), "route": route, "status": status, "ms": round((time.perf_counter() - began) * 1000, 1), **fields}
        )

    def _ask(self, method: str, target: str, body: bytes) -> tuple[int | None, bytes]:
        connection = http.client.HTTPConnection(self._address, timeout=_LIMIT_S)
        try:
            connection.request(method, target, body or None)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            return None, b""
        finally:
            connection.close()


def main() -> None:
    """Visit until stopped."""
    url, path, customers = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    record = Record(path)
    threads = [threading.Thread(target=Visitor(url, record, customers, number).run) for number in range(_VISITORS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
