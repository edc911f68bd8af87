"""Which process lives which legs: each holds one numbered slot by a lock that the kernel frees when the process dies."""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Slot:
    """A held slot; `executor` is the name under which the engine keeps this process's legs."""

    executor: str
    number: int
    handle: int

    def free(self) -> None:
        """Let the next process have it."""
        os.close(self.handle)


class Slots:
    """The slots of one home."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def take(self) -> Slot:
        """Take the first free slot."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        number = 0
        while (slot := self._try(number)) is None:
            number += 1
        return slot

    def dead(self) -> Iterator[Slot]:
        """Yield, held, each slot that nobody living holds; the caller frees it."""
        for path in sorted(self._folder.glob("slot-*.lock")):
            slot = self._try(int(path.stem.removeprefix("slot-")))
            if slot is not None:
                yield slot

    @contextmanager
    def launching(self) -> Iterator[None]:
        """Let one process at a time create and migrate the engine's tables."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self._folder / "launch.lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _try(self, number: int) -> Slot | None:
        handle = os.open(self._folder / f"slot-{number}.lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            return None
        return Slot(f"{self._node()}-slot-{number}", number, handle)

    def _node(self) -> str:
        # Several machines may share one PostgreSQL: a slot's number alone would not be theirs alone.
        path = self._folder / "node"
        with suppress(FileExistsError):
            handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            os.write(handle, secrets.token_hex(4).encode())
            os.close(handle)
        return path.read_text(encoding="ascii").strip()
