"""What should not change unnoticed on a host: taken from facts while it is well, compared with fresh facts later.

`entries.py` says which facts are kept and what may change without anybody being told.
"""

import base64
import binascii
import hashlib
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from vigie.domain.baseline import Baseline, Change, Entry
from vigie.domain.fact import Fact, Source, Value
from vigie.domain.host import Host
from vigie.knowledge.library import Knowledge
from vigie.knowledge.models import Probe
from vigie.reasoning import entries, tellings
from vigie.reasoning.entries import GONE_WITH_THEIR_SOURCE, Recorded
from vigie.reasoning.probing import fact_id

DIFF_PROBE = "baseline.diff"
_CONTENT_MAX = 1024 * 1024
_TEXT_MAX = 120
_OF_SERVERS = frozenset(("index", "table", "object", "database_setting"))
_OF_FILES = frozenset(("file", "link", "folder", "mode", "flags", "acl"))


def survey(knowledge: Knowledge, host: Host) -> list[Probe]:
    """Return the probes that make a host's baseline; those with slots are read for each fact that their `each` finds.

    On a host with a focus only what looks at its folders counts: the machine around it is not the focus's.
    """
    wanted = {probe.name: probe for probe in knowledge.probes.values() if probe.baseline}
    if not host.focus:
        return list(wanted.values())
    near = {probe.name: probe for probe in wanted.values() if _looks_at_focus(probe)}
    while True:
        shown = {name for probe in near.values() for name in probe.yields}
        more = {name: probe for name, probe in wanted.items() if name not in near and probe.each and probe.each.fact in shown}
        if not more:
            return [probe for name, probe in wanted.items() if name in near]
        near |= more


def contents(facts: Sequence[Fact]) -> dict[str, bytes]:
    """Return the contents of files by path, from `file.content` facts; what is damaged is left out."""
    found: dict[str, bytes] = {}
    for fact in facts:
        if fact.name == "file.content" and isinstance(fact.value, dict):
            body = _unpacked(str(fact.value.get("packed", "")))
            if body is not None and hashlib.sha256(body).hexdigest() == fact.value.get("sha256"):
                found[fact.subject.removeprefix("file:")] = body
    return found


def baseline(
    host: str, facts: Sequence[Fact], at: datetime, *, kept: Mapping[str, str] | None = None, seconds: float = 0.0
) -> Baseline:
    """Return the state of a host.

    Args:
        host: its name.
        facts: what the probes of `survey` showed, with `file.content` in them.
        at: when they were read.
        kept: artefact ids by path, of the contents that were put into the store; by default the SHA-256 of each, which is what
            the store calls it.
        seconds: how long reading took.
    """
    bodies = contents(facts)
    names = kept if kept is not None else {path: hashlib.sha256(body).hexdigest() for path, body in bodies.items()}
    made = [
        Entry(item.kind, item.path, item.value, names.get(item.path) if item.kind == "file" else None)
        for item in entries.recorded(facts, bodies, at)
    ]
    return Baseline(host, at, tuple(sorted(made, key=lambda entry: (entry.kind, entry.path))), seconds)


def diff(former: Baseline, facts: Sequence[Fact], now: datetime) -> list[Change]:
    """Return what is no longer as in `former`, the latest change first and those without a time last.

    What could not be read now counts as unchanged.
    """
    present = {(item.kind, item.path): item for item in entries.recorded(facts, contents(facts), former.taken_at, fresh=True)}
    before = {(entry.kind, entry.path): entry for entry in former.entries}
    looked = entries.looked_at(facts)
    changes = [
        *_altered(before, present),
        *_gone(before, present, looked),
        *_new(before, present, former, looked),
    ]
    changes = [_reworded(change, changes, present) for change in changes]
    sane = [change if change.at is None or change.at <= now else replace(change, at=now) for change in _folded(changes, before)]
    return sorted(
        sane, key=lambda change: (change.at is None, -(change.at.timestamp() if change.at else 0), change.kind, change.path)
    )


def change_facts(changes: Sequence[Change], *, host: str = "", at: datetime | None = None) -> list[Fact]:
    """Return the changes as facts `change.KIND`, and the fact that they were looked for.

    Args:
        changes: what `diff` gave.
        host: the host's name.
        at: when they were looked for; by default the time of the latest of them.
    """
    when = at or max((change.at for change in changes if change.at is not None), default=_EPOCH)
    made = [_fact(change, host, when) for change in changes]
    ran: Value = {"slots": {}, "line": DIFF_PROBE, "facts": len(made)}
    subject = f"probe:{DIFF_PROBE}"
    made_id = fact_id(host, subject, "probe.ran", ran, when)
    return [*made, Fact(made_id, host, subject, "probe.ran", ran, when, Source(DIFF_PROBE), DIFF_PROBE)]


_EPOCH = datetime.fromtimestamp(0, UTC)


def _looks_at_focus(probe: Probe) -> bool:
    return (
        any("{focus*}" in variant.line or variant.line.startswith("@") for variant in probe.variants) or probe.name == "databases"
    )


def _unpacked(packed: str) -> bytes | None:
    try:
        return zlib.decompressobj().decompress(base64.b64decode(packed, validate=True), _CONTENT_MAX)
    except (binascii.Error, zlib.error, ValueError):
        return None


