"""The shop's web server. Run as `python3 -m shop.web etc/shop.ini`."""

import json
import logging
import os
import sqlite3
import sys
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from vigie.lab.shop import pages, settings, store
from vigie.lab.shop.quota import Quota

logger = logging.getLogger("shop.web")

JSON = "application/json"
HTML = "text/html; charset=utf-8"
Answer = tuple[HTTPStatus, str, bytes]


class Shop:
    """What the routes do."""

    def __init__(self, config: Path) -> None:
        self._settings = settings.read(config)
        self._secret = (config.parent / "secret.key").read_text(encoding="ascii").strip()
        self._quota = Quota(self._settings.storage, self._settings.quota_mb)
        self._store = store.Store(
            self._settings.database,
            busy_timeout_ms=self._settings.busy_timeout_ms,
            slow_query_ms=self._settings.slow_query_ms,
        )

    def front(self) -> Answer:
        """Answer `/`."""
        with self._store.open() as db:
            return HTTPStatus.OK, HTML, pages.front(db.rows(store.CATALOGUE))

    def health(self) -> Answer:
        """Answer `/healthz`."""
        with self._store.open() as db:
            db.rows("SELECT 1 FROM products LIMIT 1")
        return HTTPStatus.OK, JSON, json.dumps({"status": "ok", "release": Path.cwd().name}).encode()

    def orders(self, query: dict[str, list[str]]) -> Answer:
        """Answer `/orders?customer=`."""
        customer = int(query["customer"][0])
        with self._store.open() as db:
            return HTTPStatus.OK, HTML, pages.history(customer, db.rows(store.HISTORY, (customer,)))

    def checkout(self, form: dict[str, list[str]]) -> Answer:
        """Answer a POST to `/checkout`."""
        customer, product = int(form["customer"][0]), int(form["product"][0])
        receipts = self._settings.storage / "receipts"
        self._quota.require(receipts, 4096)
        with self._store.open() as db:
            order = store.place_order(db, customer, product, form["address"][0])
        self._quota.write(receipts / f"{order}.json", pages.receipt(order, customer, self._secret))
        logger.info("order %d placed by customer %d", order, customer)
        return HTTPStatus.CREATED, JSON, json.dumps({"order": order}).encode()

    def upload(self, query: dict[str, list[str]], body: bytes) -> Answer:
        """Answer a POST to `/upload?name=`."""
        name = Path(query["name"][0]).name
        self._quota.write(self._settings.storage / "uploads" / name, body)
        logger.info("file %s of %d bytes stored", name, len(body))
        return HTTPStatus.CREATED, JSON, json.dumps({"name": name}).encode()


class Handler(BaseHTTPRequestHandler):
    """One request."""

    shop: Shop

    def do_GET(self) -> None:
        """Serve a page."""
        url = urlsplit(self.path)
        query = parse_qs(url.query)
        routes = {"/": self.shop.front, "/healthz": self.shop.health, "/orders": lambda: self.shop.orders(query)}
        self._serve(routes.get(url.path))

    def do_POST(self) -> None:
        """Take an order or a file."""
        url = urlsplit(self.path)
        query = parse_qs(url.query)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        routes = {
            "/checkout": lambda: self.shop.checkout(parse_qs(body.decode())),
            "/upload": lambda: self.shop.upload(query, body),
        }
        self._serve(routes.get(url.path))

    def log_message(self, format: str, *values: object) -> None:  # noqa: A002  # the base class names it so
        """Leave the access log to the proxy."""

    def _serve(self, route: object) -> None:
        try:
            status, kind, body = route() if callable(route) else (HTTPStatus.NOT_FOUND, HTML, pages.page("Not found", ""))
        except (KeyError, ValueError) as error:
            logger.warning("bad request %s %s: %r", self.command, self.path, error)
            status, kind, body = HTTPStatus.BAD_REQUEST, HTML, pages.page("Bad request", "")
        except Exception as error:  # the server's own supervisor: a request's error must not end it
            logger.exception("error on %s %s", self.command, urlsplit(self.path).path)
            status = status_of(error)
            kind, body = HTML, pages.page(status.phrase, "")
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def status_of(error: Exception) -> HTTPStatus:
    """Choose what a customer is told."""
    if isinstance(error, sqlite3.OperationalError):
        return HTTPStatus.SERVICE_UNAVAILABLE
    if isinstance(error, OSError):
        return HTTPStatus.INSUFFICIENT_STORAGE
    return HTTPStatus.INTERNAL_SERVER_ERROR


def main() -> None:
    """Serve until stopped."""
    config = Path(sys.argv[1])
    known = settings.read(config)
    settings.log_to(known.logs / "app.log")
    Handler.shop = Shop(config)
    ThreadingHTTPServer.daemon_threads = True
    try:
        server = ThreadingHTTPServer((known.address, known.port), Handler)
    except OSError:
        logger.exception("cannot listen on %s:%d", known.address, known.port)
        time.sleep(0.2)  # noqa: TID251  # a program of its own, no event loop
        sys.exit(1)
    (known.run / "web.pid").write_text(f"{os.getpid()}\n", encoding="ascii")
    logger.info("release %s listening on %s:%d", Path.cwd().name, known.address, known.port)
    server.serve_forever()


if __name__ == "__main__":
    main()
