"""`df`: the fullest disk first."""

from vigie.reasoning.answers.answer import ROWS_MAX, Answer, Said, columns, percent

_UNREAL = ("tmpfs", "devtmpfs", "udev", "overlay", "shm", "none", "efivarfs", "run", "/dev/loop")
_FULL = 85
_HIGH = 70


class Df(Answer):
    """Reads the table of disks, with or without the column of types."""

    name = "df"

    def read(self, text: str, rc: int | None) -> Said | None:
        """Say how full the fullest real disk is."""
        rows = []
        for line in text.splitlines():
            words = columns(line, 7)
            place = next((n for n, word in enumerate(words) if percent(word) is not None), None)
            if place is None or not 3 <= place < len(words) - 1 or words[0].startswith(_UNREAL):
                continue
            used = percent(words[place])
            assert used is not None
            rows.append((used, " ".join(words[place + 1 :]), words[place - 3], words[place - 1]))
        if not rows:
            return None
        rows.sort(key=lambda row: -row[0])
        used, mount, size, free = rows[0]
        key = "full" if used >= _FULL else "high" if used >= _HIGH else "fine"
        shown = [(mount, f"{used} %", size, free) for used, mount, size, free in rows[:ROWS_MAX]]
        return Said(key, {"mount": mount, "used": used, "free": free, "size": size}, ("mount", "used", "size", "free"), shown)
