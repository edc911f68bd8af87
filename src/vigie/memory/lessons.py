"""What closed cases taught."""

from vigie.domain.lesson import Lesson
from vigie.memory.documents import from_text, to_text
from vigie.memory.schema import lessons
from vigie.memory.scope import Scope


class Lessons:
    """Each lesson by its id."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def save(self, lesson: Lesson) -> None:
        """Keep a lesson, or replace it."""
        columns = {"id": lesson.id, "host": lesson.host, "label": lesson.label, "worked": lesson.worked, "at": lesson.at}
        await self._scope.write(lambda rows: rows.put(lessons, **columns, doc=to_text(lesson)))

    async def list(self, host: str | None = None) -> "list[Lesson]":
        """Return the lessons of a host, or all, newest first."""
        where = () if host is None else (lessons.c.host == host,)
        rows = await self._scope.read(lambda rows: rows.all(lessons, *where, order=[lessons.c.at.desc(), lessons.c.id]))
        return [from_text(Lesson, row["doc"]) for row in rows]
