"""Whose line it is: finds the slot in which a log names its services, from a sample of its lines.

Every slot that is nearly always filled, from few values, is a way to name the speakers; so are the files' names. That way is
taken whose marks are the surest and whose names the messages of the others mention most.
"""

import os.path
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from vigie.signals.diagnosis.envelopes import INSTANCE_FIELDS, SURE_FIELDS, Envelope

FILE = "file"
_PRIORS = {
    FILE: 0.0, "colon": 3.5, "bare": 2.0, "bracket": 2.0, "pipe": 2.0, "dash": 1.5, "angle": 1.0, "brace": 1.5, "paren": 0.5,
    "after": 0.4, "before": 0.6, "first": 0.4, "sure": 6.0, "weak": 2.0,
}  # fmt: skip
# Files of their own are a strong mark: that is how services are usually kept apart.
_OWN_FILES = 3.2
_COVERED = 0.75
_COVERED_FIELD = 0.5
_DISTINCT_MAX = 120
_MENTIONS_WEIGH = 4.0
_THREADISH = re.compile(
    r"(?i)(?:.*\b(?:thread|exec|pool|worker|executor|dispatcher|nio|reactor|scheduler|eventloop|goroutine|task"
    r"|conn(?:ection)?|req(?:uest)?|session|tx|txn|pid|tid)[-_# ]?[\w.-]*\d+.*|main|worker|thread)\Z"
)
_ID = re.compile(r"(?=.*\d)[0-9a-fA-F-]{6,}\Z|.*\d{4,}.*|[\d.:]+\Z")
_NAME = re.compile(r"[A-Za-z][\w.\-/@$ ]{0,80}\Z")
_POD = re.compile(r"-[0-9a-f]{6,10}-[a-z0-9]{5}\Z|-[a-z0-9]{8,10}-[bcdfghjklmnpqrstvwxz2456789]{5}\Z")
_ENDING = re.compile(
    r"(?i)(?:\.(?:log|txt|out|err|json|jsonl|ndjson|gz|bz2|xz|zst|\d{1,3})|[-_.]\d{4}-?\d{2}-?\d{2}(?:[-_T]\d+)*"
    r"|[-_.](?:stdout|stderr))+\Z"
)
_TOKEN = re.compile(r"[A-Za-z][\w\-]*(?:\.[\w\-]+)*")
_GENERIC = frozenset(
    [
        "log",
        "logs",
        "app",
        "application",
        "output",
        "console",
        "messages",
        "syslog",
        "service",
        "server",
        "system",
        "error",
        "access",
        "all",
        "combined",
        "haystack",
        "main",
    ]
)


@dataclass(slots=True)
class Way:
    """How one log names who speaks: the slot of the service, and the slot that tells its instances apart."""

    slot: str
    stem: str
    instances: str | None = None


@dataclass(slots=True)
class _Scheme:
    slot: str
    filled: int = 0
    values: Counter[str] = field(default_factory=Counter)
    next_words: dict[str, set[str]] = field(default_factory=dict)


def stem(path: str) -> str:
    """Return a log's name without folder, ending, date and rotation."""
    name = path.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return _ENDING.sub("", name) or name


def shown(value: str) -> str:
    """Return a speaker's name as people write it: without path, process number and the hash of a pod."""
    text = value.strip().strip("[]():\"'")
    text = re.sub(r"\[[^\]]*\]\Z", "", text)
    if "/" in text:
        text = text.rstrip("/").rpartition("/")[2]
    if text.count(".") >= 2 and re.fullmatch(r"[\w$]+(?:\.[\w$]+)+", text):
        text = text.rpartition(".")[2]
    text = re.sub(r"\.(?:service|exe)\Z", "", text)
    return _POD.sub("", text)[:80] or value[:80]


def ways(names: Sequence[str], samples: Sequence[Sequence[Envelope]]) -> list[Way]:
    """Return how each log names its speakers.

    Args:
        names: the logs' paths.
        samples: opened lines of each, in the same order.
    """
    stems = _stems(names)
    shorter = _without_prefix(stems)
    if shorter != stems:
        words = {token.lower() for sample in samples for envelope in sample for token in _tokens(envelope.message)}
        named, full = (sum(name.lower() in words for name in called) for called in (shorter, stems))
        stems = shorter if named > full else stems
    best = _best(stems, samples)
    found = []
    for name, sample in zip(stems, samples, strict=True):
        slot = best if best == FILE or _covered(sample, best) else _fallback(sample, several=len(names) > 1)
        found.append(Way(slot, name, _instances(sample, slot)))
    return found


def _stems(names: Sequence[str]) -> list[str]:
    stems = [stem(name) for name in names]
    if len(names) > 1 and len(set(stems)) == 1:  # one folder a service, the same name in each
        folders = [name.replace("\\", "/").rstrip("/").split("/")[-2:-1] for name in names]
        return [folder[0] if folder else own for folder, own in zip(folders, stems, strict=True)]
    return stems


def _without_prefix(stems: list[str]) -> list[str]:
    """Return names without the words that all of them begin with."""
    shared = os.path.commonprefix(stems)  # noqa: RUF071  # names are no paths
    cut = max(shared.rfind(mark) for mark in "-_.") + 1
    return [stem[cut:] or stem for stem in stems] if len(stems) > 1 else stems


