"""The places that services name in how they are started and in their settings, and as which account they go there."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from vigie.domain.fact import Fact, Value
from vigie.reasoning.derived import made
from vigie.reasoning.facts import Facts
from vigie.reasoning.house import House, tail, text_of, value_of
from vigie.reasoning.times import Times

_MOST = 14
_ACCOUNT = re.compile(r"(?:--reuid[= ]|runuser\s+-u\s+|chpst\s+-u\s+|gosu\s+|sudo\s+-u\s+)([a-z_][a-z0-9_-]*)")
# What everybody has, or may write in; only compared with, hence no trouble with a fixed name there.
_EVERYBODYS = ("/usr/", "/bin/", "/sbin/", "/lib", "/dev/", "/proc/", "/sys/", "/run/", "/tmp/", "/var/run/", "/boot/")  # noqa: S108
# Who reads a file by a guess from its place alone does not name what the file names.
_SURE_FROM = 0.5
_ROOT = "root"


def wanted(facts: Facts, house: House, _times: Times) -> Iterator[Fact]:
    """Yield `path.wanted` for each place that a service names: `{user, service, how: setting|start, file, key, line, suffix}`."""
    accounts = {
        tail(fact): (fact, account) for fact in facts.named("service.definition") if (account := _account(fact, facts, house))
    }
    for service, (definition, account) in accounts.items():
        told: dict[str, tuple[Fact, dict[str, Value]]] = {}
        for path, value, source in (*_by_settings(service, facts, house), *_by_start(definition, facts)):
            if path.count("/") > 1 and not path.startswith(_EVERYBODYS) and ".." not in path:
                told.setdefault(path, (source, value))
        for path, (source, value) in list(told.items())[:_MOST]:
            suffix = PurePosixPath(path).suffix
            yield made(
                "path.wanted",
                f"file:{path}",
                {"user": account, "service": service, "suffix": suffix, **value},
                (source, definition),
            )


def _account(definition: Fact, facts: Facts, house: House) -> str:
    """Return the account that a service's processes run as, root apart; of one that does not run, the one it is started for."""
    running = {
        text_of(fact, "user")
        for fact in facts.named("process.state")
        if (owner := house.service_of(_pid(fact))) is not None and owner.subject == definition.subject
    }
    running -= {_ROOT, ""}
    if len(running) == 1:
        return running.pop()
    if running:
        return ""
    scripts = facts.about("service.script", definition.subject)
    told = [text_of(one, "user") for one in scripts] + [text_of(definition, "user")]
    told += [found[1] for one in (*scripts, definition) if (found := _ACCOUNT.search(text_of(one, "command")))]
    named = {one for one in told if one and one != _ROOT}
    return named.pop() if len(named) == 1 else ""


def _pid(fact: Fact) -> int | None:
    return int(tail(fact)) if tail(fact).isdigit() else None


def _by_settings(service: str, facts: Facts, house: House) -> Iterator[tuple[str, dict[str, Value], Fact]]:
    for use in house.used:
        score = value_of(use, "score")
        if text_of(use, "service") != service or not isinstance(score, int | float) or score < _SURE_FROM:
            continue
        for fact in facts.about("file.setting", use.subject):
            path = text_of(fact, "value").split(maxsplit=1)[:1]
            if path and path[0].startswith("/"):
                value = {"how": "setting", "file": tail(fact), "key": text_of(fact, "key"), "line": value_of(fact, "line")}
                yield path[0].rstrip("/;"), value, fact


def _by_start(definition: Fact, facts: Facts) -> Iterator[tuple[str, dict[str, Value], Fact]]:
    """Yield what the command and the code name; what is not there first, since it is named and looked for all the same."""
    for fact in facts.about("service.script", definition.subject):
        for name in ("gone", "files"):
            listed = value_of(fact, name)
            for path in listed if isinstance(listed, list) else ():
                yield str(path).rstrip("/"), {"how": "start"}, fact
        yield text_of(fact, "folder").rstrip("/"), {"how": "start"}, fact
    yield text_of(definition, "folder").rstrip("/"), {"how": "start"}, definition
