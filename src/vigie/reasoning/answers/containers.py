"""`docker ps`: how many containers, and which are not well."""

import re

from vigie.reasoning.answers.answer import ROWS_MAX, Answer, Said


class Containers(Answer):
    """Reads the table of containers by the places of its columns."""

    name = "containers"

    def read(self, text: str, rc: int | None) -> Said | None:
        """Say how many there are and how many are ill."""
        lines = text.splitlines()
        if not lines or not lines[0].startswith("CONTAINER ID"):
            return None
        cells = [re.split(r"\s{2,}", line.strip()) for line in lines[1:] if line.strip()]
        rows = [
            (row[-1], row[1], next((cell for cell in row if re.match(r"Up|Exited|Created|Restarting|Paused|Dead", cell)), "?"))
            for row in cells
            if len(row) > 3
        ]
        if not rows:
            return Said("none")
        ill = [name for name, _, state in rows if not state.startswith("Up") or "unhealthy" in state]
        head = ("name", "image", "state")
        if ill:
            return Said("ill", {"count": len(rows), "ill": len(ill), "names": ", ".join(ill[:5])}, head, rows[:ROWS_MAX])
        return Said("well", {"count": len(rows)}, head, rows[:ROWS_MAX])
