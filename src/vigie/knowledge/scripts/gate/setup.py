"""Sets the gate up on a host, and takes it away. Arguments: `install` or `remove`, and what to do it with, as JSON in base64.

The line of authorized_keys that holds Vigie's key is given `restrict,command=` and the gate; before it comes one for the key that
only reads. Taking the gate away puts that one line back, so that a file nobody else touched has its former bytes again.
"""

import base64
import json
import os
import shutil
import sys
import tempfile

USED_BYTES = 32 * 4097


class Stopped(Exception):
    """Why nothing was changed."""


def files_of(named):
    if named:
        return [os.path.expanduser(named)]
    return [os.path.expanduser(each) for each in ("~/.ssh/authorized_keys", "~/.ssh/authorized_keys2")]


def key_words(line):
    """Return the options before the key of a line, and the line from the key's kind on; None when it holds none."""
    text = line.strip()
    quoted = False
    start = 0
    for at, letter in enumerate(text):
        if letter == '"' and text[at - 1 : at] != "\\":
            quoted = not quoted
        elif letter in " \t" and not quoted:
            word = text[start:at]
            if word.startswith(("ssh-", "ecdsa-", "sk-")) and '"' not in word and "=" not in word:
                return text[:start].strip(), text[start:]
            start = at + 1
    return None


def found(paths, key):
    for path in paths:
        try:
            with open(path, "rb") as file:
                content = file.read()
        except OSError:
            continue
        lines = content.decode("utf-8", "surrogateescape").splitlines(True)
        for number, line in enumerate(lines):
            words = key_words(line)
            if words and not line.lstrip().startswith("#") and words[1].split()[1:2] == [key]:
                return path, lines, number, words
    raise Stopped("no line of %s holds the key" % " or ".join(paths))


def written(path, text, mode=None):
    """Replace a file at once, with the mode and the owner it has."""
    path = os.path.realpath(path)
    handle, beside = tempfile.mkstemp(dir=os.path.dirname(path), prefix=".vigie-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape"))
            file.flush()
            os.fsync(file.fileno())
        if os.path.exists(path):
            now = os.stat(path)
            os.chmod(beside, now.st_mode & 0o7777)
            os.chown(beside, now.st_uid, now.st_gid)
        else:
            os.chmod(beside, mode or 0o600)
        os.rename(beside, path)
    except BaseException:  # also when it is cut short: no half of a file stays
        os.unlink(beside)
        raise


def noted(folder):
    try:
        with open(os.path.join(folder, "setup.json")) as file:
            return json.load(file)
    except FileNotFoundError:
        return None


def install(asked):
    folder = os.path.expanduser(asked["folder"])
    if '"' in folder or "'" in folder:
        raise Stopped("the folder's name has quotes: %s" % folder)
    before = noted(folder)
    if before is not None:
        # Set up anew: first as it was before, so that what is noted is the line from before the first time.
        put_back(before)
    path, lines, number, (options, rest) = found(files_of(asked["file"]), asked["key"])
    if "command=" in options:
        raise Stopped("the key has a command of its own in %s" % path)
    if not os.path.isdir(folder):
        os.mkdir(folder, 0o700)
    command = "exec %s -I -S '%s'" % (sys.executable, os.path.join(folder, "gate.py"))
    ending = lines[number][len(lines[number].rstrip("\r\n")) :]
    own = 'restrict,command="%s"%s %s' % (command, "," + options if options else "", rest)
    reads = 'restrict,command="%s reads" %s' % (command, asked["reads_key"])
    note = {"file": path, "former": lines[number].rstrip("\r\n"), "own": own, "reads": reads}
    written(os.path.join(folder, "gate.py"), asked["gate"])
    written(os.path.join(folder, "gate.json"), json.dumps(asked["known"]))
    written(os.path.join(folder, "used"), b"\0" * USED_BYTES)
    written(os.path.join(folder, "setup.json"), json.dumps(note))
    lines[number : number + 1] = [reads + "\n", own + ending]
    written(path, "".join(lines))
    return {"file": path, "folder": folder}


def put_back(note):
    with open(note["file"], "rb") as file:
        lines = file.read().decode("utf-8", "surrogateescape").splitlines(True)
    kept = []
    is_found = False
    for line in lines:
        text = line.rstrip("\r\n")
        if text == note["own"]:
            is_found = True
            kept.append(note["former"] + line[len(text) :])
        elif text != note["reads"]:
            kept.append(line)
    if not is_found and note["former"] not in [line.rstrip("\r\n") for line in lines]:
        raise Stopped("the gate's line in %s was changed by somebody else" % note["file"])
    if kept != lines:
        written(note["file"], "".join(kept))


def remove(asked):
    folder = os.path.expanduser(asked["folder"])
    note = noted(folder)
    if note is None:
        return {"file": None, "folder": folder}
    put_back(note)
    shutil.rmtree(folder)
    shutil.rmtree("/dev/shm/vigie-gate-%s-%d" % (folder.rpartition("-")[2], os.geteuid()), ignore_errors=True)
    return {"file": note["file"], "folder": folder}


def main(verb, words):
    asked = json.loads(base64.b64decode(words).decode())
    try:
        done = {"install": install, "remove": remove}[verb](asked)
    except (Stopped, OSError) as error:
        sys.stdout.write(json.dumps({"stopped": str(error)}) + "\n")
        sys.exit(1)
    sys.stdout.write(json.dumps(done) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
