"""Which services read a file, worked out from how they are started and where, and from what their launching script names."""

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from vigie.domain.fact import Fact, Value
from vigie.reasoning import trouble
from vigie.reasoning.derived import made
from vigie.reasoning.facts import Facts
from vigie.reasoning.house import House, tail, text_of, value_of
from vigie.reasoning.times import Times, instant

SETTINGS = frozenset((".ini", ".conf", ".cfg", ".cnf", ".yaml", ".yml", ".toml", ".json", ".env", ".properties", ".xml"))
_CHANGED = ("deploy.current", "change.setting", "change.file", "change.link", "change.mode")
_FILES_TIMES_SERVICES_MAX = 20_000
_NEAR_DEPTH = 2
# Surer than the neighbourhood of a path, not as sure as a command line that names it.
_BY_SETTING = 0.79
# Who is told of a file on the command line reads it no more surely than who names it in the program.
_AS_SURE = 0.06
# Programs that read the folder of /etc that is called as they are.
_HAS_A_FOLDER = frozenset(("nginx", "apache2", "httpd", "haproxy", "caddy", "lighttpd", "varnishd", "redis", "mysql"))
_EVERYBODYS = frozenset(("/usr/bin", "/usr/sbin", "/bin", "/sbin", "/usr/local/bin", "/etc", "/tmp", "/var/log"))  # noqa: S108


def files(facts: Facts, house: House, times: Times) -> Iterator[Fact]:
    """Yield `file.used_by` for files with settings or changes: the surest services, those in trouble or with the change first."""
    definitions = facts.named("service.definition")
    scripts = {fact.subject: fact for fact in facts.named("service.script")}
    named = _named_in_settings(facts)
    ill = {service for service, _, _ in trouble.seen(facts, house, times)}
    for path, fact in _paths(facts, len(definitions)).items():
        scored = [(*_use_of(path, definition, scripts.get(definition.subject)), definition) for definition in definitions]
        scored += [(_BY_SETTING, "setting", definition) for definition in _told_by_setting(path, named, definitions, scripts)]
        surest = max((score for score, _, _ in scored), default=0.0)
        took = house.started_since(instant(value_of(fact, "at")))
        sure = [one for one in scored if one[0] > max(0.0, surest - _AS_SURE)]
        best = {one[2].subject: one for one in sorted(sure, key=lambda one: one[0])}.values()
        order = sorted(best, key=lambda one: (tail(one[2]) not in ill, tail(one[2]) not in took, -one[0], one[2].subject))
        for score, how, definition in order:
            value: dict[str, Value] = {
                "service": tail(definition),
                "how": how,
                "score": score,
                "took_in": tail(definition) in took,
                # Programs that read every file of a folder leave out those that begin with a dot.
                "aside": str(PurePosixPath(path).with_name(f".{PurePosixPath(path).name}.vigie-aside")),
            }
            fresh = made("file.used_by", f"file:{path}", value, (definition, fact))
            house.used.append(fresh)
            yield fresh


def _named_in_settings(facts: Facts) -> dict[str, set[str]]:
    """Return the places that settings name, each with the files that name it."""
    found: dict[str, set[str]] = {}
    for fact in facts.named("file.setting"):
        value = text_of(fact, "value").strip("\"';")
        if value.startswith("/") and value.count("/") > 1 and not re.search(r"\s", value):
            found.setdefault(value.rstrip("/"), set()).add(tail(fact))
    return found


def _told_by_setting(
    path: str, named: Mapping[str, set[str]], definitions: Sequence[Fact], scripts: Mapping[str, Fact]
) -> list[Fact]:
    """Return the services whose settings name a path, what it lies in, or what is reached through it."""
    by = {
        file
        for place, files in named.items()
        if f"{path}/".startswith(f"{place}/") or place.startswith(f"{path}/")
        for file in files
    }
    by.discard(path)
    scored = [(max((_use_of(file, one, scripts.get(one.subject))[0] for file in by), default=0.0), one) for one in definitions]
    surest = max((score for score, _ in scored), default=0.0)
    return [one for score, one in scored if score == surest > 0.0]


def changed(facts: Facts, house: House, _times: Times) -> Iterator[Fact]:
    """Yield `service.changed`: what is not as it was of what a service reads; `program`: it is started with it."""
    started = {(fact.subject, text_of(fact, "script") or text_of(fact, "program")) for fact in facts.named("service.script")}
    started |= {(fact.subject, text_of(fact, "program")) for fact in facts.named("service.definition")}
    for use in house.used:
        subject = f"service:{text_of(use, 'service')}"
        for name in ("change.file", "change.setting", "change.mode", "change.link"):
            for fact in facts.about(name, use.subject):
                kind = name.partition(".")[2]
                value: dict[str, Value] = {"path": tail(use), "kind": kind, "program": (subject, tail(use)) in started}
                yield made("service.changed", subject, value, (fact, use))


