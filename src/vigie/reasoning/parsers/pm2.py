"""`pm2 jlist`: one JSON list of everything PM2 runs."""

import json
from collections.abc import Iterator

from vigie.reasoning.parsers.parser import Output, Parser, Seen
from vigie.reasoning.services import Definition, Service

_STATES = {"online": "running", "stopped": "stopped", "errored": "failed", "launching": "starting", "stopping": "stopping"}
_STATES["waiting restart"] = "backoff"


class Pm2(Parser):
    """Reads the processes of PM2."""

    name = "pm2"

    def parse(self, output: Output) -> Iterator[Seen]:
        """Yield the services, or with the option `verb: definition` how the asked one is told to run."""
        for process in _list(output.text):
            own = process.get("pm2_env")
            name = process.get("name")
            if not isinstance(own, dict) or not isinstance(name, str):
                continue
            if output.options.get("verb") != "definition":
                yield from _service(name, process, own, output.now.timestamp()).seen()
            elif name == output.slots.get("service"):
                yield from _definition(name, own).seen()


def _list(text: str) -> list[dict[str, object]]:
    start = text.find("[")
    try:
        read = json.loads(text[start:]) if start >= 0 else []
    except (ValueError, RecursionError):
        return []
    return [item for item in read if isinstance(item, dict)] if isinstance(read, list) else []


def _service(name: str, process: dict[str, object], own: dict[str, object], now_s: float) -> Service:
    state = _STATES.get(str(own.get("status")), "unknown")
    pid, restarts, since_ms = process.get("pid"), own.get("restart_time"), own.get("pm_uptime")
    running = state == "running" and isinstance(since_ms, int | float)
    return Service(
        name=name,
        state=state,
        manager="pm2",
        excerpt=f"{name}: {own.get('status')}, pid {pid}, restarts {restarts}",
        pid=pid if isinstance(pid, int) and pid else None,
        uptime_s=max(0.0, now_s - float(str(since_ms)) / 1000) if running else None,
        restarts=restarts if isinstance(restarts, int) else None,
    )


def _definition(name: str, own: dict[str, object]) -> Definition:
    arguments = own.get("args")
    words = [str(own.get("pm_exec_path", "")), *(str(word) for word in (arguments if isinstance(arguments, list) else []))]
    return Definition(
        name=name,
        excerpt=f"{name}: {' '.join(words)} in {own.get('pm_cwd')}",
        command=" ".join(words).strip(),
        folder=str(own.get("pm_cwd") or ""),
        user=str(own.get("username") or ""),
        log=str(own.get("pm_out_log_path") or ""),
        error_log=str(own.get("pm_err_log_path") or ""),
        autorestart=own.get("autorestart") is not False,
    )
