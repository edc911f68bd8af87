"""Tells of each account whether it can log in: lock, end of validity, shell, and what SSH demands of its key file.

Arguments: folders; with some, only accounts whose home is in one of them count.
No password and no digest of one is read into what is told: only whether the account is locked or has ended.
"""

import json
import os
import pwd
import stat
import sys
import time

DAY_S = 86400
NO_LOGIN = ("nologin", "false", "sync", "shutdown", "halt")
KEYS = (".ssh/authorized_keys", ".ssh/authorized_keys2")
NOBODY = 65534


def tell(subject, name, value):
    sys.stdout.write(json.dumps({"subject": subject, "name": name, "value": value}) + "\n")


def clean(path):
    return os.fsencode(path).decode("utf-8", "replace")


def locks():
    """Return by account whether it is locked and whether it has ended; empty where nobody may look."""
    found = {}
    try:
        with open("/etc/shadow", encoding="utf-8", errors="replace") as file:
            rows = [line.rstrip("\n").split(":") for line in file]
    except OSError:
        return found
    today = time.time() / DAY_S
    for row in rows:
        if len(row) > 7:
            ended = row[7].strip().lstrip("-").isdigit() and 0 <= int(row[7]) <= today
            found[row[0]] = {"locked": row[1].startswith("!"), "expired": ended, "expires": row[7] or "-1"}
    return found


def strangers_may_write(path, user):
    """Return why SSH does not trust a path, None when it does: others may write to it, or it belongs to somebody else."""
    state = os.stat(path)
    if state.st_uid not in (0, user.pw_uid):
        return "owner"
    if state.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return "mode"
    return None


def distrusted(user):
    """Yield the paths of an account's keys that SSH does not trust."""
    for name in KEYS:
        keys = os.path.join(user.pw_dir, name)
        if not os.path.isfile(keys):
            continue
        for path in (keys, os.path.dirname(keys), user.pw_dir):
            why = strangers_may_write(path, user)
            if why:
                yield path, why
        home = os.stat(user.pw_dir)
        if home.st_uid == user.pw_uid and not home.st_mode & stat.S_IXUSR:
            yield user.pw_dir, "mode"


def look(user, locked):
    state = locked.get(user.pw_name, {"locked": None, "expired": None, "expires": None})
    value = dict(state, shell=user.pw_shell, home=clean(user.pw_dir))
    tell("user:" + user.pw_name, "account.state", value)
    if os.path.basename(user.pw_shell) in NO_LOGIN or user.pw_uid == NOBODY:
        return
    if state["expired"]:
        refuse(user, "expired", "/etc/shadow")
    if user.pw_shell and not os.access(user.pw_shell, os.X_OK):
        refuse(user, "shell", user.pw_shell)
    for path, why in distrusted(user):
        refuse(user, why, path)


def refuse(user, why, path):
    tell("user:" + user.pw_name, "login.refused", {"user": user.pw_name, "why": why, "path": clean(path)})


def main(folders):
    locked = locks()
    for user in pwd.getpwall():
        if folders and not user.pw_dir.startswith(tuple(folder.rstrip("/") + "/" for folder in folders)):
            continue
        try:
            look(user, locked)
        except OSError:
            continue
    if not folders and os.path.exists("/etc/nologin"):
        tell("file:/etc/nologin", "login.refused", {"user": "*", "why": "nologin", "path": "/etc/nologin"})


if __name__ == "__main__":
    main(sys.argv[1:])
