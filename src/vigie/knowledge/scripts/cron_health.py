"""Tells which cron files and jobs cron leaves aside or cannot run, and why: by the rules of cron itself.

Arguments: folders; with some, nothing is looked at: the cron of the machine around them is not theirs.
"""

import json
import os
import pwd
import re
import stat
import sys

SYSTEM = "/etc/crontab"
FOLDER = "/etc/cron.d"
SPOOLS = ("/var/spool/cron/crontabs", "/var/spool/cron")
SCRIPTS = ("/etc/cron.hourly", "/etc/cron.daily", "/etc/cron.weekly", "/etc/cron.monthly")
GOOD_NAME = re.compile(r"[A-Za-z0-9_-]+$")
FIELD = re.compile(r"[\d*,/A-Za-z-]+$")
SETTING = re.compile(r"\s*[A-Za-z_]\w*\s*=")
MACROS = ("@reboot", "@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly")
LEFT_ASIDE = (".dpkg-", ".ucf-", ".placeholder", "~")
SIZE_MAX = 262144


def clean(text):
    return os.fsencode(text).decode("utf-8", "replace")


def tell(path, why, **more):
    value = {"path": clean(path), "why": why}
    value.update(more)
    sys.stdout.write(json.dumps({"subject": "file:" + clean(path), "name": "cron.broken", "value": value}) + "\n")


def is_user(name):
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def program_of(command):
    """Return the absolute path that a command surely starts with, None where it asks first whether it is there."""
    words = command.split()
    if not words or re.search(r"\[ |\btest |&&|\|\||;", command.split(">")[0]):
        return None
    return words[0] if words[0].startswith("/") and not re.search(r"[$`\"'*?{]", words[0]) else None


def examine(path, line, number, names_user):
    words = line.split(None, 5 + names_user)
    if words[0].startswith("@"):
        words = line.split(None, 1 + names_user)
        schedule, rest = words[:1], words[1:]
        if words[0] not in MACROS:
            return tell(path, "schedule", line=number)
    else:
        schedule, rest = words[:5], words[5:]
        if len(words) < 6 + names_user or not all(FIELD.match(word) for word in schedule):
            return tell(path, "schedule", line=number)
    if names_user and rest and not is_user(rest[0]):
        return tell(path, "user", line=number, user=rest[0])
    command = rest[-1].split("%")[0] if rest else ""
    program = program_of(command)
    if program and not os.path.exists(program):
        return tell(path, "missing_command", line=number, command=clean(program))
    if program and not os.access(program, os.X_OK):
        return tell(path, "not_executable", line=number, command=clean(program))
    return None


def read(path, names_user):
    with open(path, encoding="utf-8", errors="replace") as file:
        body = file.read(SIZE_MAX)
    if body and not body.endswith("\n"):
        tell(path, "no_newline", line=body.count("\n") + 1)
    for number, line in enumerate(body.splitlines(), 1):
        text = line.strip()
        if text and not text.startswith("#") and not SETTING.match(text):
            examine(path, text, number, names_user)


def look(path, in_folder):
    state = os.lstat(path)
    name = os.path.basename(path)
    if stat.S_ISDIR(state.st_mode) or name.startswith(".") or any(part in name for part in LEFT_ASIDE):
        return
    if in_folder and not GOOD_NAME.match(name):
        tell(path, "name")
    elif stat.S_ISLNK(state.st_mode) and not os.path.exists(path):
        tell(path, "missing_file")
    elif os.stat(path).st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        tell(path, "mode")
    elif os.stat(path).st_uid != 0:
        tell(path, "owner")
    else:
        read(path, True)


def scripts(folder):
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        if GOOD_NAME.match(name) and os.path.isfile(path) and not os.access(path, os.X_OK):
            tell(path, "not_executable", command=clean(path))


def tabs(folder):
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            if not is_user(name):
                tell(path, "user", user=name)
            read(path, False)


def every():
    if os.path.exists(SYSTEM):
        yield look, (SYSTEM, False)
    for name in sorted(os.listdir(FOLDER)) if os.path.isdir(FOLDER) else []:
        yield look, (os.path.join(FOLDER, name), True)
    for folder in SCRIPTS:
        if os.path.isdir(folder):
            yield scripts, (folder,)
    for folder in SPOOLS[:1] if os.path.isdir(SPOOLS[0]) else SPOOLS[1:]:
        if os.path.isdir(folder):
            yield tabs, (folder,)


def main(folders):
    for check, arguments in [] if folders else every():
        try:
            check(*arguments)
        except OSError:
            continue


if __name__ == "__main__":
    main(sys.argv[1:])
