"""Sends the notices that the desk asks for: takes them from the queue, writes them to the outbox."""

import configparser
import json
import logging
import sys
import time
from pathlib import Path

import redis

settings = configparser.ConfigParser()
settings.read_string(Path(sys.argv[1]).read_text())
logging.basicConfig(format="%(asctime)s %(levelname)s notices: %(message)s", level=logging.INFO, stream=sys.stderr)
log = logging.getLogger("notices")
part = settings["cache"]
queue = settings["notices"]["queue"]
cache = redis.Redis(part["host"], int(part["port"]), password=part["password"], socket_timeout=5)

while True:
    item = None
    try:
        item = cache.lindex(queue, -1)
        if item is None:
            time.sleep(0.2)
            continue
        notice = json.loads(item)
        with Path("/srv/loans/shared/outbox/notices.log").open("a") as outbox:
            outbox.write(f"to {notice['to']}: loan {notice['loan']}\n")
        cache.rpop(queue)
        if notice["loan"] % 20 == 0:
            log.info("notice of loan %s is sent", notice["loan"])
    except Exception as error:  # as many workers do: it is tried again for ever
        log.exception("notice %r cannot be sent: %s", item, error)
        time.sleep(1)
