"""`ps`: the process at the head of the table."""

from vigie.reasoning.answers.answer import ROWS_MAX, Answer, Said, columns

# The first of the two columns is what the table is ordered by.
_BY = {"%MEM": "memory", "%CPU": "cpu"}


class Processes(Answer):
    """Reads a table of processes by the names of its columns."""

    name = "processes"

    def read(self, text: str, rc: int | None) -> Said | None:
        """Say which process comes first."""
        lines = [line for line in text.splitlines() if line.strip()]
        head = lines[0].split() if lines else []
        if "PID" not in head or not {"COMMAND", "CMD"} & set(head):
            return None
        rows = [dict(zip(head, columns(line, len(head)), strict=False)) for line in lines[1:]]
        named = [
            (
                row.get("PID", ""),
                row.get("USER", ""),
                row.get("%CPU", ""),
                row.get("%MEM", ""),
                row.get("COMMAND", row.get("CMD", ""))[:80],
            )
            for row in rows
        ]
        if not named:
            return Said("none")
        pid, user, cpu, memory, command = named[0]
        key = next((_BY[title] for title in head if title in _BY), "listed")
        values = {
            "pid": pid,
            "user": user,
            "cpu": cpu,
            "memory": memory,
            "command": _program(command),
            "count": len(named),
        }
        return Said(key if len(named) > 1 else "one", values, ("pid", "user", "cpu", "memory", "command"), named[:ROWS_MAX])


def _program(command: str) -> str:
    """Return the name of the program alone; what the kernel shows in brackets is one already."""
    word = next(iter(command.split()), "?")
    return word if word.startswith("[") else word.rstrip("/").rpartition("/")[2] or word
