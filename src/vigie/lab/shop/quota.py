"""The storage quota of a shared hosting: writes beyond it are refused."""

import errno
from pathlib import Path


class Quota:
    """All files below a folder count, whoever wrote them."""

    def __init__(self, folder: Path, limit_mb: float) -> None:
        self._folder = folder
        self._limit_bytes = int(limit_mb * 1024 * 1024)
        self._limit_mb = limit_mb

    def used_bytes(self) -> int:
        """Add the files up."""
        used_bytes = 0
        for path in self._folder.rglob("*"):
            try:
                status = path.lstat()
            except FileNotFoundError:
                continue
            used_bytes += status.st_size
        return used_bytes

    def room_bytes(self) -> int:
        """Return how many bytes may still be written."""
        return max(0, self._limit_bytes - self.used_bytes())

    def require(self, path: Path, more_bytes: int) -> None:
        """Refuse what would not fit.

        Raises:
            OSError: EDQUOT.
        """
        if self.room_bytes() < more_bytes:
            used_mb = self.used_bytes() / 1024 / 1024
            raise OSError(
                errno.EDQUOT, f"No space left: quota of {self._limit_mb:g} MB reached ({used_mb:.1f} MB used)", str(path)
            )

    def write(self, path: Path, body: bytes) -> None:
        """Write a new file.

        Raises:
            OSError: EDQUOT, it would not fit.
        """
        self.require(path, len(body))
        path.write_bytes(body)
