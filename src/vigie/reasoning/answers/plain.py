"""Answers for any output: a value, a list, a text, a folder's weight, a test that passed or not."""

from vigie.reasoning.answers.answer import ROWS_MAX, Answer, Said

_VALUE = 200


class Value(Answer):
    """One value, or a few lines of them."""

    name = "value"

    def read(self, text: str, rc: int | None) -> Said | None:
        """Say the first line."""
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        if not lines:
            return Said("none")
        return Said("one" if len(lines) == 1 else "several", {"value": lines[0][:_VALUE], "count": len(lines)})


class Rows(Answer):
    """A list."""

    name = "rows"

    def read(self, text: str, rc: int | None) -> Said | None:
        """Say how many lines there are."""
        count = sum(1 for line in text.splitlines() if line.strip())
        return Said("none" if not count else "one" if count == 1 else "some", {"count": count})


class Du(Answer):
    """What weighs most."""

    name = "du"

    def read(self, text: str, rc: int | None) -> Said | None:
        """Say what weighs most, or what the only one weighs."""
        rows = [(words[1].strip(), words[0]) for line in text.splitlines() if len(words := line.split(None, 1)) == 2]
        if not rows:
            return None
        if len(rows) == 1:
            return Said("one", {"path": rows[0][0], "size": rows[0][1]})
        # The first is the folder itself, the sum of the others.
        largest = rows[1]
        return Said(
            "many",
            {"path": largest[0], "size": largest[1], "total": rows[0][1], "of": rows[0][0]},
            ("path", "size"),
            rows[:ROWS_MAX],
        )


class Sizes(Answer):
    """Files by size, in bytes."""

    name = "sizes"

    def read(self, text: str, rc: int | None) -> Said | None:
        """Say which file is the biggest."""
        rows = [
            (words[1], int(words[0]))
            for line in text.splitlines()
            if len(words := line.split(None, 1)) == 2 and words[0].isdigit()
        ]
        if not rows:
            return Said("none")
        shown = [(path, human(size)) for path, size in rows[:ROWS_MAX]]
        return Said("many", {"path": shown[0][0], "size": shown[0][1], "count": len(rows)}, ("path", "size"), shown)


class Check(Answer):
    """A test of a configuration: its end tells."""

    name = "check"

    def read(self, text: str, rc: int | None) -> Said | None:
        """Say whether it passed."""
        last = next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")
        return Said("good" if rc == 0 else "bad", {"last": last[:_VALUE]})


def human(size: float) -> str:
    """Write a number of bytes as `ls -h` does."""
    for unit in ("B", "K", "M", "G", "T"):
        if size < 1024 or unit == "T":
            break
        size /= 1024
    return f"{size:.0f}{unit}" if size >= 10 or unit == "B" else f"{size:.1f}{unit}"
