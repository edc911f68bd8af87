"""A database as the stores see it: whole transactions, run where the database lives. `sqlite.py` and `postgres.py` are it."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TypeAlias, TypeVar

from sqlalchemy import Connection

T = TypeVar("T")
# What is done within one transaction. It may be run again when the first try left nothing behind, so it must be pure of
# anything but the connection.
Work: TypeAlias = Callable[[Connection], T]


class Database(ABC):
    """One store of rows, used by any number of tasks, event loops and processes.

    A transaction that was begun is finished even if the task that asked for it is cancelled: it is never left half done.
    """

    @abstractmethod
    async def read(self, work: Work[T]) -> T:
        """Run `work` on one consistent view of the rows."""

    @abstractmethod
    async def write(self, work: Work[T]) -> T:
        """Run `work` as one durable change: everything it did is on the disk on return, or nothing is."""

    @abstractmethod
    async def check(self) -> list[str]:
        """Read everything and return what is damaged, as the database says it."""

    @abstractmethod
    async def close(self) -> None:
        """Finish what runs, and let go."""
