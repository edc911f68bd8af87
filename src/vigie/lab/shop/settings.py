"""Reads the shop's configuration file, and sets its logs up."""

import configparser
import logging
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """What etc/shop.ini says."""

    address: str
    port: int
    database: Path
    busy_timeout_ms: int
    slow_query_ms: float
    storage: Path
    quota_mb: float
    poll_ms: int
    trace: bool
    logs: Path
    run: Path


def read(path: Path) -> Settings:
    """Read the file.

    Raises:
        OSError: it cannot be read.
        configparser.Error: a section or an option is missing.
        ValueError: a number is none.
    """
    ini = configparser.ConfigParser(interpolation=None)
    with path.open(encoding="utf-8") as lines:
        ini.read_file(lines)
    address, _, port = ini["web"]["listen"].rpartition(":")
    return Settings(
        address=address,
        port=int(port),
        database=Path(ini["database"]["path"]),
        busy_timeout_ms=ini.getint("database", "busy_timeout_ms"),
        slow_query_ms=ini.getfloat("database", "slow_query_ms"),
        storage=Path(ini["storage"]["folder"]),
        quota_mb=ini.getfloat("storage", "quota_mb"),
        poll_ms=ini.getint("worker", "poll_ms"),
        trace=ini.getboolean("worker", "trace"),
        logs=Path(ini["logging"]["folder"]),
        run=Path(ini["logging"]["run"]),
    )


def log_to(path: Path) -> None:
    """Send this process's log to a file, one line a record with its time in UTC, a traceback below."""
    formatter = logging.Formatter("%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(formatter)
    logging.basicConfig(level=logging.INFO, handlers=[handler])
