"""Tells what the program that starts a service names: files, folders, the command it ends in. Arguments: SERVICE COMMAND."""

import json
import os
import re
import shlex
import sys

SHELLS = ("sh", "bash", "dash", "ksh", "zsh", "ash")
CODE = (".py", ".rb", ".js", ".mjs", ".cjs", ".pl", ".php", ".sh")
EVERYBODYS = ("/usr/", "/bin/", "/sbin/", "/lib", "/dev/", "/proc/", "/sys/", "/run/", "/tmp/", "/var/run/")
BYTES_MAX = 262144
FILES_MAX = 60
CODE_FILES_MAX = 40
GONE_MAX = 10
FILES_LIMIT = re.compile(r"\s*ulimit\s+(?:-[SH]\s+)?-[SH]*n\s+(\d+)\s*(?:$|[;&#])")
LITERAL = re.compile(r"""["'](/[A-Za-z0-9_][A-Za-z0-9_.@+/-]*)""")
SOURCED = re.compile(r"""(?:^|[;&|{]|\bthen|\bdo)\s*(?:\.|source)\s+["']?([^\s"';]+)""", re.MULTILINE)
ENTERED = re.compile(r"""(?:^|[;&|])\s*cd\s+(?:--\s+)?["']?(/[^\s"';]+)""", re.MULTILINE)
BECOMES = re.compile(r"^\s*exec\s+(.+)$", re.MULTILINE)
USER = re.compile(r"(?:--reuid[= ]|\bsu\b.*?\s-?\s*|runuser\s+-u\s+|chpst\s+-u\s+|gosu\s+|sudo\s+-u\s+)([a-z_][a-z0-9_-]*)")


def text_of(path):
    try:
        if not os.path.isfile(path) or os.path.getsize(path) > BYTES_MAX:
            return ""
        with open(path, "rb") as file:
            body = file.read(BYTES_MAX)
    except OSError:
        return ""
    return "" if b"\0" in body else body.decode("utf-8", "replace")


def is_shell(text):
    head = text.split("\n", 1)[0]
    return head.startswith("#!") and any(re.search(r"\b%s\b" % shell, head) for shell in SHELLS)


def words_of(line):
    try:
        return shlex.split(line)
    except ValueError:
        return line.split()


def own(path):
    return path.count("/") > 1 and not path.startswith(EVERYBODYS) and os.path.exists(path)


def is_gone(path):
    """Say whether a place is named that is not there, in a folder of a place that is."""
    above = os.path.dirname(os.path.dirname(path))
    return above.count("/") > 1 and not path.startswith(EVERYBODYS) and not os.path.exists(path) and os.path.isdir(above)


def code_in(folder):
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return
    for name in [name for name in names if name.endswith(CODE)][:CODE_FILES_MAX]:
        yield os.path.join(folder, name)


def started(words):
    """Return the script that a command runs, and the text of one given in the command itself."""
    for place, word in enumerate(words):
        base = os.path.basename(word)
        if base in SHELLS and words[place + 1 : place + 2] and words[place + 1].startswith("-") and "c" in words[place + 1]:
            return "", words[place + 2] if len(words) > place + 2 else ""
        if word.startswith("/") and base not in SHELLS:
            text = text_of(word)
            return (word, text) if is_shell(text) else ("", "")
    return "", ""


def main(service, command):
    words = words_of(command)
    script, text = started(words)
    text = text.replace("\\\n", " ")
    lines = "\n".join(line for line in text.split("\n") if not line.lstrip().startswith("#"))
    becomes = BECOMES.findall(lines)
    folder = (ENTERED.findall(lines) or [""])[-1]
    last = becomes[-1].strip() if becomes else ""
    user = USER.search(lines)
    found = {}
    for path in SOURCED.findall(lines):
        found.setdefault(path, "sourced")
    for line in [command, *lines.split("\n")]:
        for word in words_of(line):
            found.setdefault(word.rstrip(";").partition("=")[2] if "=/" in word else word.rstrip(";"), "named")
    programs = [path for path in list(found) if path.startswith("/") and path.endswith(CODE)]
    places = [folder] if folder else []
    for path in [*programs, *(code for place in places for code in code_in(place))][:CODE_FILES_MAX]:
        if path != script:
            for literal in LITERAL.findall(text_of(path)):
                found.setdefault(literal.rstrip("/"), "in its code")
    files = [{"path": path, "how": how} for path, how in found.items() if path.startswith("/") and own(path)][:FILES_MAX]
    if not script and not files and not text:
        return
    value = {
        "script": script,
        "command": last[:500],
        "folder": folder,
        "user": user.group(1) if user else "",
        "files": [one["path"] for one in files],
        "sourced": [one["path"] for one in files if one["how"] == "sourced"],
        "gone": [path for path in found if path.startswith("/") and is_gone(path)][:GONE_MAX],
    }
    limits = [(number, FILES_LIMIT.match(line)) for number, line in enumerate(text_of(script).split("\n"), 1)]
    for number, found_limit in limits:
        if found_limit:
            value.update({"files_limit": int(found_limit.group(1)), "files_limit_line": number})
    if script:
        value["at"] = os.stat(script).st_mtime
    sys.stdout.write(json.dumps({"service": service, "value": value}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
