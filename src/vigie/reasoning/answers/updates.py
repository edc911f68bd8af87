"""`apt list --upgradable` and its like: how many updates wait."""

from vigie.reasoning.answers.answer import ROWS_MAX, Answer, Said


class Updates(Answer):
    """Reads the lists of apt, dnf and apk."""

    name = "updates"

    def read(self, text: str, rc: int | None) -> Said | None:
        """Say how many updates wait, and how many are about security."""
        rows = []
        for line in text.splitlines():
            words = line.split()
            if "/" in line.split(" ")[0] and len(words) > 1:
                rows.append((words[0].partition("/")[0], words[1], "security" in words[0]))
            elif len(words) == 3 and words[0].count(".") and words[1][:1].isdigit():  # name.arch version repository
                rows.append((words[0].rpartition(".")[0], words[1], "security" in words[2]))
        if not rows:
            return Said("none")
        secure = sum(row[2] for row in rows)
        return Said(
            "some", {"count": len(rows), "security": secure}, ("package", "version"), [row[:2] for row in rows[:ROWS_MAX]]
        )
