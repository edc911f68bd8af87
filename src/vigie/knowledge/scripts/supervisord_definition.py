"""Tells how supervisord is told to run a program. Arguments: PROGRAM [CONFIG]."""

import configparser
import glob
import json
import os
import sys

USUAL = ("/etc/supervisor/supervisord.conf", "/etc/supervisord.conf", "/usr/local/etc/supervisord.conf")
NO = ("false", "no", "0", "off")


def own_config():
    """Find the file of a supervisord that this user (or root) runs."""
    for pid in (name for name in os.listdir("/proc") if name.isdigit()):
        try:
            with open("/proc/%s/cmdline" % pid, "rb") as file:
                words = file.read().decode("utf-8", "replace").split("\0")
            home = os.environ.get("HOME", "")
            if not any("supervisord" in word for word in words[:4]) or os.stat("/proc/" + pid).st_uid != os.getuid():
                continue
            folder = os.readlink("/proc/%s/cwd" % pid)
        except OSError:
            continue
        for flag, word in zip(words, words[1:]):
            path = os.path.join(folder, word)
            if flag in ("-c", "--configuration") and (not home or home == "/" or home == "/root" or path.startswith(home)):
                return path
    return next((path for path in USUAL if os.path.exists(path)), "")


def sections(path):
    files = [path]
    while files:
        current = files.pop(0)
        parser = configparser.RawConfigParser(strict=False, inline_comment_prefixes=(" ;", "\t;"))
        try:
            with open(current, encoding="utf-8", errors="replace") as file:
                parser.read_file(file)
        except (OSError, configparser.Error) as error:
            sys.stderr.write("%s\n" % error)
            continue
        for name in parser.sections():
            if name == "include":
                for pattern in parser.get(name, "files", fallback="").split():
                    whole = os.path.join(os.path.dirname(current), pattern.replace("%(here)s", os.path.dirname(current)))
                    files += sorted(glob.glob(whole))
            else:
                yield current, name, dict(parser.items(name))


def log_of(program, stream, settings):
    path = settings.get(stream + "_logfile", "")
    return path.replace("%(program_name)s", program) if path.startswith("/") else ""


def main(wanted, path):
    program = wanted.partition(":")[2] or wanted
    names = ("program:" + program, "program:" + wanted.partition(":")[0], "fcgi-program:" + program)
    for file, name, settings in sections(path):
        if name not in names:
            continue
        merged = settings.get("redirect_stderr", "false").lower() not in NO
        shown = ["[%s]" % name] + ["%s = %s" % item for item in settings.items() if item[0] != "environment"]
        row = {
            "service": wanted,
            "command": settings.get("command", ""),
            "folder": settings.get("directory", ""),
            "user": settings.get("user", ""),
            "file": file,
            "log": log_of(program, "stdout", settings),
            "error_log": "" if merged else log_of(program, "stderr", settings),
            "autostart": settings.get("autostart", "true").lower() not in NO,
            "autorestart": settings.get("autorestart", "unexpected").lower() not in NO,
            "excerpt": "\n".join(shown),
        }
        sys.stdout.write(json.dumps(row) + "\n")
        return 0
    sys.stderr.write("no program %s in %s\n" % (program, path))
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else own_config()))