def folders(facts: Facts) -> Iterator[Fact]:
    """Yield `folder.config`: where the settings of services are, by what they are started with."""
    for fact in facts.named("service.definition"):
        words = re.split(r"[\s='\",]+", text_of(fact, "command"))[1:]
        told = [word for word in words if word.startswith("/") and PurePosixPath(word).suffix in SETTINGS]
        for word in told:
            yield made("folder.config", f"folder:{PurePosixPath(word).parent}", {"why": "named"}, (fact,))
        program = PurePosixPath(text_of(fact, "program")).name
        # One that is told which file to read does not read those of its usual folder.
        if program in _HAS_A_FOLDER and not told:
            yield made("folder.config", f"folder:/etc/{program}", {"why": "program"}, (fact,))
    for fact in (*facts.named("service.definition"), *facts.named("service.script")):
        named = value_of(fact, "files" if fact.name == "service.script" else "sources")
        for path in named if isinstance(named, list) else ():
            place = PurePosixPath(str(path))
            if place.suffix in SETTINGS and str(place.parent) not in _EVERYBODYS:
                yield made("folder.config", f"folder:{place.parent}", {"why": "script"}, (fact,))


def _paths(facts: Facts, services: int) -> dict[str, Fact]:
    changed = {text_of(fact, "named_in"): fact for fact in facts.named("key.mismatch")}
    changed |= {tail(fact): fact for name in _CHANGED for fact in facts.named(name)}
    with_settings = {tail(fact): fact for fact in facts.named("file.setting")}
    if (len(changed) + len(with_settings)) * services > _FILES_TIMES_SERVICES_MAX:
        return changed
    return {**with_settings, **changed}


def _use_of(path: str, definition: Fact, script: Fact | None) -> tuple[float, str]:
    program = PurePosixPath(text_of(definition, "program")).name
    told = _use(
        path,
        tail(definition),
        program,
        text_of(definition, "command"),
        text_of(definition, "folder"),
        text_of(definition, "file"),
    )
    sources = value_of(definition, "sources")
    if isinstance(sources, list) and path in sources:
        told = max(told, (0.95, "script"))
    return max(told, _use_by(path, script)) if script is not None else told


def _use_by(path: str, script: Fact) -> tuple[float, str]:
    """Return how surely the program that starts a service, or the code it ends in, reads a file."""
    named = value_of(script, "files")
    files = [str(one) for one in named] if isinstance(named, list) else []
    if path in files or path == text_of(script, "script"):
        return 0.95, "script"
    folders = [one for one in (*files, text_of(script, "folder")) if one.count("/") > 1]
    inside = [len(one) for one in folders if path.startswith(f"{one.rstrip('/')}/")]
    if inside:
        return 0.7 + 0.001 * max(inside), "script_folder"
    if path.rpartition("/")[0] in {one.rpartition("/")[0] for one in files} - _EVERYBODYS:
        return 0.55, "beside_script"
    return 0.0, ""


@functools.lru_cache(maxsize=32_768)
def _use(path: str, service: str, program: str, command: str, folder: str, unit: str) -> tuple[float, str]:
    """Return how surely a service reads a file, and from what that is taken."""
    words = [word for word in re.split(r"[\s='\",:]+", command) if word.startswith("/") and word.count("/") > 1]
    if path in words or path == unit:
        return 1.0, "named"
    inside = [len(word) for word in words if path.startswith(f"{word.rstrip('/')}/")]
    if inside:
        return 0.8 + 0.001 * max(inside), "folder_named"
    parent = path.rpartition("/")[0]
    if parent in {word.rpartition("/")[0] for word in words} - _EVERYBODYS:
        return 0.75, "beside"
    if program in _HAS_A_FOLDER and path.startswith(f"/etc/{program}/"):
        return 0.75, "program_folder"
    home = folder.rstrip("/")
    if home.count("/") > 1 and f"{path}/".startswith(f"{home}/"):
        return 0.6 + 0.001 * len(home), "folder"
    parts = path.split("/")
    if ({service, program} - {""}) & {*parts[1:-1], parts[-1].partition(".")[0]}:
        return 0.5, "name"
    shared = _shared_depth(parts, home.split("/"))
    is_settings = "." + parts[-1].rpartition(".")[2] in SETTINGS
    return (0.1 + 0.01 * shared, "near") if is_settings and shared >= _NEAR_DEPTH else (0.0, "")


def _shared_depth(left: list[str], right: list[str]) -> int:
    depth = 0
    for one, two in zip(left[1:], right[1:], strict=False):
        if one != two:
            break
        depth += 1
    return depth
