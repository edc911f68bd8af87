"""What a closed case taught: it raises odds next time, and is always verified again."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Lesson:
    """On `host` the cause `label` was found behind `words`; `worked` says whether `remedy` mended it."""

    id: str
    host: str
    label: str
    words: tuple[str, ...]
    remedy: str | None
    worked: bool
    case: str
    at: datetime
