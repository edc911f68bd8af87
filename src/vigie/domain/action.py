"""An action: one typed step on one host, with its class; and the plan that holds it."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class EffectClass(StrEnum):
    """What a step may do to the world, mildest first."""

    SAFE_READ = "safe-read"
    REVERSIBLE = "reversible-change"
    DANGEROUS = "dangerous"
    FORBIDDEN = "forbidden"

    @property
    def rank(self) -> int:
        """Return 0 for the mildest class to 3 for the strictest."""
        return list(EffectClass).index(self)


class Outcome(StrEnum):
    """How a step ended; exactly the words of the command line's promise."""

    DONE = "done"
    FAILED = "failed"
    UNDONE = "undone"
    UNKNOWN = "unknown"
    PROPOSED = "proposed"
    REFUSED = "refused"
    SKIPPED = "skipped"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Step:
    """A line to run, and how to tell whether it has already taken effect.

    `witness` is a safe-read line whose output changes if and only if the step took effect; `goal` is a safe-read line that
    exits 0 when the step's end is reached. After a crash the gate reads both before it does anything. `stdin` names the artefact
    that the line reads. `undo` are lines that take the step back; empty means that only a restored backup does.
    `feeds` says what witness, goal and undo lines read: line → `script:NAME`. `undo_last`: it is taken back after everything else
    was undone and restored, as a restart must be that makes a service read its files again.
    """

    line: str
    witness: str
    goal: str
    stdin: str | None = None
    undo: tuple[str, ...] = ()
    timeout_s: float = 120.0
    feeds: dict[str, str] = field(default_factory=dict)
    undo_last: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What is proposed on one host for one cause.

    `remedy` and `slots` say from which knowledge it was made; `remedy` is None when it was made from words. `backups` are the
    paths or objects saved first; `loses_nothing` declares that none is needed.
    """

    id: str
    host: str
    cause: str
    remedy: str | None
    slots: dict[str, str]
    steps: tuple[Step, ...]
    backups: tuple[str, ...] = ()
    loses_nothing: bool = False
    restarts: tuple[str, ...] = ()
    precondition: tuple[str, ...] = ()
    explanation: dict[str, str] = field(default_factory=dict)
    diff: str = ""

    @property
    def hash(self) -> str:
        """Return the SHA-256 of exactly what would be done; an approval is bound to it."""
        body = [
            self.host,
            self.remedy,
            self.slots,
            [[s.line, s.stdin, s.timeout_s, s.undo, s.feeds] for s in self.steps],
            self.backups,
        ]
        return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Action:
    """One step of a plan as the gate sees it, identified for ever. `index` is the step's place in its plan."""

    id: str
    case: str
    host: str
    step: Step
    plan_hash: str
    index: int


@dataclass(frozen=True, slots=True)
class ActionRecord:
    """What is told of an action: what ran, what it could do, how it ended."""

    id: str
    command: str
    host: str
    effect_class: EffectClass
    effects: tuple[str, ...]
    reversible: bool
    outcome: Outcome
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Completed:
    """How a line ended on a host.

    `rc` None: it could not be started or its end was not seen; `killed`: a limit, of time or of output, ended it; `signal`: the
    name of the signal that ended it (`KILL`), when one did.
    """

    line: str
    rc: int | None
    stdout: bytes
    stderr: bytes
    seconds: float
    truncated: bool = False
    killed: bool = False
    signal: str | None = None

    def text(self) -> str:
        """Return standard output as text; bytes that are no UTF-8 are replaced."""
        return self.stdout.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Backup:
    """What was saved before an intervention. `items` are (what, artefact id); `id` is what `vigie backup restore` takes."""

    id: str
    case: str
    host: str
    taken_at: datetime
    items: tuple[tuple[str, str], ...]
