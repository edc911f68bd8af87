"""A log file on another host, read through the gate: on from where it was, through rotation by rename and by copy."""

import asyncio
import hashlib
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace

from vigie.collectors.collector import Around, Collector, Emit, Position, Spec
from vigie.collectors.tail import LINE_MAX
from vigie.domain.errors import BadUsage
from vigie.domain.finding import Signal

_CHUNK = 256 * 1024
_HISTORY = 64 * 1024
_GENERATIONS = 4
_MARK = 64


@dataclass(frozen=True, slots=True)
class _Place:
    """How far a file was read: which one, the byte after the last whole line, and a sum of the bytes just before it."""

    inode: int
    offset: int
    mark: str

    def document(self) -> Position:
        """Return it as JSON."""
        return {"inode": self.inode, "offset": self.offset, "mark": self.mark}


@dataclass(frozen=True, slots=True)
class _File:
    """A file as it stood when it was looked for."""

    path: str
    inode: int
    size: int


class _Moved(Exception):
    """Between two lines another file has come under the name: look again."""


class RemoteFile(Collector):
    """Reads what is added to `path` on a host. `every_s` says how often to look: each look is a row of the journal."""

    name = "remote_file"

    def __init__(self, spec: Spec, around: Around) -> None:
        self.host = spec.host
        self._around = around
        self._service = spec.service
        self._path: str = spec.option("path", "")
        self._every_s: float = float(spec.option("every_s", 10.0))
        self._behind = 0
        if not self._path.startswith("/"):
            raise BadUsage("source.relative", path=self._path)

    @classmethod
    def make(cls, spec: Spec, around: Around) -> "RemoteFile":
        """Return the collector of a file of a host."""
        spec.only("path", "every_s")
        return cls(spec, around)

    @property
    def source(self) -> str:
        """Return the host and the path."""
        return f"remote_file:{self.host}:{self._path}"

    def behind(self) -> int | None:
        """Return what was not read yet at the last look."""
        return self._behind

    async def run(self, emit: Emit, position: Position | None) -> None:
        """Look again and again."""
        place = _Place(int(str(position["inode"])), int(str(position["offset"])), str(position["mark"])) if position else None
        if place is None:
            place = await self._end()
            await emit((), place.document())
        while True:
            try:
                signals, after, is_more = await self._look(place)
            except _Moved:
                continue
            if after != place:
                await emit(signals, after.document())
                place = after
            if not is_more:
                await asyncio.sleep(self._every_s)

    async def history(self) -> Sequence[Signal]:
        """Return the last lines of the file."""
        output = await self._around.read(self.host, f"tail -c {_HISTORY} -- {shlex.quote(self._path)}")
        return self._signals(output.partition(b"\n")[2] if len(output) == _HISTORY else output)

    async def _end(self) -> _Place:
        now = next((file for file in await self._files() if file.path == self._path), None)
        return _Place(now.inode, now.size, await self._mark(now, now.size)) if now else _Place(0, 0, "")

    async def _look(self, place: _Place) -> tuple[list[Signal], _Place, bool]:
        """Return the next lines, the place after them, and whether there may be more at once."""
        files = await self._files()
        own = next((file for file in files if file.inode == place.inode), None)
        if own is not None and own.path == self._path and own.size == place.offset:
            self._behind = 0
            return [], place, False
        if own is not None and (own.size < place.offset or await self._mark(own, place.offset) != place.mark):
            # It was cut: its last lines are in the copy that was made of it, if there is one.
            own = await self._copy(files, place)
            if own is None:
                return await self._next(files, replace(place, offset=0, mark=""))
            place = replace(place, inode=own.inode)
        if own is None:
            return await self._next(files, place)
        return await self._grown(files, own, place)

    async def _grown(self, files: Sequence[_File], own: _File, place: _Place) -> tuple[list[Signal], _Place, bool]:
        self._behind = max(0, own.size - place.offset)
        data = b""
        if own.size > place.offset:
            data = await self._bytes(own, place.offset, min(_CHUNK, own.size - place.offset))
        whole = data[: data.rfind(b"\n") + 1]
        if not whole and len(data) >= _CHUNK:
            whole = data  # a line without an end
        is_left = own.path != self._path
        if is_left and not whole and place.offset + len(data) >= own.size:
            whole = data  # nothing will end its last line
            newer = self._newer(files, own)
            if not whole and newer is not None:
                return [], _Place(newer.inode, 0, ""), True
        if not whole:
            return [], place, False
        after = place.offset + len(whole)
        self._behind = max(0, own.size - after)
        mark = await self._mark(own, after)
        return self._signals(whole), _Place(own.inode, after, mark), is_left or after < own.size

    async def _next(self, files: Sequence[_File], place: _Place) -> tuple[list[Signal], _Place, bool]:
        """The file that was read is gone, or empty: go on with the one under the name."""
        now = next((file for file in files if file.path == self._path), None)
        if now is None or (now.inode == place.inode and not now.size):
            return [], replace(place, offset=0, mark=""), False
        return await self._grown(files, now, _Place(now.inode, 0, ""))

    async def _copy(self, files: Sequence[_File], place: _Place) -> _File | None:
        for file in files:
            if file.inode != place.inode and file.size > place.offset > 0 and await self._mark(file, place.offset) == place.mark:
                return file
        return None

    def _newer(self, files: Sequence[_File], own: _File) -> _File | None:
        """Return the file that was begun after one: they come newest first."""
        at = files.index(own)
        return files[at - 1] if at else None

    async def _files(self) -> list[_File]:
        """Return the file and its rotations that are there, newest first."""
        paths = [self._path, *(f"{self._path}.{number}" for number in range(1, _GENERATIONS + 1))]
        # One that is missing is no failure of those that are there.
        line = f"stat -L -c '%i %s %n' -- {shlex.join(paths)} 2>/dev/null || true"
        found = []
        for row in (await self._around.read(self.host, line)).decode("utf-8", "surrogateescape").splitlines():
            inode, size, path = row.split(" ", 2)
            found.append(_File(path, int(inode), int(size)))
        return found

    async def _mark(self, file: _File, offset: int) -> str:
        begin = max(0, offset - _MARK)
        return hashlib.sha256(await self._bytes(file, begin, offset - begin)).hexdigest()[:16] if offset > begin else ""

    async def _bytes(self, file: _File, begin: int, count: int) -> bytes:
        """Return a part of a file.

        Raises:
            _Moved: its name is another file's by now.
        """
        path = shlex.quote(file.path)
        output = await self._around.read(
            self.host, f"tail -c +{begin + 1} -- {path} | head -c {count}; stat -L -c '/%i' -- {path} 2>/dev/null || true"
        )
        data, _, inode = output.rpartition(b"/")
        if inode.strip() != b"%d" % file.inode:
            raise _Moved
        return data

    def _signals(self, data: bytes) -> list[Signal]:
        now = self._around.clock.now()
        texts = (raw[:LINE_MAX].replace(b"\0", b"").decode("utf-8", "replace").removesuffix("\r") for raw in data.split(b"\n"))
        return [Signal(self.host, self._path, text, now, None, self._service) for text in texts if text.strip()]
