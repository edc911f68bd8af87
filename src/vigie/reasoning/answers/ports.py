"""`ss -l`: who listens where."""

import re

from vigie.reasoning.answers.answer import ROWS_MAX, Answer, Said

_WHO = re.compile(r'\(\("([^"]+)",pid=(\d+)')


class Ports(Answer):
    """Reads the table of sockets."""

    name = "ports"

    def read(self, text: str, rc: int | None) -> Said | None:
        """Say how many listen, or who the only one is."""
        rows = []
        for line in text.splitlines():
            words = line.split()
            if len(words) < 5 or words[1] not in ("LISTEN", "UNCONN"):  # protocol state queues address
                continue
            who = _WHO.search(line)
            rows.append(
                (words[4].rpartition(":")[2], words[0], words[4].rpartition(":")[0], f"{who[1]} ({who[2]})" if who else "?")
            )
        if not rows:
            return Said("none") if "State" in text or not text.strip() else None
        rows = sorted(set(rows), key=lambda row: (not row[0].isdigit(), int(row[0]) if row[0].isdigit() else 0))
        names = {row[3] for row in rows}
        if len(names) == 1 and len({row[0] for row in rows}) == 1:
            return Said("one", {"port": rows[0][0], "who": rows[0][3]}, ("port", "protocol", "address", "process"), rows)
        ports = ", ".join(dict.fromkeys(row[0] for row in rows if row[0].isdigit()))
        return Said("many", {"count": len(rows), "ports": ports}, ("port", "protocol", "address", "process"), rows[:ROWS_MAX])
