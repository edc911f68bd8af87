"""Tells which private keys others may read, and which do not belong to the certificate beside them. Arguments: folders.

Without arguments: where keys usually are. Nothing of a key is told but its path, mode and owner.
"""

import grp
import json
import os
import pwd
import re
import ssl
import stat
import sys

PLACES = ("/etc", "/srv", "/opt", "/var/www", "/usr/local/etc", "/root/.ssh", "/home")
SKIPPED = {"node_modules", ".git", "site-packages", "dist-packages", "proc", "sys", "dev", "ca-certificates", "testdata", "tests"}
DEPTH_MAX = 6
FILES_MAX = 4000
HEAD = 4096
KEY_NAME = re.compile(r"key|\.pem$|^id_[a-z0-9]+$|\.p12$|\.pfx$", re.IGNORECASE)
PRIVATE = b"PRIVATE KEY-----"
PAIRS = (
    re.compile(r"^\s*ssl_certificate\s+(\S+?);[\s\S]*?^\s*ssl_certificate_key\s+(\S+?);", re.MULTILINE),
    re.compile(r"^\s*SSLCertificateFile\s+(\S+)[\s\S]*?^\s*SSLCertificateKeyFile\s+(\S+)", re.MULTILINE),
    re.compile(
        r"^\s*(?:ssl_cert|certfile|tls-cert-file|smtpd_tls_cert_file)\s*[=\s]\s*(\S+)[\s\S]*?"
        r"^\s*(?:ssl_key|keyfile|tls-key-file|smtpd_tls_key_file)\s*[=\s]\s*(\S+)",
        re.MULTILINE,
    ),
)


def clean(path):
    return os.fsencode(path).decode("utf-8", "replace")


def tell(path, name, value):
    sys.stdout.write(json.dumps({"subject": "file:" + clean(path), "name": name, "value": value}) + "\n")


def named(lookup, number):
    try:
        return lookup(number)[0]
    except KeyError:
        return str(number)


def own_group(uid):
    try:
        return pwd.getpwuid(uid).pw_gid
    except KeyError:
        return None


def files(folders):
    count = 0
    for top in folders:
        base = top.rstrip("/").count("/")
        for place, names, found in os.walk(top):
            names[:] = sorted(name for name in names if name not in SKIPPED)
            if place.count("/") - base >= DEPTH_MAX:
                names[:] = []
            for name in sorted(found):
                count += 1
                if count > FILES_MAX * 5:
                    return
                yield os.path.join(place, name)


def head_of(path):
    state = os.lstat(path)
    if not stat.S_ISREG(state.st_mode):
        return b""
    with open(path, "rb") as file:
        return file.read(HEAD)


def exposed(path):
    body = head_of(path)
    if PRIVATE not in body or b"-----BEGIN" not in body:
        return
    state = os.stat(path)
    if state.st_mode & (stat.S_IROTH | stat.S_IWOTH | stat.S_IWGRP):
        mode = stat.S_IMODE(state.st_mode)
        # A group of its own was chosen; the owner's own group was not.
        group = 0 if state.st_gid in (0, own_group(state.st_uid)) else stat.S_IRGRP
        value = {
            "mode": "%04o" % mode,
            "kept": "%04o" % (mode & (stat.S_IRWXU | group)),
            "owner": "%s:%s" % (named(pwd.getpwuid, state.st_uid), named(grp.getgrgid, state.st_gid)),
        }
        tell(path, "key.exposed", value)


def pairs(path):
    """Compare each certificate that a configuration names with the key named beside it."""
    body = head_of(path).decode("utf-8", "replace")
    for expression in PAIRS:
        for named in expression.findall(body):
            certificate, key = (one.strip("\"'") for one in named)
            if os.path.isfile(certificate) and os.path.isfile(key):
                compare(path, certificate, key)


def compare(path, certificate, key):
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password=lambda: "")
    except ssl.SSLError as error:
        if "MISMATCH" in str(error.reason or error).upper():
            # What lies behind links is what was changed, and what can be put back.
            certificate, key = os.path.realpath(certificate), os.path.realpath(key)
            tell(key, "key.mismatch", {"certificate": clean(certificate), "key": clean(key), "named_in": clean(path)})
    except OSError:
        return


def main(folders):
    for path in files(folders or [place for place in PLACES if os.path.isdir(place)]):
        name = os.path.basename(path)
        try:
            if KEY_NAME.search(name) and not name.endswith((".pub", ".crt", ".cer")):
                exposed(path)
            elif name.endswith((".conf", ".cfg", ".ini", ".cf", ".cnf")) or "sites-" in path:
                pairs(path)
        except (OSError, ValueError):
            continue


if __name__ == "__main__":
    main(sys.argv[1:])
