"""Puts words in the place of others in one line of a file. Arguments: PATH LINE COLUMN OLD NEW.

LINE counts from 1; or a word: the only line in which it stands alone. COLUMN counts from 1; 0: wherever OLD stands alone in the
line, which must be once. With a COLUMN, OLD or NEW may be `nothing`.
"""

import os
import re
import stat
import sys

BYTES_MAX = 1 << 20
WORD = "[A-Za-z0-9_.-]"


def places_of(line, words, column):
    """Return where words stand in a line."""
    if column:
        return [column - 1] if line[column - 1 : column - 1 + len(words)] == words else []
    alone = re.compile("(?<!%s)%s(?!%s)" % (WORD, re.escape(words), WORD))
    return [found.start() for found in alone.finditer(line)] if words else []


def number_of(lines, told):
    """Return which line is meant, counted from 1; 0 where that is not one."""
    if told.isdigit():
        return int(told)
    named = [number for number, line in enumerate(lines, 1) if places_of(line, told, 0) and not line.lstrip().startswith("#")]
    return named[0] if len(named) == 1 else 0


def fail(why):
    sys.stderr.write(why + "\n")
    return 3


def main(path, told, column, old, new):
    state = os.lstat(path)
    if not stat.S_ISREG(state.st_mode) or state.st_size > BYTES_MAX:
        return fail("no regular file of this size")
    with open(path, encoding="utf-8", newline="") as file:
        lines = file.read().splitlines(True)
    number = number_of(lines, told)
    if not 0 < number <= len(lines):
        return fail("no such line")
    line = lines[number - 1]
    places = places_of(line, old, column)
    if len(places) != 1:
        return fail("the words stand %d times in that line" % len(places))
    lines[number - 1] = line[: places[0]] + new + line[places[0] + len(old) :]
    beside = path + ".vigie-new"
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        os.fchown(file.fileno(), state.st_uid, state.st_gid)
        os.fchmod(file.fileno(), stat.S_IMODE(state.st_mode))
        file.write("".join(lines))
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, path)
    return 0


if __name__ == "__main__":
    words = ["" if word == "nothing" and sys.argv[3] != "0" else word for word in sys.argv[4:6]]
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), words[0], words[1]))
