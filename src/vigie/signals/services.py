"""Names of services, the same however a log writes them."""

import re

_NOT_NAME = re.compile(r"[^a-z0-9_.\-]+")
_ENDS = re.compile(r"(\.service|\.socket|\.timer|\.exe)\Z")


def normalised(name: object) -> str | None:
    """Return a service's name: lower case, without path, process number, instance or suffix; None for no name."""
    text = str(name or "").strip().strip("[]():").lower()
    text = text.rpartition("/")[2].partition("[")[0].partition("@")[0].partition(":")[0].strip()
    text = _NOT_NAME.sub("-", _ENDS.sub("", text)).strip("-.")
    return text[:64] or None
