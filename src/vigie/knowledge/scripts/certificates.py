"""Tells when the certificates in files end, and which configuration files name them.

Arguments: files or folders; none: the usual places. A certificate that lies somewhere and that nothing names is a
memory: only one that is named can be missed.
"""

import json
import os
import re
import ssl
import sys
import time

ENDS = (".pem", ".crt", ".cer", ".cert", ".chain")
SKIPPED = {"node_modules", ".git", "site-packages", "dist-packages", "__pycache__", "ca-certificates", "certs"}
PLACES = ("/etc", "/srv", "/opt", "/var/www", "/usr/local/etc")
FOUND_MAX = 300
DAY = 86400.0
NAMED = re.compile(r"""(?<![\w.-])(/[\w.@+/-]+\.(?:pem|crt|cer|cert|chain))(?![\w-])""")
SETTINGS = (".conf", ".cfg", ".ini", ".cnf", ".yaml", ".yml", ".toml", ".json", ".env", ".properties", ".cf", ".config", ".xml")
IN_FOLDERS = ("sites-enabled", "conf.d", "sites-available")
CONFIG_MAX = 262144
CONFIGS_MAX = 3000


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


def configs(places):
    count = 0
    for place in places:
        for folder, names, found in os.walk(place):
            names[:] = sorted(name for name in names if name not in SKIPPED)
            for name in sorted(found):
                if name.endswith(SETTINGS) or os.path.basename(folder) in IN_FOLDERS:
                    count += 1
                    if count > CONFIGS_MAX:
                        return
                    yield os.path.join(folder, name)


def named(places):
    """Return which configuration files name each file of certificates, links followed."""
    users = {}
    for path in configs(places):
        try:
            if os.path.getsize(path) > CONFIG_MAX:
                continue
            with open(path, encoding="utf-8", errors="replace") as file:
                lines = [line for line in file.read().split("\n") if not line.lstrip().startswith(("#", ";"))]
        except OSError:
            continue
        for target in NAMED.findall("\n".join(lines)):
            users.setdefault(os.path.realpath(target), []).append(path)
    return users


def words(name):
    return ", ".join("%s=%s" % pair for part in name for pair in part)


def stamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def main(places):
    now, found = time.time(), 0
    users = named(places or PLACES)
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
            "used_by": sorted(set(users.get(os.path.realpath(path), ())))[:5],
        }
        row = {"subject": "file:" + os.fsencode(path).decode("utf-8", "replace"), "name": "certificate.state", "value": value}
        sys.stdout.write(json.dumps(row) + "\n")
        found += 1
        if found >= FOUND_MAX:
            return


if __name__ == "__main__":
    main(sys.argv[1:])
