"""Fills the shop's database: enough orders for a missing index to be felt, fast enough to be made at each start."""

import sqlite3
from pathlib import Path

ORDERS = 300_000
CUSTOMERS = 15_000
INDEX = "orders_by_customer"
CREATE_INDEX = f"CREATE INDEX {INDEX} ON orders (customer_id, placed_at)"

SCHEMA = """
CREATE TABLE products (id INTEGER PRIMARY KEY, name TEXT NOT NULL, price_cents INTEGER NOT NULL, stock INTEGER NOT NULL);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, placed_at TEXT NOT NULL, status TEXT NOT NULL,
  total_cents INTEGER NOT NULL, address TEXT NOT NULL);
CREATE TABLE queue (id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders (id), state TEXT NOT NULL);
"""
PRODUCTS = ("Tea pot", "Cup", "Saucer", "Kettle", "Tray", "Spoon", "Tin", "Filter", "Cloth", "Sugar bowl")


def fill(path: Path, orders: int = ORDERS) -> None:
    """Write the database; the same number of orders gives the same rows.

    Durability is off while it is made: a laboratory that is cut short is thrown away.
    """
    db = sqlite3.connect(path, isolation_level=None)
    try:
        db.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-65536;" + SCHEMA)
        db.execute("BEGIN")
        db.executemany(
            "INSERT INTO products VALUES (?, ?, ?, 1000000)",
            [(number, name, 250 + 333 * number) for number, name in enumerate(PRODUCTS, 1)],
        )
        db.execute(
            """
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
            INSERT INTO orders SELECT i, 1 + (i * 7919) % ?, datetime(1700000000 + i * 120, 'unixepoch'), 'shipped',
              500 + (i * 104729) % 20000, (1 + i % 180) || ' Harbour Road, ' || (10000 + i % 80000) || ' Seaside'
            FROM n
            """,
            (orders, CUSTOMERS),
        )
        db.execute("COMMIT")
        db.execute(CREATE_INDEX)
        db.execute("CREATE INDEX queue_by_state ON queue (state, id)")
        db.execute("PRAGMA journal_mode=WAL")
    finally:
        db.close()
