"""Tells how much room a folder takes, and its largest files. Arguments: FOLDER."""

import json
import os
import sys
import time

ENTRIES_MAX = 200000
LARGEST = 12


def tell(subject, name, value):
    sys.stdout.write(json.dumps({"subject": subject, "name": name, "value": value}) + "\n")


def clean(path):
    return os.fsencode(path).decode("utf-8", "replace")


def mount_of(folder):
    path = os.path.realpath(folder)
    while not os.path.ismount(path):
        path = os.path.dirname(path)
    return path


def main(folder):
    now, total, count = time.time(), 0, 0
    files = []
    if not os.path.isdir(folder):
        sys.stderr.write("no folder %s\n" % folder)
        return 1
    for place, folders, names in os.walk(folder, onerror=lambda error: sys.stderr.write("%s\n" % error)):
        folders.sort()
        for name in names:
            path = os.path.join(place, name)
            try:
                state = os.lstat(path)
            except OSError:
                continue
            count += 1
            total += state.st_blocks * 512
            files.append((state.st_blocks * 512, state.st_size, state.st_mtime, path))
        if count > ENTRIES_MAX:
            break
        if len(files) > 4 * LARGEST:
            files = sorted(files, reverse=True)[:LARGEST]
    subject = "folder:" + clean(folder)
    tell(subject, "folder.used_bytes", total)
    tell(subject, "folder.files", count)
    space = os.statvfs(folder)
    full = space.f_blocks - space.f_bfree
    usable = full + space.f_bavail
    tell(
        subject,
        "folder.mount",
        {
            "mount": clean(mount_of(folder)),
            "used_ratio": round(float(full) / usable, 4) if usable else 0.0,
            "free_bytes": space.f_bavail * space.f_frsize,
        },
    )
    for blocks, size, changed, path in sorted(files, reverse=True)[:LARGEST]:
        share = round(float(blocks) / total, 4) if total else 0.0
        tell(
            "file:" + clean(path),
            "file.size",
            {
                "bytes": size,
                "age_s": round(max(0.0, now - changed), 1),
                "folder": clean(folder),
                "share": share,
            },
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
