"""One line for many hosts: the order, and how it ended on each."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from vigie.domain.action import Completed, EffectClass
from vigie.domain.errors import VigieError


class Ending(StrEnum):
    """How a line ended on one host; `unknown`: it was begun and its end was not seen."""

    DONE = "done"
    FAILED = "failed"
    UNREACHABLE = "unreachable"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    NOT_STARTED = "not_started"


@dataclass(frozen=True, slots=True)
class Order:
    """A line and every host that it is for, by name.

    A line that changes something runs on `canary` hosts first; when it ends well there, on `width` hosts at a time; after
    `stop_after` of them where it did not end well, it is begun on no other.
    """

    line: str
    hosts: tuple[str, ...]
    timeout_s: float = 20.0
    canary: int = 1
    width: int = 5
    stop_after: int = 1

    @property
    def hash(self) -> str:
        """Return the SHA-256 of exactly what would be done; an approval is bound to it."""
        body = [self.line, self.hosts, self.timeout_s, self.canary, self.width, self.stop_after]
        return hashlib.sha256(json.dumps(body).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class HostAnswer:
    """How the order ended on one host; `error` says why it was not begun, or why it could not be reached."""

    host: str
    ending: Ending
    completed: Completed | None = None
    error: VigieError | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an order has come: on how many hosts it ended how, is under way, and was not begun."""

    ended: Mapping[Ending, int]
    running: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """What an order would do, before it is begun.

    `asking`: hosts whose autonomy asks for a person; `refusing`: hosts that are only observed; `unseen`: hosts where this very
    line was begun once and its end never seen.
    """

    order: Order
    effect_class: EffectClass
    effects: tuple[str, ...]
    reasons: tuple[str, ...]
    asking: tuple[str, ...] = ()
    refusing: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()

    @property
    def needs_approval(self) -> bool:
        """Say whether a person must agree."""
        return bool(self.asking)
