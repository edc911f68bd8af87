"""Tells how far an account comes along a path, and what is usual around where it ends. Arguments: PATH USER."""

import grp
import json
import os
import pwd
import re
import stat
import sys
import time
from collections import Counter

# What is kept from others on purpose is never held against what lies beside it.
GUARDED = re.compile(r"(key|secret|private|passw|shadow|token|credential|\.env$|\.pem$|\.gnupg|\.ssh)", re.IGNORECASE)
ENTRIES_MAX = 400
BESIDE_MAX = 200
TOLD_MAX = 5
DEEPEST = 2


def tell(path, value):
    row = {"subject": "file:" + os.fsencode(path).decode("utf-8", "replace"), "name": "path.reach", "value": value}
    sys.stdout.write(json.dumps(row) + "\n")


def groups_of(user):
    known = pwd.getpwnam(user)
    return known.pw_uid, {known.pw_gid} | {one.gr_gid for one in grp.getgrall() if user in one.gr_mem}


def state_of(path):
    try:
        return os.lstat(path)
    except OSError:
        return None


def rights(mode, uid, gid, account):
    """Return the three bits that an account has."""
    own, groups = account
    if own == 0:
        return 7
    return (mode >> 6 if uid == own else mode >> 3 if gid in groups else mode) & 7


def is_enough(state, account, mode=None, uid=None, gid=None):
    """Say whether it may be read, a folder also be gone through."""
    needed = 5 if stat.S_ISDIR(state.st_mode) else 4
    bits = rights(
        state.st_mode if mode is None else mode,
        state.st_uid if uid is None else uid,
        state.st_gid if gid is None else gid,
        account,
    )
    return bits & needed == needed


def owner_of(state):
    try:
        user = pwd.getpwuid(state.st_uid)[0]
    except KeyError:
        user = str(state.st_uid)
    try:
        group = grp.getgrgid(state.st_gid)[0]
    except KeyError:
        group = str(state.st_gid)
    return "%s:%s" % (user, group)


def names_in(folder):
    try:
        return sorted(os.listdir(folder))[:ENTRIES_MAX]
    except OSError:
        return []


def beside(path):
    """Return the states of what is of the same kind in the same folder; of files, first those that end alike."""
    own = state_of(path)
    folder, name = os.path.split(path)
    found = [(other, state_of(os.path.join(folder, other))) for other in names_in(folder)[:BESIDE_MAX] if other != name]
    kind = stat.S_IFMT(own.st_mode) if own else stat.S_IFDIR
    alike = [(other, state) for other, state in found if state and stat.S_IFMT(state.st_mode) == kind]
    same_end = [state for other, state in alike if os.path.splitext(other)[1] == os.path.splitext(name)[1]]
    return same_end if kind == stat.S_IFREG and same_end else [state for _, state in alike]


def usual(path, account):
    """Return mode and owner that most of what lies beside has; a folder that stands alone is held against the one above."""
    around = beside(path)
    above = state_of(os.path.dirname(path))
    if not around and above and stat.S_ISDIR((state_of(path) or above).st_mode):
        around = [above]
    counts = Counter((stat.S_IMODE(one.st_mode), one.st_uid, one.st_gid) for one in around)
    if not counts:
        return {}
    (mode, uid, gid), like = counts.most_common(1)[0]
    model = next(one for one in around if (stat.S_IMODE(one.st_mode), one.st_uid, one.st_gid) == (mode, uid, gid))
    own = state_of(path)
    return {
        "usual_mode": "%04o" % mode,
        "usual_owner": owner_of(model),
        "like": like,
        "beside": len(around),
        "usual_opens": bool(own and is_enough(own, account, mode, uid, gid)),
    }


def about(state, account):
    bits = rights(state.st_mode, state.st_uid, state.st_gid, account)
    return {
        "kind": "folder" if stat.S_ISDIR(state.st_mode) else "file",
        "mode": "%04o" % stat.S_IMODE(state.st_mode),
        "owner": owner_of(state),
        "writes": bool(bits & 2),
    }


def has_list(path):
    try:
        return "system.posix_acl_access" in os.listxattr(path)
    except (OSError, AttributeError):
        return False


def closed(path, state, account, user, wanted):
    value = {"user": user, "state": "closed", "wanted": wanted, "guarded": bool(GUARDED.search(os.path.basename(path)))}
    value.update(about(state, account))
    value.update(usual(path, account))
    tell(path, value)


def nearest(folder, name):
    """Return the names of a folder that differ from a name by one letter."""
    return [other for other in names_in(folder) if other != name and one_letter_apart(other, name)]


def one_letter_apart(one, two):
    if abs(len(one) - len(two)) > 1 or min(len(one), len(two)) < 4:
        return False
    start = next((place for place, (a, b) in enumerate(zip(one, two)) if a != b), min(len(one), len(two)))
    rest = (one[start:], two[start:])
    return any(left == right for left, right in ((rest[0][1:], rest[1][1:]), (rest[0][1:], rest[1]), (rest[0], rest[1][1:])))


