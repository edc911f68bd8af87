"""Tells mode, owner and group of a path and of each folder above it, and where links lead. Arguments: PATH."""

import grp
import json
import os
import pwd
import stat
import sys


def tell(subject, name, value):
    sys.stdout.write(json.dumps({"subject": subject, "name": name, "value": value}) + "\n")


def clean(path):
    return os.fsencode(path).decode("utf-8", "replace")


def name_of(lookup, number):
    try:
        return lookup(number)[0]
    except KeyError:
        return str(number)


def kind_of(mode):
    for kind, test in (("folder", stat.S_ISDIR), ("file", stat.S_ISREG), ("link", stat.S_ISLNK), ("socket", stat.S_ISSOCK)):
        if test(mode):
            return kind
    return "other"


def look(path):
    subject = "file:" + clean(path)
    try:
        state = os.lstat(path)
    except OSError as error:
        tell(subject, "file.missing", {"error": error.strerror})
        return
    tell(
        subject,
        "file.mode",
        {
            "mode": "%04o" % stat.S_IMODE(state.st_mode),
            "owner": name_of(pwd.getpwuid, state.st_uid),
            "group": name_of(grp.getgrgid, state.st_gid),
            "kind": kind_of(state.st_mode),
            "readable_by_all": bool(state.st_mode & stat.S_IROTH),
            "writable_by_all": bool(state.st_mode & stat.S_IWOTH) and not state.st_mode & stat.S_ISVTX,
        },
    )
    if stat.S_ISLNK(state.st_mode):
        tell(subject, "file.link", {"target": clean(os.readlink(path)), "exists": os.path.exists(path), "at": state.st_mtime})


def main(path):
    parts = [part for part in path.split("/") if part]
    for count in range(len(parts) + 1):
        look("/" + "/".join(parts[:count]))


if __name__ == "__main__":
    main(sys.argv[1])