def _best(stems: Sequence[str], samples: Sequence[Sequence[Envelope]]) -> str:
    spoken = [
        (envelope, stem) for stem, sample in zip(stems, samples, strict=True) for envelope in sample if not envelope.continues
    ]
    if not spoken:
        return FILE
    schemes: dict[str, _Scheme] = {FILE: _Scheme(FILE, len(spoken), Counter(stem for _, stem in spoken))}
    for envelope, _ in spoken:
        for slot, value in envelope.slots.items():
            if slot.removeprefix("field:") in INSTANCE_FIELDS:
                continue
            scheme = schemes.setdefault(slot, _Scheme(slot))
            scheme.filled += 1
            scheme.values[shown(value)] += 1
            if slot in ("after", "first"):
                scheme.next_words.setdefault(value, set()).add(" ".join(envelope.message.split()[1:2]))
    words = [(envelope, stem, {token.lower() for token in _tokens(envelope.message)}) for envelope, stem in spoken[:6000]]
    files = len(set(stems))
    scored = sorted(((_score(scheme, words, len(spoken), files), slot) for slot, scheme in schemes.items()), reverse=True)
    return scored[0][1]


def _tokens(message: str) -> Iterable[str]:
    for token in _TOKEN.findall(message):
        yield token
        if "." in token:
            yield token.partition(".")[0]


def _score(scheme: _Scheme, words: Sequence[tuple[Envelope, str, set[str]]], lines: int, files: int) -> float:
    kind = re.sub(r"\d+\Z", "", scheme.slot)
    name = scheme.slot.removeprefix("field:")
    is_field = scheme.slot.startswith("field:")
    prior = _PRIORS["sure" if name in SURE_FIELDS else "weak"] if is_field else _PRIORS[kind]
    if is_field and name in SURE_FIELDS:
        prior -= 0.15 * SURE_FIELDS.index(name)
    distinct = len(scheme.values)
    if scheme.slot == FILE:
        prior += _OWN_FILES if files > 1 else 0.0
        prior -= 1.5 if any(value.lower() in _GENERIC for value in scheme.values) else 0.0
    elif not _is_naming(scheme, lines, is_field=is_field):
        return -100.0
    elif distinct == 1 and not (is_field and name in SURE_FIELDS):
        prior -= 2.5 if kind != "colon" else 1.0
    if scheme.slot in ("after", "first") and not _is_followed_freely(scheme):
        return -100.0
    return prior + _MENTIONS_WEIGH * _mentioned(scheme, words)


def _is_naming(scheme: _Scheme, lines: int, *, is_field: bool) -> bool:
    distinct = len(scheme.values)
    if scheme.filled < lines * (_COVERED_FIELD if is_field else _COVERED):
        return False
    if distinct > _DISTINCT_MAX or (distinct > 3 and distinct > scheme.filled / 6):
        return False
    odd = sum(
        count for value, count in scheme.values.items() if _THREADISH.match(value) or _ID.match(value) or not _NAME.match(value)
    )
    return odd <= 0.3 * scheme.filled


def _is_followed_freely(scheme: _Scheme) -> bool:
    """Tell names from verbs: many different words follow a name, few follow a verb."""
    if len(scheme.values) < 2 or any(value[:1].isupper() for value in scheme.values):
        return False
    return sum(len(following) for following in scheme.next_words.values()) / len(scheme.next_words) >= 3.0


def _mentioned(scheme: _Scheme, words: Sequence[tuple[Envelope, str, set[str]]]) -> float:
    """Return how many of the names are mentioned by others' messages, as a share of the names."""
    names = {value.lower() for value in scheme.values if len(value) > 2}
    if len(names) < 2:
        return 0.0
    hit: set[str] = set()
    for envelope, own_stem, tokens in words:
        found = names & tokens
        if found:
            own = own_stem if scheme.slot == FILE else shown(envelope.slots.get(scheme.slot, ""))
            hit |= found - {own.lower()}
    return len(hit) / len(names)


def _covered(sample: Sequence[Envelope], slot: str) -> bool:
    spoken = [envelope for envelope in sample if not envelope.continues]
    return sum(slot in envelope.slots for envelope in spoken) >= _COVERED_FIELD * len(spoken)


def _fallback(sample: Sequence[Envelope], *, several: bool) -> str:
    """Return the way for a log of another format than the rest."""
    sure = next((f"field:{name}" for name in SURE_FIELDS if _covered(sample, f"field:{name}")), None)
    if sure is not None or several:
        return sure or FILE
    return "colon1" if _covered(sample, "colon1") else FILE


def _instances(sample: Sequence[Envelope], slot: str) -> str | None:
    """Return the slot that tells instances of a service apart: several values beside one service."""
    beside: dict[str, dict[str, set[str]]] = {}
    counts: Counter[str] = Counter()
    spoken = [envelope for envelope in sample if not envelope.continues]
    for envelope in spoken:
        speaker = envelope.slots.get(slot, "")
        for other, value in envelope.slots.items():
            if other != slot and not re.match(r"(?:colon|dash|after|first)", other):
                beside.setdefault(other, {}).setdefault(speaker, set()).add(value)
                counts[other] += 1
    good = []
    for other, by_speaker in beside.items():
        values = set().union(*by_speaker.values())
        is_field = other.removeprefix("field:") in INSTANCE_FIELDS
        like = sum(bool(re.search(r"[-_.]?\d+\Z|[-_][0-9a-z]{4,}\Z", value)) for value in values) >= 0.8 * len(values)
        if (
            counts[other] >= _COVERED_FIELD * len(spoken)
            and 2 <= len(values) <= 200
            and (is_field or (like and not any(map(_THREADISH.match, values))))
        ):
            good.append((is_field, -len(values), other))
    return max(good)[2] if good else None
