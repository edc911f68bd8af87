"""Files by which a program says that it runs, left over from one that does not any more."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from vigie.domain.fact import Fact, Value
from vigie.reasoning.derived import made
from vigie.reasoning.facts import Facts
from vigie.reasoning.house import House, tail, text_of
from vigie.reasoning.times import Times

_EXISTS = re.compile(
    r"(?:lock|pid) ?file:? \"?(?P<one>[^\s\",;]+)\"?(?: \([^)]*\))? (?:already )?(?:exists|is locked|found)"
    r"|(?P<two>/[^\s\",;:]+\.(?:pid|lock)):? (?:already )?exists|already running[^/]{0,40}(?P<three>/[^\s\",;:)]+\.(?:pid|lock))",
    re.IGNORECASE,
)
_DATA_FOLDER = re.compile(r"(?:^|\s)(?:-D|--datadir|--data-dir|--dir|--pgdata)[ =]?(?P<folder>/\S+)")


def stale(facts: Facts, house: House, times: Times) -> Iterator[Fact]:
    """Yield `lockfile.stale` for each service that is kept from starting by such a file while none of its program runs."""
    running = {text_of(fact, "name") for fact in facts.named("process.state")}
    definitions = {fact.subject: fact for fact in facts.named("service.definition")}
    for error in house.derived.get("service.error", ()) if running else ():
        match = _EXISTS.search(text_of(error, "message")) if times.recent(error) else None
        definition = definitions.get(error.subject)
        if match is None or definition is None or tail(error) not in house.down():
            continue
        path = _path(match["one"] or match["two"] or match["three"], definition)
        process = PurePosixPath(text_of(definition, "program")).name
        if path is not None and process and process not in running:
            value: dict[str, Value] = {"service": tail(error), "path": path, "process": process}
            yield made("lockfile.stale", error.subject, value, (error, definition))


def _path(name: str, definition: Fact) -> str | None:
    if name.startswith("/"):
        return name
    told = _DATA_FOLDER.search(text_of(definition, "command"))
    base = told["folder"] if told is not None else text_of(definition, "folder")
    return f"{base.rstrip('/')}/{name}" if base.startswith("/") and "/" not in name else None
