"""One command about to be judged: its words, what flows into it, and where its effects are noted."""

from collections.abc import Sequence
from typing import Protocol

from vigie.domain.action import EffectClass
from vigie.policy.effects import DANGEROUS, FORBIDDEN, REVERSIBLE, SAFE, Effect
from vigie.policy.paths import normal
from vigie.policy.words import NO_TAINT, OUTSIDE, Flow, Word

EMPTY = Flow("", NO_TAINT)
FOREIGN = frozenset(("network", "decoded"))
# Said of what one command prints; what another makes of it is anything.
_OF_ONE = frozenset(("date", "names", OUTSIDE))


class Runner(Protocol):
    """What a command may ask of the walk: to judge another command, or text as shell."""

    cwd: str | None
    variables: dict[str, Word]
    secrets_at: set[str]
    links: dict[str, str]

    def note(self, effect: Effect) -> None:
        """Keep an effect."""
        ...

    def run(self, words: Sequence[Word], stdin: Flow) -> Flow:
        """Judge an argv; return what it prints."""
        ...

    def shell(self, text: str, stdin: Flow, *, same_shell: bool = False, given: Sequence[Word] = ()) -> Flow:
        """Judge text as shell; return what it prints."""
        ...

    def try_shell(self, text: str, stdin: Flow) -> None:
        """Judge text that may be run as shell; keep only what is forbidden."""
        ...

    def assign(self, name: str, value: Word, *, for_one: bool) -> None:
        """Judge an assignment; keep it unless it holds for one command only."""
        ...

    def flag(self, name: str) -> None:
        """Remember something of the line as a whole."""
        ...


class Call:
    """A command, its arguments and its standard input; `text` and `taint` become what it prints."""

    __slots__ = ("args", "like", "name", "runner", "stdin", "taint", "text")

    def __init__(self, runner: Runner, name: str, args: Sequence[Word], stdin: Flow) -> None:
        self.runner = runner
        self.name = name
        self.args = args
        self.stdin = stdin
        self.text: str | None = None
        self.like: tuple[Word, ...] = ()
        taint = stdin.taint
        for word in args:
            taint |= word.taint
        self.taint = taint - _OF_ONE

    def note(self, kind: str, what: str, level: EffectClass, why: str) -> None:
        """Keep an effect of this command."""
        self.runner.note(Effect(kind, what, level, why))

    def safe(self, kind: str, what: str = "", why: str = "reads") -> None:
        """Note an effect that only reads."""
        self.note(kind, what, SAFE, why)

    def change(self, kind: str, what: str = "", why: str = "undo_known") -> None:
        """Note an effect whose undo is known."""
        self.note(kind, what, REVERSIBLE, why)

    def danger(self, kind: str, what: str = "", why: str = "may_lose") -> None:
        """Note an effect by which something can be lost, or of which too little is known."""
        self.note(kind, what, DANGEROUS, why)

    def forbid(self, kind: str, what: str = "", why: str = "never") -> None:
        """Note an effect that is never allowed."""
        self.note(kind, what, FORBIDDEN, why)

    @property
    def flow(self) -> Flow:
        """Return what it prints."""
        return Flow(self.text, self.taint, self.like)

    def path(self, word: Word) -> str:
        """Return the normal path of a word, unknown parts included."""
        return normal(word.shape, self.runner.cwd)

    @property
    def shown(self) -> str:
        """Return the command for people, shortened."""
        text = " ".join((self.name, *(word.shown for word in self.args)))
        return text if len(text) <= 60 else text[:59] + "…"
