"""Limits that no program can live with, as the programs' complaints show: below what their makers set, zero, or no time."""

import math
import re
from collections.abc import Iterator, Mapping

from vigie.domain.fact import Fact, Value
from vigie.reasoning import means
from vigie.reasoning.derived import made
from vigie.reasoning.facts import Facts
from vigie.reasoning.house import House, tail, text_of, value_of
from vigie.reasoning.times import Times

# What the makers set where nobody says anything: sizes in bytes, and as they are written.
_MAKERS_SIZES: Mapping[str, tuple[int, str]] = {
    "client_max_body_size": (1 << 20, "1m"),
    "post_max_size": (8 << 20, "8M"),
    "upload_max_filesize": (2 << 20, "2M"),
    "limitrequestbody": (1 << 30, "1073741824"),
}
_TOO_LARGE = re.compile(r"too large body: (\d+) bytes|content-length of (\d+) bytes exceeds|body of (\d+) bytes", re.IGNORECASE)
_UNITS: Mapping[str, int] = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
_SIZE = re.compile(r"(\d+)\s*([kmg]?)b?", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\w.])\d+(?![\w.])")
# A request that failed is written before what it failed of.
_STATUS = re.compile(r"\s[45]\d\d\s")
# What every kernel gives a program that asks for nothing.
_FILES_USUAL = 1024
_NO_TIME_MS, _TIME_MS = 20, 5000
_TIME_KEY = re.compile(r"time_?out\w*_ms$", re.IGNORECASE)
_KEY_LEAST = 5


def absurd(facts: Facts, house: House, times: Times) -> Iterator[Fact]:
    """Yield `limit.absurd` `{service, key, line, old, new, thing, failure}`: it refuses what its service is asked for."""
    for fact in _complaints(facts, times):
        for service, _ in house.speakers(fact):
            for setting, new in _too_low(fact, service, facts, house):
                yield _of(setting, service, new, fact, house)
            if text_of(fact, "kind") == "too_many_files":
                yield from _of_files(service, fact, facts)


def _complaints(facts: Facts, times: Times) -> list[Fact]:
    told = (*facts.named("log.error"), *facts.named("log.failed_request"))
    return [fact for fact in told if times.recent(fact) and not facts.about("change.setting", fact.subject)]


def _too_low(fact: Fact, service: str, facts: Facts, house: House) -> Iterator[tuple[Fact, str]]:
    said = text_of(fact, "message") or text_of(fact, "example")
    for use in house.used:
        if text_of(use, "service") != service or facts.about("change.setting", use.subject):
            continue
        for setting in facts.about("file.setting", use.subject):
            new = _of_size(setting, said) or _of_nothing(setting, said) or _of_no_time(setting, fact)
            if new is not None:
                yield setting, new


def _of_size(setting: Fact, said: str) -> str | None:
    makers = _MAKERS_SIZES.get(text_of(setting, "key").lower())
    refused, now = _TOO_LARGE.search(said), _SIZE.fullmatch(text_of(setting, "value"))
    if makers is None or refused is None or now is None:
        return None
    asked = int(next(group for group in refused.groups() if group))
    return makers[1] if int(now[1]) * _UNITS[now[2].lower()] < asked <= makers[0] else None


def _of_nothing(setting: Fact, said: str) -> str | None:
    """A limit of zero that the complaint names: ten times what was refused, as a round number."""
    key = text_of(setting, "key")
    if text_of(setting, "value") != "0" or len(key) < _KEY_LEAST or not re.search(rf"\b{re.escape(key)}\W{{1,3}}0\b", said):
        return None
    asked = max((int(number) for number in _NUMBER.findall(_STATUS.split(said, maxsplit=1)[-1])), default=0)
    return str(10 ** math.ceil(math.log10(10 * asked))) if asked else None


def _of_no_time(setting: Fact, fact: Fact) -> str | None:
    value = text_of(setting, "value")
    if text_of(fact, "kind") != "timeout" or not _TIME_KEY.search(text_of(setting, "key")) or not value.isdigit():
        return None
    return str(_TIME_MS) if int(value) < _NO_TIME_MS else None


def _of_files(service: str, fact: Fact, facts: Facts) -> Iterator[Fact]:
    for script in facts.about("service.script", f"service:{service}"):
        limit, path = value_of(script, "files_limit"), text_of(script, "script")
        if isinstance(limit, int) and limit < _FILES_USUAL // 4 and path and not facts.about("change.file", f"file:{path}"):
            value: dict[str, Value] = {"service": service, "key": "ulimit -n", "line": value_of(script, "files_limit_line")}
            value |= {"thing": "files", "failure": "limit"}
            yield made("limit.absurd", f"file:{path}", {**value, "old": str(limit), "new": str(_FILES_USUAL)}, (script, fact))


def _of(setting: Fact, service: str, new: str, fact: Fact, house: House) -> Fact:
    key = text_of(setting, "key")
    thing, failure = means.filed_under(key, service, house)
    value: dict[str, Value] = {
        "service": service,
        "key": key,
        "line": value_of(setting, "line"),
        "thing": thing,
        "failure": failure,
    }
    return made("limit.absurd", f"file:{tail(setting)}", {**value, "old": text_of(setting, "value"), "new": new}, (setting, fact))
