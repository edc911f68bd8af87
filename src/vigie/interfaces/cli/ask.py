"""A yes-or-no question to the person at the terminal; nobody there means no."""

import asyncio
import sys

from vigie.interfaces.cli.frame import Session


async def confirm(session: Session, question: str) -> bool:
    """Ask, and wait for the answer; without a terminal the answer is no. May be cancelled."""
    if not can_ask():
        return False
    yes = session.output.text("cli.ask.yes").casefold()
    session.output.note(f"{question} [{session.output.text('cli.ask.choices')}] ")
    return (await _line()).strip().casefold() in (yes, yes[:1])


def can_ask() -> bool:
    """Say whether somebody sits at a terminal."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


async def _line() -> str:
    """Read a line when there is one, so that the wait can be given up."""
    loop = asyncio.get_running_loop()
    typed: asyncio.Future[str] = loop.create_future()

    def read() -> None:
        if not typed.done():
            typed.set_result(sys.stdin.readline())

    loop.add_reader(sys.stdin.fileno(), read)
    try:
        return await typed
    finally:
        loop.remove_reader(sys.stdin.fileno())
