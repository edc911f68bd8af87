"""Tells the one character by which a JSON file that cannot be read could be read. Arguments: PATH."""

import hashlib
import json
import os
import sys

BYTES_MAX = 65536
NEAR = 40
PUT_IN = (",", '"', "}", "]", ":")
TAKEN_OUT = set(",}]\"':")


def reads(text):
    try:
        found = []
        tree = json.loads(text, object_pairs_hook=lambda pairs: found.append([key for key, _ in pairs]) or dict(pairs))
    except (ValueError, RecursionError):
        return None
    twice = any(len(set(keys)) < len(keys) for keys in found)
    return None if twice else tree


def ways(text, place):
    """Yield (place, taken out, put in) around where reading stopped."""
    for at in range(max(0, place - NEAR), min(len(text), place + 2) + 1):
        for character in PUT_IN:
            yield at, "", character
        if at < len(text) and text[at] in TAKEN_OUT:
            yield at, text[at], ""


def mended(text):
    """Return the ways that give a file that can be read, one for each thing that it would then say."""
    try:
        json.loads(text)
        return []
    except ValueError as error:
        place = getattr(error, "pos", len(text))
    except RecursionError:
        return []
    found = {}
    for at, out, put in ways(text, place):
        tree = reads(text[:at] + put + text[at + len(out) :])
        if tree is not None:
            found.setdefault(json.dumps(tree, sort_keys=True), (at, out, put))
    return list(found.values())


def main(path):
    try:
        if os.path.getsize(path) > BYTES_MAX:
            return
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except (OSError, ValueError):
        return
    found = mended(text)
    if not found and not broken(text):
        return
    value = {"ways": len(found), "sha256": hashlib.sha256(text.encode("utf-8")).hexdigest()}
    if len(found) == 1:
        at, out, put = found[0]
        # Before the spaces and the end of the line that stand there.
        while put == "," and at and text[at - 1] in " \t\r\n":
            at -= 1
        start = text.rfind("\n", 0, at) + 1
        value.update(
            {"line": text.count("\n", 0, at) + 1, "column": at - start + 1, "old": out or "nothing", "new": put or "nothing"}
        )
    row = {"subject": "file:" + os.fsencode(path).decode("utf-8", "replace"), "name": "file.unreadable", "value": value}
    sys.stdout.write(json.dumps(row) + "\n")


def broken(text):
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return True
    return False


if __name__ == "__main__":
    main(sys.argv[1])
