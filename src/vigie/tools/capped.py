"""Output kept in bounded memory: its head and its tail, whatever its length."""

_MIB = 1024 * 1024
CAP_BYTES = _MIB


def flood_bytes(cap_bytes: int) -> int:
    """Return how much output makes a flood: a line that says more is ended, for nobody will read it."""
    return min(64 * cap_bytes, cap_bytes + 64 * _MIB)


class Capped:
    """Collect bytes up to `cap_bytes`; of more, keep the first quarter and the last three quarters."""

    def __init__(self, cap_bytes: int = CAP_BYTES) -> None:
        self._head_bytes = cap_bytes // 4
        self._tail_bytes = cap_bytes - self._head_bytes
        self._head = bytearray()
        self._tail = bytearray()
        self._total_bytes = 0

    def add(self, chunk: bytes) -> None:
        """Take the next bytes."""
        self._total_bytes += len(chunk)
        room = self._head_bytes - len(self._head)
        if room > 0:
            self._head += chunk[:room]
            chunk = chunk[room:]
        self._tail += chunk
        # Trimmed at twice its size only, so that each byte is moved once at most.
        if len(self._tail) > 2 * self._tail_bytes:
            del self._tail[: -self._tail_bytes]

    @property
    def total_bytes(self) -> int:
        """Return how much came."""
        return self._total_bytes

    @property
    def truncated(self) -> bool:
        """Say whether something was left out."""
        return self._total_bytes > self._head_bytes + self._tail_bytes

    def bytes(self) -> bytes:
        """Return what was kept; a line break stands where something was left out."""
        if not self.truncated:
            return bytes(self._head + self._tail)
        return bytes(self._head) + b"\n" + bytes(self._tail[-self._tail_bytes :])
