"""Wakes whoever follows files as soon as something is written to one, where the kernel tells (inotify); else time does."""

import asyncio
import ctypes
import os
from collections.abc import Iterable
from contextlib import suppress

_MODIFIED = 0x2  # IN_MODIFY; https://man7.org/linux/man-pages/man7/inotify.7.html
_EVENTS_BYTES = 1 << 16
# Of a file that grows all the time, lines are read some at a time.
_GAP_S = 0.04


class Wake:
    """Waits for writes; `close` it in the end. Where there is no inotify, or no room in it, it only lets time pass."""

    def __init__(self) -> None:
        self._watched: set[str] = set()
        self._came = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._looked_s = float("-inf")
        self._fd = -1
        with suppress(OSError, AttributeError):
            self._kernel = ctypes.CDLL(None, use_errno=True)
            self._fd = self._kernel.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self._fd >= 0:
            self._loop.add_reader(self._fd, self._came.set)

    def watch(self, paths: Iterable[str]) -> None:
        """Listen to these files besides; a path that has got another file since is listened to by `forget` and `watch`."""
        for path in paths:
            if self._fd >= 0 and path not in self._watched:
                self._kernel.inotify_add_watch(self._fd, os.fsencode(path), _MODIFIED)
                self._watched.add(path)

    def forget(self) -> None:
        """Listen anew to all that is watched next: what is listened to already stays so."""
        self._watched.clear()

    async def wait(self, quiet_s: float) -> None:
        """Return once something was written, or after so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(quiet_s):  # wait_for of Python 3.11 can swallow a cancellation that comes with the event
                await self._came.wait()
        await asyncio.sleep(max(0.0, self._looked_s + _GAP_S - self._loop.time()))
        self._looked_s = self._loop.time()
        self._came.clear()
        if self._fd >= 0:
            with suppress(BlockingIOError):
                os.read(self._fd, _EVENTS_BYTES)

    def close(self) -> None:
        """Listen no more."""
        if self._fd >= 0:
            self._loop.remove_reader(self._fd)
            os.close(self._fd)
            self._fd = -1
