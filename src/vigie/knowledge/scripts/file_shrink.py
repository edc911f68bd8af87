"""Keeps the last bytes of a file, in place, for a writer that appends. Arguments: PATH KEEP_BYTES."""

import json
import os
import stat
import sys

CHUNK = 1 << 20


def main(path, keep):
    keep = int(keep)
    if keep < 0 or not stat.S_ISREG(os.lstat(path).st_mode):
        sys.stdout.write(json.dumps({"done": False, "why": "no regular file"}) + "\n")
        return 3
    with open(path, "r+b") as file:
        size = os.fstat(file.fileno()).st_size
        if size <= keep:
            sys.stdout.write(json.dumps({"done": True, "bytes": size, "freed": 0}) + "\n")
            return 0
        file.seek(size - keep)
        if keep:
            file.readline()  # whole lines only
        start, written = file.tell(), 0
        while True:
            file.seek(start + written)
            part = file.read(CHUNK)
            if not part:
                break
            file.seek(written)
            file.write(part)
            written += len(part)
        file.truncate(written)
        file.flush()
        os.fsync(file.fileno())
    sys.stdout.write(json.dumps({"done": True, "bytes": written, "freed": size - written}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
