"""Changes one thing of a Redis server on this host; nothing is ever deleted.

Arguments: PORT put COMMANDS (a list in JSON: CONFIG SET of settings that are no secret, or REPLICAOF); PORT aside QUEUE END
SHA256 moves the item at that end to the list QUEUE:vigie-aside; PORT back QUEUE END SHA256 moves it back.
"""

# ruff: noqa: F821  # what is not defined here is defined there
# Goes on from redis_read.py.

NEVER = SECRETS + ("appendonly", "appendfsync", "save", "protected-mode", "bind", "port", "enable-protected-configs")


def fits(words):
    if words[:2] == ["CONFIG", "SET"]:
        return len(words) == 4 and words[2] not in NEVER
    return words[:1] == ["REPLICAOF"] and len(words) == 3


def put(line, commands):
    if not commands or not all(fits(words) for words in commands):
        sys.stderr.write("not one of the commands that may be sent\n")
        return 3
    for words in commands:
        line.ask(*words)
    return 0


def move(line, source, source_end, target, target_end, digest):
    """Move one item from an end of a list to an end of another, if it is the one that is meant."""
    line.ask("WATCH", source)
    item = line.ask("LINDEX", source, 0 if source_end == "left" else -1)
    if item is None or hashlib.sha256(item).hexdigest() != digest:
        sys.stderr.write("another item is there\n")
        return 3
    line.ask("MULTI")
    line.ask("LPUSH" if target_end == "left" else "RPUSH", target, item)
    line.ask("LPOP" if source_end == "left" else "RPOP", source)
    return 0 if line.ask("EXEC") else 4


def change(port, what, *rest):
    known = filed(int(port), ())
    try:
        line = opened(int(port), known)
        if what == "put":
            return put(line, json.loads(rest[0]))
        name, end, digest = rest
        if what == "aside":
            return move(line, name, end, name + ASIDE, "left", digest)
        if what == "back":
            return move(line, name + ASIDE, "left", name, end, digest)
    except (OSError, Refused, ValueError) as error:
        sys.stderr.write("%s\n" % error)
        return 1
    return 3


if __name__ == "__main__":
    sys.exit(change(*sys.argv[1:]))
