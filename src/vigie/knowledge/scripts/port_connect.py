"""Tries to reach a TCP port. Arguments: ADDRESS PORT."""

import errno
import json
import socket
import sys
import time

LIMIT_S = 5.0
WORDS = {
    errno.ECONNREFUSED: "refused",
    errno.EHOSTUNREACH: "unreachable",
    errno.ENETUNREACH: "unreachable",
    errno.ETIMEDOUT: "timeout",
}


def main(address, port):
    began, error = time.time(), None
    try:
        socket.create_connection((address, int(port)), LIMIT_S).close()
    except TimeoutError:
        error = "timeout"
    except socket.gaierror:
        error = "name"
    except OSError as problem:
        error = WORDS.get(problem.errno, problem.strerror or str(problem))
    value = {"address": address, "ok": error is None, "seconds": round(time.time() - began, 4), "error": error}
    sys.stdout.write(json.dumps({"subject": "port:" + port, "name": "port.connect", "value": value}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
