"""A yes-or-no question to the person at the terminal; nobody there means no."""

import asyncio
import sys

from vigie.interfaces.cli.frame import Session


async def confirm(session: Session, question: str) -> bool:
    """Ask, and wait for the answer; without a terminal the answer is no."""
    if not can_ask():
        return False
    yes = session.output.text("cli.ask.yes").casefold()
    session.output.note(f"{question} [{session.output.text('cli.ask.choices')}] ")
    answer = await asyncio.to_thread(sys.stdin.readline)
    return answer.strip().casefold() in (yes, yes[:1])


def can_ask() -> bool:
    """Say whether somebody sits at a terminal."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()
