"""Where pictures of covers are kept."""

import hashlib
from pathlib import Path


def keep(folder: str, largest_mb: int, body: bytes) -> object:
    if len(body) > largest_mb * 1024 * 1024:
        raise ValueError(f"a cover of {len(body)} bytes is larger than {largest_mb} MB")
    name = hashlib.sha256(body).hexdigest()[:12]
    Path(folder, f"{name}.img").write_bytes(body)
    return {"kept": name}
