"""Follows files by their patterns through all that is done to logs: renamed, copied and cut, deleted, replaced, at any moment.

Plain, blocking code: `file.py` runs it in a thread. `tail.py` reads one file, `rotation.py` knows the files beside it.
"""

import glob
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from vigie.collectors.rotation import PACKED, Known, bases, siblings
from vigie.collectors.tail import COPY_HEAD_MIN, Line, Tail, content_of, opened
from vigie.domain.fact import Value

logger = logging.getLogger(__name__)

_RESCAN_S = 1.0
# A writer may go on with a file that was renamed or deleted under it; after this long without a line it has let go.
_GRACE_S = 5.0
# A name can be missing from a folder's listing while files are renamed in it.
_FORGET_S = 60.0
_BYTES_MAX = 256 * 1024
_FILES_MAX = 1000
_TRIES = 3


@dataclass(slots=True)
class _Leaving:
    """A file that no longer stands under its name: read to its end, then let go."""

    tail: Tail
    quiet_since_s: float


@dataclass(slots=True)
class _Done:
    """A file that was read to its end and let go, and still has a name that is followed."""

    document: dict[str, Value]
    seen_s: float


@dataclass(frozen=True, slots=True)
class Batch:
    """What one look gave: `lines` in order, `moved` if any position changed, `more` if there was too much for one look."""

    lines: list[Line] = field(default_factory=list)
    moved: bool = False
    more: bool = False


