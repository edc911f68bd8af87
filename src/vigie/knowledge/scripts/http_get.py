"""Asks for an address by HTTP, once or several times. Arguments: URL [TIMES]."""

import json
import socket
import ssl
import sys
import time
import urllib.error
import urllib.request

LIMIT_S = 8.0
ALL_S = 12.0
SLOW_S = 3.0
HEAD = 2000


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments):
        return None


def why(error):
    reason = getattr(error, "reason", error)
    if isinstance(reason, socket.timeout) or "timed out" in str(reason):
        return "timeout"
    if isinstance(reason, socket.gaierror):
        return "name"
    if isinstance(reason, ConnectionRefusedError):
        return "refused"
    if isinstance(reason, ssl.SSLError):
        return "tls"
    return str(reason)[:120] or type(error).__name__


def ask(url, limit):
    # The certificate is judged apart: an expired one must not hide what the page answers.
    loose = ssl.create_default_context()
    loose.check_hostname = False
    loose.verify_mode = ssl.CERT_NONE
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), Stay, urllib.request.HTTPSHandler(context=loose))
    began = time.time()
    answer = {"status": 0, "body": "", "error": None, "location": None}
    try:
        request = urllib.request.Request(url, headers={"User-Agent": "vigie"})
        with opener.open(request, timeout=limit) as page:
            answer["status"] = page.getcode()
            answer["body"] = page.read(HEAD).decode("utf-8", "replace")
    except urllib.error.HTTPError as error:
        answer["status"] = error.code
        answer["location"] = error.headers.get("Location")
        answer["body"] = error.read(HEAD).decode("utf-8", "replace")
    except Exception as error:  # whatever a server may send
        answer["error"] = why(error)
    answer["seconds"] = round(time.time() - began, 4)
    return answer


def main(url, times):
    began = time.time()
    for _ in range(times):
        left = ALL_S - (time.time() - began)
        if left <= 0:
            break
        answer = ask(url, min(LIMIT_S, left))
        sys.stdout.write(json.dumps(dict(answer, url=url)) + "\n")
        if answer["seconds"] > SLOW_S:
            break  # that it is slow is known


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1)
