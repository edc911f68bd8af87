"""The shop's database: one connection a request, slow statements logged."""

import json
import logging
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

logger = logging.getLogger("shop.store")

HISTORY = (
    "SELECT o.id, o.placed_at, o.status, o.total_cents,"
    " (SELECT SUM(e.total_cents) FROM orders e WHERE e.customer_id = o.customer_id AND e.placed_at <= o.placed_at) AS spent_cents"
    " FROM orders o WHERE o.customer_id = ? ORDER BY o.placed_at DESC LIMIT 10"
)
CATALOGUE = "SELECT id, name, price_cents, stock FROM products ORDER BY id"


class Connection:
    """A connection that logs what takes long."""

    def __init__(self, connection: sqlite3.Connection, slow_query_ms: float) -> None:
        self._connection = connection
        self._slow_query_ms = slow_query_ms

    def rows(self, statement: str, values: Sequence[object] = ()) -> list[sqlite3.Row]:
        """Run a statement and fetch all it returns."""
        began = time.perf_counter()
        try:
            rows: list[sqlite3.Row] = self._connection.execute(statement, tuple(values)).fetchall()
            return rows
        finally:
            took_ms = (time.perf_counter() - began) * 1000
            if took_ms >= self._slow_query_ms:
                logger.warning("slow query %d ms: %s", took_ms, statement)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Write all or nothing."""
        self.rows("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")


class Store:
    """Opens connections."""

    def __init__(self, path: Path, *, busy_timeout_ms: int, slow_query_ms: float) -> None:
        self._path = path
        self._busy_timeout_ms = busy_timeout_ms
        self._slow_query_ms = slow_query_ms

    @contextmanager
    def open(self) -> Iterator[Connection]:
        """Open a connection for one request."""
        connection = sqlite3.connect(self._path, timeout=self._busy_timeout_ms / 1000, isolation_level=None)
        try:
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA synchronous=NORMAL")
            yield Connection(connection, self._slow_query_ms)
        finally:
            connection.close()


def place_order(db: Connection, customer: int, product: int, address: str) -> int:
    """Store an order and queue it for the worker; return its number."""
    with db.transaction():
        price_cents = db.rows("SELECT price_cents FROM products WHERE id = ?", (product,))[0]["price_cents"]
        order = db.rows(
            "INSERT INTO orders (customer_id, placed_at, status, total_cents, address)"
            " VALUES (?, strftime('%Y-%m-%d %H:%M:%f', 'now'), 'new', ?, ?) RETURNING id",
            (customer, price_cents, address),
        )[0]["id"]
        db.rows("UPDATE products SET stock = stock - 1 WHERE id = ?", (product,))
        db.rows("INSERT INTO queue (order_id, state) VALUES (?, 'waiting')", (order,))
    return int(order)


def take_order(db: Connection) -> int | None:
    """Prepare the oldest queued order; return its number, None when the queue is empty."""
    waiting = db.rows("SELECT id, order_id FROM queue WHERE state = 'waiting' ORDER BY id LIMIT 1")
    if not waiting:
        return None
    with db.transaction():
        db.rows("UPDATE queue SET state = 'done' WHERE id = ?", (waiting[0]["id"],))
        db.rows("UPDATE orders SET status = 'prepared' WHERE id = ?", (waiting[0]["order_id"],))
    return int(waiting[0]["order_id"])


def latest_orders(db: Connection, count: int) -> str:
    """Return the latest orders as JSON."""
    rows = db.rows("SELECT * FROM orders ORDER BY id DESC LIMIT ?", (count,))
    return json.dumps([dict(row) for row in rows])