class Follower:
    """Follows every regular file that the patterns match."""

    def __init__(self, patterns: Sequence[str], *, from_start: bool = False) -> None:
        self._patterns = tuple(patterns)
        self._from_start = from_start
        self._tails: dict[str, Tail] = {}
        self._leaving: list[_Leaving] = []
        self._done: dict[tuple[int, int], _Done] = {}
        self._known = Known()
        self._gone: set[str] = set()
        self._unreadable: set[str] = set()
        self._folders: dict[str, int] = {}
        self._scanned_s = self._now_s = 0.0
        self._left = 0
        self._claimed: set[tuple[int, int]] = set()

    @property
    def unreadable(self) -> frozenset[str]:
        """Return the matched files that could not be opened."""
        return frozenset(self._unreadable)

    @property
    def paths(self) -> tuple[str, ...]:
        """Return the names under which files are followed."""
        return tuple(self._tails)

    def begin(self, position: Mapping[str, Value] | None, now_s: float) -> None:
        """Take up a position; without one, begin at the present end of each file."""
        self._now_s = self._scanned_s = now_s
        matched = self.matched()
        if position is None:
            for path in matched:
                self._known.note(path)
        else:
            self._known.restore(cast("list[Value]", position.get("known") or []))
            entries = cast("list[dict[str, Value]]", position.get("files") or [])
            alive = [entry for entry in entries if entry["head"] and not entry.get("done")]
            self._claimed = {(cast("int", entry["dev"]), cast("int", entry["ino"])) for entry in alive}
            for entry in entries:
                self._take_up(entry)
        for path in matched:
            if path not in self._tails:
                self._open(path, at_end=position is None and not self._from_start)
            if position is not None:
                self._catch_up(path)

    def poll(self, now_s: float) -> Batch:
        """Look once at every file."""
        self._now_s = now_s
        self._left = _BYTES_MAX
        before = self._stamp()
        lines: list[Line] = []
        if now_s - self._scanned_s >= _RESCAN_S:
            self._scan()
        for path in list(self._gone):
            self._open(path, at_end=False)
        for path, tail in list(self._tails.items()):
            self._look(path, tail, lines)
        self._look_beside()
        for leaving in list(self._leaving):
            self._leave(leaving, lines)
        return Batch(lines, self._stamp() != before, self._left <= 0)

    def position(self) -> dict[str, Value]:
        """Return how far everything has been read, as JSON."""
        files: list[Value] = [cast("Value", tail.document()) for tail in self._followed()]
        files += [cast("Value", {**done.document, "done": True}) for done in self._done.values()]
        return {"files": files[:_FILES_MAX], "known": self._known.document()}

    def behind(self) -> int:
        """Return how many bytes of all files were not read yet."""
        tails = [*self._tails.values(), *(leaving.tail for leaving in list(self._leaving))]  # a thread reads meanwhile
        return sum(max(0, _size(tail) - tail.position) for tail in tails)

    def close(self) -> None:
        """Let every file go."""
        for tail in self._followed():
            tail.close()
        self._tails.clear()
        self._leaving.clear()

    # Finding files.

    def matched(self) -> list[str]:
        """Return the paths that the patterns match now, packed files left out."""
        found: dict[str, None] = {}
        for pattern in self._patterns:
            if glob.has_magic(pattern):
                found.update(dict.fromkeys(sorted(glob.glob(pattern, recursive=True))))  # noqa: PTH207  # patterns are absolute
            else:
                found[pattern] = None
        return [path for path in found if not path.endswith(PACKED)][:_FILES_MAX]

    def _scan(self) -> None:
        self._scanned_s = self._now_s
        for path in self.matched():
            if path not in self._tails:
                self._open(path, at_end=False)
        for identity, done in list(self._done.items()):
            if self._now_s - done.seen_s > _FORGET_S:
                del self._done[identity]

    def _open(self, path: str, *, at_end: bool) -> None:
        try:
            tail = Tail.open(path)
        except FileNotFoundError:
            return
        except OSError as error:
            if path not in self._unreadable:
                logger.warning("log cannot be read", extra={"path": path, "error": str(error)})
                self._unreadable.add(path)
            return
        self._unreadable.discard(path)
        self._gone.discard(path)
        if tail is None:  # a folder, a device, a pipe: it is told of when it was named, not when a pattern happens to match it
            if path in self._patterns:
                self._unreadable.add(path)
            return
        if self._is_read(tail):
            tail.close()
        elif at_end:
            tail.skip_to_end()
            self._follow(path, tail)
        elif self._is_copy(tail):
            tail.skip_to_end()
            self._done[tail.identity] = _Done(tail.document(), self._now_s)
            tail.close()
        else:
            self._follow(path, tail)

    def _follow(self, path: str, tail: Tail) -> None:
        """Follow a file; one that was rotated away from a log that is followed too is only read to its end."""
        patterns = self.matched()
        if any(base in patterns for base in bases(path)):
            self._leaving.append(_Leaving(tail, self._now_s))
        else:
            self._tails[path] = tail

    def _is_read(self, tail: Tail) -> bool:
        """Say whether a file is followed under another name, or was read to its end; if it grew since, go on from there."""
        if any(other.identity == tail.identity for other in self._followed()):
            return True
        done = self._done.get(tail.identity)
        if done is None or not done.document["offset"]:
            return False  # an empty file says nothing of another that has got its inode
        if tail.holds(*content_of(done.document)):
            done.seen_s = self._now_s
            if os.fstat(tail.fd).st_size == done.document["offset"]:
                return True
            tail.restore(done.document)
        del self._done[tail.identity]
        return False

    def _is_copy(self, tail: Tail) -> bool:
        """Say whether a file that is new here is a copy of one that is followed."""
        if tail.offset:
            return False
        if _size(tail) >= COPY_HEAD_MIN and any(other.has_prefix(tail) for other in self._followed()):
            return True
        others = [other for other in self._followed() if other.identity != tail.identity]
        read = [*(content_of(done.document) for done in self._done.values()), *((o.head, o.mark, o.offset) for o in others)]
        return any(len(head) >= COPY_HEAD_MIN and tail.holds(head, mark, offset) for head, mark, offset in read)

    def _followed(self) -> Iterator[Tail]:
        yield from self._tails.values()
        for leaving in self._leaving:
            yield leaving.tail

    # Reading.

    def _look(self, path: str, tail: Tail, lines: list[Line]) -> None:
        """Read one file as far as one look goes, and see what became of its name."""
        while True:
            stands = _stands(path, tail)
            if stands and tail.is_idle():
                return
            begin = tail.position
            found, same = tail.read()
            lines += found
            if not same:
                self._cut(path, tail, lines)
                continue
            self._left -= tail.position - begin
            if tail.position == begin:
                if not stands:
                    self._has_left(path, tail, lines)
                return
            if self._left <= 0:
                return

    def _has_left(self, path: str, tail: Tail, lines: list[Line]) -> None:
        """All of a file that left its name is read; what comes late is read for a while yet."""
        del self._tails[path]
        self._leaving.append(_Leaving(tail, self._now_s))
        self._gone.add(path)
        known = len(self._leaving)
        self._catch_up(path)
        for between in self._leaving[known:]:  # rotated since: they come before what stands under the name now
            while self._left > 0 and self._more(between, lines):
                pass
        self._open(path, at_end=False)
        if path in self._tails:
            self._look(path, self._tails[path], lines)

    def _cut(self, path: str, tail: Tail, lines: list[Line]) -> None:
        """A file was cut or rewritten: finish it in the copy that was made of it, if there is one, and begin anew."""
        for sibling in reversed(siblings(path)):
            copy = opened(sibling)
            if copy is None:
                continue
            if copy.identity != tail.identity and copy.begins(tail.head):
                self._drop_unread(copy.identity)
                if any(leaving.tail.identity == copy.identity for leaving in self._leaving):
                    pass  # it was met before so much was read that one could tell: it is read as a file of its own
                elif copy.holds(tail.head, tail.mark, tail.offset):
                    copy.restore(tail.document())
                    self._drain(copy, lines)
                else:
                    self._known.add(copy)  # made before the last lines were read
            copy.close()
        tail.rewind()
        self._catch_up(path)

    def _drop_unread(self, identity: tuple[int, int]) -> None:
        """Let a copy go that was met while it was still empty, and taken for a file of its own."""
        for leaving in [each for each in self._leaving if each.tail.identity == identity and not each.tail.position]:
            self._leaving.remove(leaving)
            leaving.tail.close()

    def _drain(self, tail: Tail, lines: list[Line]) -> None:
        """Read a file that no longer grows to its end."""
        while True:
            begin = tail.position
            found, same = tail.read()
            lines += found
            if not same or tail.position == begin:
                break
        lines += tail.flush()
        self._done[tail.identity] = _Done(tail.document(), self._now_s)

    def _look_beside(self) -> None:
        """See whether something came to the folders of the files: a log rotated more than once, or before it was ever read."""
        folders: dict[str, list[str]] = {}
        for path in (*self._tails, *self._gone):
            folders.setdefault(os.path.dirname(path) or ".", []).append(path)  # noqa: PTH120  # four times a second for each file
        for folder, paths in folders.items():
            changed_ns = _changed_ns(folder)
            if self._folders.get(folder) == changed_ns:
                continue
            self._folders[folder] = changed_ns
            for path in paths:
                self._catch_up(path)

    def _catch_up(self, path: str) -> None:
        """Read rotated files that came between two looks, or while nobody looked."""
        for sibling in siblings(path):
            tail = opened(sibling)
            if tail is None:
                continue
            if self._known.holds(tail) or self._is_read(tail):
                self._known.add(tail)
                tail.close()
            elif self._is_copy(tail):
                if any(other.has_prefix(tail) and other.position < _size(tail) for other in self._followed()):
                    self._folders.clear()  # what it is a copy of may be cut before it is read: look again
                else:
                    self._known.add(tail)
                tail.close()
            else:
                self._known.add(tail)
                self._leaving.append(_Leaving(tail, self._now_s))

    def _more(self, leaving: _Leaving, lines: list[Line]) -> bool | None:
        """Read on in a file that left its name; say whether there was more, None when it is another file now."""
        begin = leaving.tail.position
        if not begin and _size(leaving.tail) and self._is_copy(leaving.tail):
            return False  # a copy that is being made
        found, same = leaving.tail.read()
        lines += found
        self._left -= leaving.tail.position - begin
        return leaving.tail.position > begin if same else None

    def _leave(self, leaving: _Leaving, lines: list[Line]) -> None:
        tail, more = leaving.tail, self._more(leaving, lines)
        same = more is not None
        if more:
            leaving.quiet_since_s = self._now_s
        elif not same or self._now_s - leaving.quiet_since_s >= _GRACE_S:
            if same:
                lines += tail.flush()
            self._leaving.remove(leaving)
            self._done[tail.identity] = _Done(tail.document(), self._now_s)
            tail.close()

    # Taking up again.

    def _take_up(self, entry: dict[str, Value]) -> None:
        """Find a file of a saved position: under its name, or under the one that it was given since."""
        path = str(entry["path"])
        if entry.get("done"):
            identity = (cast("int", entry["dev"]), cast("int", entry["ino"]))
            self._done[identity] = _Done({name: value for name, value in entry.items() if name != "done"}, self._now_s)
            return
        found = self._found(entry)
        if found is None:
            return
        stands = found.path == path and path not in self._tails and path in self.matched()
        found.restore(entry)
        if stands:
            self._follow(path, found)
        else:
            self._leaving.append(_Leaving(found, self._now_s))

    def _found(self, entry: Mapping[str, Value]) -> Tail | None:
        path = str(entry["path"])
        for _ in range(_TRIES):  # names move while they are looked at
            candidates = [path, *(sibling for name in (path, *bases(path)) for sibling in reversed(siblings(name)))]
            found = self._same(entry, candidates, by_inode=True) or self._same(entry, candidates, by_inode=False)
            if found is not None or len(candidates) == 1:
                return found
        return None

    def _same(self, entry: Mapping[str, Value], candidates: Sequence[str], *, by_inode: bool) -> Tail | None:
        for path in candidates:
            tail = opened(path)
            if tail is None:
                continue
            is_own = tail.identity == (entry["dev"], entry["ino"])
            # A file that another entry knows by its inode is not taken for what this one was.
            fits = is_own if by_inode else bool(entry["head"]) and (is_own or tail.identity not in self._claimed)
            if fits and tail.holds(*content_of(entry)) and not any(other.identity == tail.identity for other in self._followed()):
                return tail
            tail.close()
        return None

    def _stamp(self) -> tuple[object, ...]:
        return tuple((tail.path, tail.inode, tail.offset) for tail in self._followed()), len(self._done)


def _size(tail: Tail) -> int:
    try:
        return os.fstat(tail.fd).st_size
    except OSError:  # it was let go meanwhile
        return 0


def _changed_ns(folder: str) -> int:
    try:
        return os.stat(folder).st_mtime_ns  # noqa: PTH116  # four times a second for each folder
    except OSError:
        return 0


def _stands(path: str, tail: Tail) -> bool:
    """Say whether a path still names the file that is read."""
    try:
        status = os.stat(path)  # noqa: PTH116  # four times a second for each file
    except OSError:
        return False
    return (status.st_dev, status.st_ino) == tail.identity
