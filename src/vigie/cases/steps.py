"""What a life asks of the engine that lives it, without the engine: `durable.py` keeps these promises."""

from collections.abc import Awaitable, Callable
from typing import Protocol


class Steps(Protocol):
    """Runs one named step of a life; a step that ended once gives its answer again instead of running again."""

    async def __call__(self, name: str, work: Callable[[], Awaitable[str]], /) -> str:
        """Run `work`, or return what it returned before the process died."""
        ...


class Life(Protocol):
    """A deterministic life: everything that can differ from run to run happens inside a step."""

    async def __call__(self, tenant: str, case: str, leg: int, steps: Steps, /) -> str:
        """Live one leg of a case and return how it ended."""
        ...
