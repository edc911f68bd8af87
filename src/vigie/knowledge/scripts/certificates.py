"""Tells when the certificates in files end. Arguments: files or folders; none: the usual places."""

import json
import os
import ssl
import sys
import time

ENDS = (".pem", ".crt", ".cer", ".cert", ".chain")
SKIPPED = {"node_modules", ".git", "site-packages", "dist-packages", "__pycache__", "ca-certificates", "certs"}
PLACES = ("/etc", "/srv", "/opt", "/var/www", "/usr/local/etc")
FOUND_MAX = 300
DAY = 86400.0


def files(places):
    for place in places:
        if os.path.isfile(place):
            yield place
            continue
        for folder, names, found in os.walk(place):
            names[:] = sorted(name for name in names if name not in SKIPPED)
            for name in sorted(found):
                if name.endswith(ENDS):
                    yield os.path.join(folder, name)


def words(name):
    return ", ".join("%s=%s" % pair for part in name for pair in part)


def stamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def main(places):
    now, found = time.time(), 0
    for path in files(places or PLACES):
        try:
            with open(path, "rb") as file:
                if b"-----BEGIN CERTIFICATE-----" not in file.read(65536):
                    continue
            # The decoder that Python tests itself with; there is no other in the standard library.
            read = ssl._ssl._test_decode_cert(path)
        except (OSError, ValueError, ssl.SSLError) as error:
            sys.stderr.write("%s: %s\n" % (path, error))
            continue
        ends, starts = (ssl.cert_time_to_seconds(read[key]) for key in ("notAfter", "notBefore"))
        value = {
            "subject": words(read.get("subject", ())),
            "issuer": words(read.get("issuer", ())),
            "names": [name for _, name in read.get("subjectAltName", ())],
            "starts_at": stamp(starts),
            "expires_at": stamp(ends),
            "days_left": round((ends - now) / DAY, 2),
            "expired": ends < now or starts > now,
        }
        row = {"subject": "file:" + os.fsencode(path).decode("utf-8", "replace"), "name": "certificate.state", "value": value}
        sys.stdout.write(json.dumps(row) + "\n")
        found += 1
        if found >= FOUND_MAX:
            return


if __name__ == "__main__":
    main(sys.argv[1:])
