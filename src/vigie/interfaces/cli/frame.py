"""What every command stands in: it is given a session, returns an answer, and its errors become words and exit codes."""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import typer

from vigie.domain.errors import VigieError
from vigie.interfaces.cli.output import Answer, Output
from vigie.interfaces.services import Launcher, Services

EXIT_INTERRUPTED = 130


class Interrupted(Exception):
    """The person at the terminal stopped the command."""


@dataclass(frozen=True)
class Session:
    """One run of the command line."""

    launcher: Launcher
    output: Output

    @asynccontextmanager
    async def services(self) -> AsyncIterator[Services]:
        """Open the home for the length of the command."""
        async with self.launcher.open() as services:
            yield services


Command = Callable[[Session], Awaitable[Answer | None]]


def run(context: typer.Context, command: Command) -> None:
    """Run a command's coroutine and write its answer, unless it has spoken for itself; typer is left with the exit code."""
    session: Session = context.obj
    answer = asyncio.run(_interruptible(command(session)))
    if answer is None:
        raise typer.Exit(0)
    session.output.answer(answer)
    raise typer.Exit(answer.code)


def run_plain(context: typer.Context, command: Callable[[Session], Answer]) -> None:
    """Run a command that waits for nothing."""
    session: Session = context.obj
    answer = command(session)
    session.output.answer(answer)
    raise typer.Exit(answer.code)


async def _interruptible(work: Awaitable[Answer | None]) -> Answer | None:
    """Let SIGTERM, or a terminal that closes, end a command as Ctrl-C does: what it holds is given back.

    What the caller ignores stays ignored: `nohup` means it.
    """
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, task.cancel)
    try:
        return await task
    except asyncio.CancelledError as error:
        raise Interrupted from error
    except BaseExceptionGroup as group:
        raise _first_known(group) from group


def _first_known(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the error that has words among those of a task group, else the group itself."""
    known, _ = group.split(VigieError)
    while isinstance(known, BaseExceptionGroup):
        known = known.exceptions[0]  # type: ignore[assignment]  # a group's member is a group or an error
    return known if known is not None else group
