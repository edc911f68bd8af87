"""Moves measures from the spool into the store."""

import os
import sqlite3
import sys
import time
from pathlib import Path

spool, store = Path(os.environ["SPOOL"]), os.environ["STORE"]
every_s = float(os.environ["EVERY_S"])


def say(level: str, text: str) -> None:
    sys.stderr.write(f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())} {level} collector: {text}\n")
    sys.stderr.flush()


say("INFO", "ready")
while True:
    try:
        with sqlite3.connect(store, timeout=2) as database:
            database.execute("create table if not exists measures (id integer primary key, body text, at real)")
            for path in sorted(spool.iterdir())[:100]:
                database.execute("insert into measures (body, at) values (?, ?)", (path.read_text(), time.time()))
                path.unlink()
    except Exception as error:  # told, and tried again in its turn
        say("ERROR", f"{type(error).__name__}: {error}")
    time.sleep(every_s)
