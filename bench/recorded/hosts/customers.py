"""Customers of a host, as they come: `customers.py BASE METHOD PATH [BYTES] …`, one after the other, for ever."""

import itertools
import sys
import time
import urllib.error
import urllib.request

base, wanted = sys.argv[1], [word.split(",") for word in sys.argv[2:]]
for turn in itertools.count():
    for method, path, *size in wanted:
        body = b"x" * int(size[0]) if size else (b"{}" if method == "POST" else None)
        target = path.replace("{n}", f"{1 + turn * 37 % 5000:05d}")
        try:
            with urllib.request.urlopen(urllib.request.Request(base + target, data=body, method=method), timeout=8) as answer:
                answer.read()
        except (OSError, urllib.error.HTTPError):
            pass
    time.sleep(0.4)
