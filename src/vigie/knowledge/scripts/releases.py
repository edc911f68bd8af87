"""Finds links to a release in use, beside the other releases. Arguments: folders; none: the usual places."""

import json
import os
import sys

SKIPPED = {"node_modules", ".git", "proc", "sys", "dev", "site-packages", "__pycache__"}
PLACES = ("/srv", "/opt", "/var/www", "/home", "/app", "/data", "/usr/local")
DEPTH_MAX = 5
RELEASES_MAX = 50


def tell(subject, name, value):
    sys.stdout.write(json.dumps({"subject": subject, "name": name, "value": value}) + "\n")


def clean(path):
    return os.fsencode(path).decode("utf-8", "replace")


def changed(path):
    """The newest of what a release holds at its top: the folder's own date is that of its last entry."""
    dates = [os.lstat(path).st_mtime]
    for entry in os.scandir(path):
        dates.append(entry.stat(follow_symlinks=False).st_mtime)
    return max(dates)


def examine(link):
    target = os.readlink(link)
    release = os.path.normpath(os.path.join(os.path.dirname(link), target))
    parent = os.path.dirname(release)
    siblings = []
    for entry in os.scandir(parent) if os.path.isdir(parent) else []:
        if entry.is_dir(follow_symlinks=False) and not entry.name.startswith("."):
            siblings.append(entry.path)
    named = os.path.basename(link) in ("current", "live", "active", "latest", "release")
    pooled = os.path.basename(parent) in ("releases", "versions", "deploys", "builds")
    if not (named or pooled) or (len(siblings) < 2 and not pooled):
        return False
    dated = sorted(((changed(path), path) for path in siblings), reverse=True)[:RELEASES_MAX]
    others = [path for _, path in dated if path != release]
    switched = os.lstat(link).st_mtime
    before = [path for at, path in dated if path != release and at <= switched]
    tell(
        "file:" + clean(link),
        "deploy.current",
        {
            "target": clean(target),
            "release": clean(release),
            "at": switched,
            "previous": clean((before or others or [""])[0]),
            "releases": [clean(path) for _, path in dated],
        },
    )
    for at, path in dated:
        tell("folder:" + clean(path), "deploy.release", {"name": clean(os.path.basename(path)), "at": at})
    return True


def main(folders):
    for top in folders or PLACES:
        base = top.rstrip("/").count("/")
        for place, names, files in os.walk(top):
            links = [name for name in sorted(names + files) if os.path.islink(os.path.join(place, name))]
            names[:] = sorted(name for name in names if name not in SKIPPED)
            if place.count("/") - base >= DEPTH_MAX:
                names[:] = []
            for name in links:
                try:
                    examine(os.path.join(place, name))
                except OSError:
                    continue


if __name__ == "__main__":
    main(sys.argv[1:])
