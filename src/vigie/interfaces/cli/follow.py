"""Shows a case while it is worked: a moving view on a terminal, a line a happening elsewhere; always on the error stream."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext, suppress
from typing import TYPE_CHECKING

from vigie.domain.happening import Happening
from vigie.i18n import Language
from vigie.interfaces.cli.frame import Session
from vigie.interfaces.cli.output import safe
from vigie.interfaces.happening_text import sentence
from vigie.interfaces.services import Services

if TYPE_CHECKING:
    from rich.text import Text

_WAIT_S = 1.0
# Rows that are details of the row after them: on a terminal they pass in the moving line, elsewhere they are left out.
_QUIET = frozenset(
    (
        "host.read",
        "host.fetched",
        "action.intent",
        "backup.reading",
        "backup.read_back",
        "backup.taken",
        "case.looked",
        "case.odds",
    )
)


@asynccontextmanager
async def following(session: Session, services: Services, case_id: str, *, after: int | None = None) -> AsyncIterator[None]:
    """Tell what happens in the case while the block runs, and the last rows when it ends.

    `after` is the last row that the person knows already; by default they know none.
    """
    if after is None:
        first = await services.store.journal.read(0, case=case_id, limit=1)
        after = first[0].seq - 1 if first else 0
    teller = _Teller(session, services, case_id, after)
    with teller.view():
        task = asyncio.create_task(teller.run())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            await teller.tell_new()


def line_of(happening: Happening, language: Language) -> "Text":
    """Return a happening as one line of a live view."""
    from rich.text import Text

    who = happening.actor.partition(":")[2] or happening.actor
    words = safe(sentence(happening, language))
    return Text.assemble((f"{happening.at.astimezone():%H:%M:%S} ", "dim"), (f"{who:<14} ", "cyan"), words)


def is_told(happening: Happening) -> bool:
    """Say whether a person who follows a case needs the row: a read or an intent is a detail of the row after it."""
    return happening.kind not in _QUIET


class _Teller:
    def __init__(self, session: Session, services: Services, case_id: str, after: int) -> None:
        self._session = session
        self._journal = services.store.journal
        self._case = case_id
        self._after = after
        self._console = session.output.console(stderr=True)
        self._status = self._console.status("") if session.output.is_live else None

    def view(self) -> AbstractContextManager[object]:
        """Return the moving part of the view, nothing when there is no terminal."""
        if self._status is None:
            return nullcontext()
        self._status.update(self._session.output.text("cli.follow.working", case=self._case))
        return self._status

    async def run(self) -> None:
        """Tell rows as they come, until cancelled."""
        while True:
            await self.tell_new()
            await self._journal.wait(self._after, _WAIT_S)

    async def tell_new(self) -> None:
        """Tell the rows that have come since the last time; those of other cases are only passed."""
        while page := await self._journal.read(self._after):
            for happening in page:
                self._after = happening.seq
                if happening.case == self._case:
                    self._tell(happening)

    def _tell(self, happening: Happening) -> None:
        if is_told(happening):
            self._console.print(line_of(happening, self._session.output.language))
        elif self._status is not None:
            self._status.update(line_of(happening, self._session.output.language))
