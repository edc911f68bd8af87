"""`free`: what is left of memory and swap."""

import re

from vigie.reasoning.answers.answer import Answer, Said

_UNITS = {"": 1, "B": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}
_FULL = 0.1


class Free(Answer):
    """Reads the lines of memory and swap, in any unit."""

    name = "free"

    def read(self, text: str, rc: int | None) -> Said | None:
        """Say how much memory is available."""
        lines = {line.split(":")[0]: line.split()[1:] for line in text.splitlines() if ":" in line}
        memory = lines.get("Mem", [])
        if len(memory) < 6:  # total used free shared buff/cache available
            return None
        total, available = _bytes(memory[0]), _bytes(memory[5])
        if not total:
            return None
        # An output may be cut anywhere.
        swap = [*lines.get("Swap", []), "0", "0"]
        key = "full" if available / total < _FULL else "fine"
        values = {
            "total": memory[0],
            "available": memory[5],
            "used": round(100 * (1 - available / total)),
            "swap": swap[1],
            "swap_total": swap[0],
        }
        rows = [(name, *numbers[:3]) for name, numbers in lines.items() if len(numbers) >= 3]  # total used free
        return Said(key, values, ("kind", "size", "used", "free"), rows)


def _bytes(text: str) -> float:
    match = re.fullmatch(r"(\d+(?:[.,]\d+)?)([BKMGT]?)i?B?", text)
    return float(match[1].replace(",", ".")) * _UNITS[match[2]] if match else 0.0
