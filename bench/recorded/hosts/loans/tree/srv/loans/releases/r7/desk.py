"""The lending desk: who borrowed what; reads /etc/loans/loans.ini."""

import configparser
import json
import logging
import time
import urllib.parse
from collections.abc import Callable, Iterable
from typing import Any

import covers
import psycopg2
import redis

settings = configparser.ConfigParser()
settings.read_string(open("/etc/loans/loans.ini").read())
logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.INFO)
log = logging.getLogger("desk")
_held: list[Any] = []


def database() -> Any:
    if not _held or _held[0].closed:
        part = settings["database"]
        wait = f"-c statement_timeout={part['timeout_ms']}"
        _held[:] = [
            psycopg2.connect(
                host=part["host"], port=part["port"], dbname=part["name"], user=part["user"], password=part["password"],
                options=wait, connect_timeout=3,
            )
        ]  # fmt: skip
        _held[0].autocommit = True
    return _held[0]


def cache() -> Any:
    part = settings["cache"]
    return redis.Redis(part["host"], int(part["port"]), password=part["password"], socket_timeout=2)


def query(text: str, *values: object) -> list[Any]:
    began = time.monotonic()
    with database().cursor() as cursor:
        cursor.execute(text, values)
        rows = cursor.fetchall() if cursor.description else []
    seconds = time.monotonic() - began
    if seconds > 0.1:
        log.warning("slow query (%.0f ms): %s", seconds * 1000, cursor.query.decode())
    return rows


def healthz(_asked: dict[str, str], _body: bytes) -> object:
    query("select 1")
    return {"ok": True, "cache": cache().ping()}


def loans(asked: dict[str, str], _body: bytes) -> object:
    rows = query("select id, title from loans where member_ref = %s order by id desc limit 5", asked.get("member", "M00001"))
    return [{"id": row[0], "title": row[1]} for row in rows]


def lend(asked: dict[str, str], _body: bytes) -> object:
    rows = query("insert into loans (member_ref, title) values (%s, %s) returning id", asked.get("member", "M00001"), "A book")
    cache().lpush(settings["notices"]["queue"], json.dumps({"loan": rows[0][0], "to": "member@example.org"}))
    return {"id": rows[0][0]}


def cover(_asked: dict[str, str], body: bytes) -> object:
    return covers.keep(settings["covers"]["folder"], int(settings["covers"]["largest_mb"]), body)


def rules(_asked: dict[str, str], _body: bytes) -> object:
    if settings["features"].getboolean("holiday_rules"):
        return {"days": 21 // len([day for day in () if day])}
    return {"days": 21}


PAGES: dict[tuple[str, str], Callable[[dict[str, str], bytes], object]] = {
    ("GET", "/healthz"): healthz,
    ("GET", "/loans"): loans,
    ("POST", "/loans"): lend,
    ("POST", "/cover"): cover,
    ("GET", "/rules"): rules,
}


def application(environ: dict[str, Any], start: Callable[..., object]) -> Iterable[bytes]:
    method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
    page = PAGES.get((method, path))
    asked = dict(urllib.parse.parse_qsl(environ.get("QUERY_STRING", "")))
    try:
        body = environ["wsgi.input"].read()
        answer = page(asked, body) if page else None
        status = "200 OK" if page else "404 Not Found"
    except Exception as error:  # one bad request is one bad answer
        log.exception("%s %s failed: %s", method, path, error)
        answer, status = {"error": type(error).__name__}, "500 Internal Server Error"
    start(status, [("Content-Type", "application/json")])
    return [json.dumps(answer).encode()]
