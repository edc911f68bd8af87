"""How long lines are kept."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Retention:
    """For so many days, and so many bytes at most: what is older or more goes, the oldest first."""

    days: float = 14.0
    bytes_max: int = 8 << 30