def _altered(before: Mapping[tuple[str, str], Entry], present: Mapping[tuple[str, str], Recorded]) -> Iterator[Change]:
    for key, entry in before.items():
        item = present.get(key)
        if item is not None and entries.differs(entry.kind, entry.value, item.value):
            yield Change(entry.kind, entry.path, entry.value, item.value, item.at, _content(entry, before))


def _reworded(change: Change, changes: Sequence[Change], present: Mapping[tuple[str, str], Recorded]) -> Change:
    """Mark a configuration file whose settings are all as they were: a comment was changed, or the order."""
    if change.kind != "file" or not isinstance(change.after, dict) or change.before is None:
        return change
    inside = f"{change.path}#"
    is_read = any(kind == "setting" and path.startswith(inside) for kind, path in present)
    is_other = any(other.kind == "setting" and other.path.startswith(inside) for other in changes)
    return replace(change, after={**change.after, "reworded": True}) if is_read and not is_other else change


def _gone(
    before: Mapping[tuple[str, str], Entry], present: Mapping[tuple[str, str], Recorded], looked: frozenset[str]
) -> Iterator[Change]:
    files = {path for kind, path in present if kind in {"mode", "file", "link"}}
    walked = {path.rpartition("/")[0] for path in files} | {path for kind, path in present if kind == "folder"}
    answering = {_holder(path) for kind, path in present if kind in _OF_SERVERS}
    for key, entry in before.items():
        if key in present or entry.kind not in looked or entry.kind in {"latency", "page"}:
            continue
        if entry.kind in _OF_FILES and entry.path.rpartition("/")[0] not in walked:
            continue  # nobody has been there this time: where a program lives is known by its processes
        if entry.kind in _OF_SERVERS and _holder(entry.path) not in answering:
            continue  # its server did not answer
        source = entries.source_of(entry.kind, entry.path)
        if entry.kind in GONE_WITH_THEIR_SOURCE and source not in files:
            continue  # its file is gone, which is told once
        if (
            entry.kind == "setting"
            and ("file", source) in present
            and not any(k == "setting" and p.startswith(f"{source}#") for k, p in present)
        ):
            continue  # the file could not be read as settings this time
        yield Change(entry.kind, entry.path, entry.value, None, _at_of(present, source), _content(entry, before))


def _holder(path: str) -> str:
    """Return the database or server that an entry was read from: `database:DB#…`, `DB/NAME`, `port:N#…`."""
    place, _, said = path.removeprefix("database:").partition("#")
    return place if said else place.rpartition("/")[0]


def _new(
    before: Mapping[tuple[str, str], Entry],
    present: Mapping[tuple[str, str], Recorded],
    former: Baseline,
    looked: frozenset[str],
) -> Iterator[Change]:
    kinds = {entry.kind for entry in former.entries}
    files = {path for kind, path in before if kind in {"file", "link", "mode"}}
    for key, item in present.items():
        if (
            key in before
            or item.data
            or item.kind in {"latency", "page"}
            or (item.kind not in kinds and item.kind in {"index", "table", "endpoint"})
        ):
            continue
        source = entries.source_of(item.kind, item.path)
        if item.kind in GONE_WITH_THEIR_SOURCE and source not in files:
            continue  # a new file's settings, mode: the file is told once
        if item.kind in looked:
            yield Change(item.kind, item.path, None, item.value, item.at)


def _folded(changes: Sequence[Change], before: Mapping[tuple[str, str], Entry]) -> Iterator[Change]:
    """Tell a folder that came or went as a whole once, instead of file by file."""
    known = {path for kind, path in before if kind == "folder"}
    whole = {change.path: change for change in changes if change.kind == "folder"}
    tops = {path for path in whole if not any(path.startswith(f"{other}/") for other in whole if other != path)}
    for change in changes:
        inside = next((top for top in tops if change.path.startswith(f"{top}/")), None)
        if (
            change.kind in {"file", "link", "folder", "mode", "setting"}
            and inside is not None
            and (inside not in known) == (change.before is None)
        ):
            continue
        yield change


def _content(entry: Entry, before: Mapping[tuple[str, str], Entry]) -> str | None:
    """Return the artefact with the former bytes of the file that an entry is about."""
    file = before.get(("file", entries.source_of(entry.kind, entry.path)))
    return file.content if file is not None else None


def _at_of(present: Mapping[tuple[str, str], Recorded], path: str) -> datetime | None:
    file = present.get(("file", path))
    return file.at if file is not None else None


def _fact(change: Change, host: str, when: datetime) -> Fact:
    subject, fields = tellings.told(change)
    at = change.at.isoformat().replace("+00:00", "Z") if change.at else None
    value: Value = {
        "before": entries.shown(change.kind, change.before),
        "after": entries.shown(change.kind, change.after),
        "at": at,
        "kind": change.kind,
        "content_before": change.content_before,
        **fields,
    }
    told = f"{change.path}: {_text(change, change.before)} → {_text(change, change.after)}"
    name = f"change.{change.kind}"
    made_id = fact_id(host, subject, name, value, when)
    return Fact(made_id, host, subject, name, value, when, Source(DIFF_PROBE, told[:400]), DIFF_PROBE)


def _text(change: Change, value: Value) -> str:
    said = entries.shown(change.kind, value)
    return "∅" if said is None else str(said)[:_TEXT_MAX]
