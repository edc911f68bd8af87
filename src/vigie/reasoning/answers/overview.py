"""The general look: load, memory, disks and failed services, one after the other."""

from vigie.reasoning.answers.answer import Answer, Said
from vigie.reasoning.answers.df import Df
from vigie.reasoning.answers.free import Free
from vigie.reasoning.answers.uptime import Uptime


class Overview(Answer):
    """Reads all of them from one output."""

    name = "overview"

    def read(self, text: str, rc: int | None) -> Said | None:
        """Say in one sentence how the host is."""
        disk, memory, load = Df().read(text, rc), Free().read(text, rc), Uptime().read(text, rc)
        failed = [line.split()[1] for line in text.splitlines() if line.startswith("●") and len(line.split()) > 1]
        if disk is None and memory is None and load is None:
            return None
        values = {
            "used": (disk.values["used"] if disk else "?"),
            "mount": (disk.values["mount"] if disk else "?"),
            "memory": (memory.values["used"] if memory else "?"),
            "load": (load.values["one"] if load else "?"),
            "failed": ", ".join(failed),
        }
        ill = bool(failed) or (disk is not None and disk.key == "full") or (memory is not None and memory.key == "full")
        return Said("failed" if failed else "ill" if ill else "fine", values)