def missing(path, parts, account, user, wanted):
    value = {"user": user, "state": "missing", "wanted": wanted, "below": "/".join(parts), "guarded": False}
    value["twins"] = [
        os.path.join(os.path.dirname(path), name) for name in nearest(os.path.dirname(path), os.path.basename(path))
    ]
    value["twins"] = [twin for twin in value["twins"] if os.path.exists(os.path.join(twin, *parts))]
    value.update(usual(path, account))
    above = state_of(os.path.dirname(path))
    value.update({"owner_above": owner_of(above), "mode_above": "%04o" % stat.S_IMODE(above.st_mode)} if above else {})
    tell(path, value)


def turned(link, parts, user, wanted):
    """Tell of a link where else it might lead: the folders beside its target that have what is asked for."""
    target = os.path.join(os.path.dirname(link), os.readlink(link))
    target = os.path.normpath(target)
    rest = os.path.join(*parts) if parts else ""
    folder = os.path.dirname(target)
    others = [os.path.join(folder, name) for name in names_in(folder) if os.path.join(folder, name) not in (target, link)]
    others = [one for one in others if os.path.isdir(one) and not os.path.islink(one) and os.path.exists(os.path.join(one, rest))]
    value = {
        "user": user,
        "state": "link",
        "wanted": wanted,
        "target": os.readlink(link),
        "leads": os.path.exists(os.path.join(target, rest)),
        "rest": rest,
        "others": [
            os.path.relpath(one, os.path.dirname(link)) if not os.readlink(link).startswith("/") else one for one in others
        ],
        "at": os.lstat(link).st_mtime,
    }
    tell(link, value)


def walk(path, account, user):
    """Go down part by part, through links; return where it ends, or None where it is closed or missing."""
    at, parts, turns = "/", [part for part in path.split("/") if part], 0
    while parts:
        state = state_of(os.path.join(at, parts[0]))
        at, parts = os.path.join(at, parts[0]), parts[1:]
        if state is None:
            missing(at, parts, account, user, path)
            return None
        if stat.S_ISLNK(state.st_mode):
            turned(at, parts, user, path)
            leads = os.path.normpath(os.path.join(os.path.dirname(at), os.readlink(at)))
            at, parts, turns = "/", [part for part in leads.split("/") if part] + parts, turns + 1
            if turns > 8:
                return None
        elif not has_list(at) and not is_passable(state, account, bool(parts)):
            closed(at, state, account, user, path)
            return None
    return at


def is_passable(state, account, on_the_way):
    if not on_the_way:
        return is_enough(state, account)
    return bool(rights(state.st_mode, state.st_uid, state.st_gid, account) & 1)


def content_of(path):
    """Return of a folder how many entries it has, whose most are, and the age of the newest and the oldest."""
    states = [state for state in (state_of(os.path.join(path, name)) for name in names_in(path)) if state]
    if not states:
        return {"entries": 0}
    now = time.time()
    owners = Counter((one.st_uid, one.st_gid) for one in states)
    whose = owners.most_common(1)[0][0]
    return {
        "entries": len(states),
        "held_by": owner_of(next(one for one in states if (one.st_uid, one.st_gid) == whose)),
        "newest_s": round(now - max(one.st_mtime for one in states), 1),
        "oldest_s": round(now - min(one.st_mtime for one in states), 1),
    }


def below(top, account, user, wanted):
    """Tell what lies below a folder and is closed, where what lies beside it is open."""
    told = seen = 0
    for folder, names, files in os.walk(top):
        if folder[len(top) :].count("/") >= DEEPEST:
            names[:] = []
        for name in sorted(names) + sorted(files):
            path = os.path.join(folder, name)
            state = state_of(path)
            seen += 1
            if seen > ENTRIES_MAX or told >= TOLD_MAX:
                return
            if state and not stat.S_ISLNK(state.st_mode) and not is_enough(state, account) and not has_list(path):
                if usual(path, account).get("usual_opens"):
                    closed(path, state, account, user, wanted)
                    told += 1


def main(path, user):
    try:
        account = groups_of(user)
    except KeyError:
        return
    ends = walk(os.path.normpath(path), account, user)
    state = state_of(ends) if ends else None
    if state is None:
        return
    value = {"user": user, "state": "open", "wanted": path, "guarded": bool(GUARDED.search(os.path.basename(ends)))}
    value.update(about(state, account))
    value.update(usual(ends, account))
    if stat.S_ISDIR(state.st_mode):
        value.update(content_of(ends))
        below(ends, account, user, path)
    above = state_of(os.path.dirname(ends))
    value.update({"owner_above": owner_of(above), "writes_above": about(above, account)["writes"]} if above else {})
    tell(ends, value)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
