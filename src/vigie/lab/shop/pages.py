"""The shop's pages, from rows to bytes."""

import hashlib
import html
import json
import sqlite3
from collections.abc import Sequence


def front(products: Sequence[sqlite3.Row]) -> bytes:
    """Show what is for sale."""
    items = "".join(f"<li>{html.escape(row['name'])} {euros(row['price_cents'])}</li>" for row in products)
    return page("Shop", f"<ul>{items}</ul>")


def history(customer: int, orders: Sequence[sqlite3.Row]) -> bytes:
    """Show a customer's latest orders."""
    lines = "".join(
        f"<tr><td>{row['id']}</td><td>{row['placed_at']}</td><td>{row['status']}</td>"
        f"<td>{euros(row['total_cents'])}</td><td>{euros(row['spent_cents'])}</td></tr>"
        for row in orders
    )
    return page(f"Orders of customer {customer}", f"<table>{lines}</table>")


def receipt(order: int, customer: int, secret: str) -> bytes:
    """Write the receipt of an order, signed."""
    return json.dumps({"order": order, "customer": customer, "signed": hash_of(f"{order}:{customer}:{secret}")}).encode()


def page(title: str, body: str) -> bytes:
    """Put a title and a body into a page."""
    return f"<!doctype html><title>{html.escape(title)}</title><h1>{html.escape(title)}</h1>{body}".encode()


def euros(cents: int) -> str:
    """Write an amount."""
    return f"{cents / 100:.2f} EUR"


def hash_of(text: str) -> str:
    """Return a short signature."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]
