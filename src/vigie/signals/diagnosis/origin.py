"""Where an incident began: who fails of itself, whom the others complain of, and who only suffers."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from vigie.signals.diagnosis.bonds import Bonds
from vigie.signals.diagnosis.habits import Oddity
from vigie.signals.diagnosis.incident import Incident, is_odd, weight
from vigie.signals.diagnosis.names import Names
from vigie.signals.diagnosis.wording import DECISIVE, OTHERS, OWN

_LINES_READ = 12
_LINKED = 0.5
_UNLINKED = 0.12
_EXCUSE = 0.9
_LATE = 0.35
_CHANGED = 1.4
_TOLERANCE_S = 5.0
_TOLERANCE_SHARE = 0.05
_HOPS_MAX = 6
_BLAME_MIN = 0.15
_PLAIN = 8.0


@dataclass(slots=True)
class Share:
    """One service's part in an incident. `own` is trouble of itself, `blames` whom it complains of; weights."""

    name: str
    first_s: float
    oddities: list[Oddity] = field(default_factory=list)
    own: float = 0.0
    total: float = 0.0
    blames: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    score: float = 0.0
    stranger: bool = False


@dataclass(slots=True)
class Ruling:
    """Who began it, and who suffers, the first to suffer first."""

    origin: Share
    sufferers: list[Share]


Reader = Callable[[Sequence[int]], dict[int, str]]


def rule(
    incident: Incident,
    bonds: Bonds,
    names: Names,
    read: Reader,
    changed: dict[str, float],
    *,
    asked: frozenset[str] = frozenset(),
) -> Ruling:
    """Say who began an incident.

    Args:
        incident: with at least one oddity.
        bonds: who depends on whom in ordinary times.
        names: the services by name.
        read: gives the text of lines by their index.
        changed: services that were changed shortly before, and when, in seconds.
        asked: services that the question names: whom they blame counts more.
    """
    shares = _shares(incident, names, read)
    for later, first in bonds.first_ill:
        if later in shares and first in shares:
            votes, against = bonds.first_ill[later, first], bonds.first_ill[first, later]
            if votes > 2 * against:
                shares[later].blames[first] += min(votes, 20) / 40 * max(1.0, shares[later].total)
    for share in shares.values():
        share.score = _score(share, shares, bonds, incident, changed, asked)
    origin = max(shares.values(), key=lambda share: (share.score, -share.first_s))
    hurt = [
        share
        for share in shares.values()
        if share is not origin and not share.stranger and _is_hurt(share, origin, shares, bonds)
    ]
    return Ruling(origin, sorted(hurt, key=lambda share: share.first_s))


def _shares(incident: Incident, names: Names, read: Reader) -> dict[str, Share]:
    shares: dict[str, Share] = {}
    for oddity in incident.oddities:
        name = oddity.saying.service
        share = shares.setdefault(name, Share(name, oddity.first_s))
        share.first_s = min(share.first_s, oddity.first_s)
        share.oddities.append(oddity)
    for share in list(shares.values()):
        for oddity in share.oddities:
            _weigh(share, oddity, names, read)
    blamed: dict[str, list[Share]] = defaultdict(list)
    for share in shares.values():
        for name, amount in share.blames.items():
            if amount >= _BLAME_MIN * share.total:
                blamed[name].append(share)
    for name, by in blamed.items():
        if name not in shares:
            first = min(share.first_s for share in by)
            shares[name] = Share(name, first, stranger=True)
    return shares


def _weigh(share: Share, oddity: Oddity, names: Names, read: Reader) -> None:
    """Divide what an oddity weighs between the service's own trouble and those whom it complains of."""
    amount = max(0.5, weight(oddity))
    sorts = oddity.saying.sorts
    share.total += amount
    pointed: dict[str, float] = defaultdict(float)
    step = max(1, len(oddity.indices) // _LINES_READ)
    picked = list(oddity.indices[::step])[: _LINES_READ + 2]
    for text in read(picked).values():
        seen: dict[str, float] = {}
        for mention in names.mentions(text, share.name):
            if not mention.incoming:
                seen[mention.name] = max(seen.get(mention.name, 0.0), mention.sure)
        for name, sure in seen.items():
            pointed[name] += sure / len(picked)
    blame = min(1.0, sum(pointed.values()))
    if sorts & DECISIVE or (sorts & OWN and not sorts & OTHERS):
        blame *= 0.25
    if oddity.kind == "silence":
        blame = 0.0
    for name, part in pointed.items():
        share.blames[name] += amount * blame * part / sum(pointed.values())
    own = amount * (1 - blame)
    # A complaint of others that names nobody is still no trouble of one's own.
    share.own += own * (0.35 if sorts & OTHERS and not sorts & OWN else 1.0) * (2.0 if sorts & DECISIVE else 1.0)


def _score(
    share: Share, shares: dict[str, Share], bonds: Bonds, incident: Incident, changed: dict[str, float], asked: frozenset[str]
) -> float:
    late = max(_TOLERANCE_S, _TOLERANCE_SHARE * (incident.last_s - incident.first_s))
    explained = 0.0
    for other in shares.values():
        if other is share or other.stranger:
            continue
        reach = _reach(other.name, share.name, shares, bonds)
        if reach == _UNLINKED and share.first_s > other.first_s:
            continue
        in_time = 1.0 if share.stranger or share.first_s <= other.first_s + late else _LATE if reach < 1 else 0.7
        explained += max(other.total, 1.0) * reach * in_time * (1.5 if other.name in asked else 1.0)
    credible = sum(
        amount for name, amount in share.blames.items() if name in shares and _is_credible(shares[name], share, shares)
    )
    excused = min(1.0, credible / share.total) if share.total else 0.0
    scored = (explained + share.own) * (1 - _EXCUSE * excused)
    when = changed.get(share.name)
    return scored * (_CHANGED if when is not None and when <= share.first_s + late else 1.0)


def _is_credible(blamed: Share, by: Share, shares: dict[str, Share]) -> bool:
    """Say whether a complaint of somebody may be believed: unless the two blame each other, and the other has more reason."""
    back = blamed.blames.get(by.name, 0.0)
    return blamed.stranger or back <= 0.5 * by.blames[blamed.name] or blamed.own > by.own


def _reach(sufferer: str, source: str, shares: dict[str, Share], bonds: Bonds) -> float:
    """Return how surely the trouble of one follows from another's: by complaints, by dependence, or merely by time."""
    seen, ring = {sufferer}, [sufferer]
    for hop in range(_HOPS_MAX):
        following = []
        for name in ring:
            share = shares.get(name)
            for blamed, amount in share.blames.items() if share else ():
                if share is not None and blamed not in seen and amount >= _BLAME_MIN * share.total:
                    if blamed == source:
                        return 1.0 - 0.05 * hop
                    seen.add(blamed)
                    following.append(blamed)
        ring = following
    if bonds.calls[sufferer, source] > 2 * bonds.calls[source, sufferer]:
        return _LINKED
    if bonds.together[frozenset((sufferer, source))] >= 3:
        return _LINKED / 2
    return _UNLINKED


def _is_hurt(share: Share, origin: Share, shares: dict[str, Share], bonds: Bonds) -> bool:
    """Say whether a service suffers from the origin: it complains of it, or it plainly began to fail with it."""
    reach = _reach(share.name, origin.name, shares, bonds)
    if reach > _LINKED:
        return True
    plain = any(map(is_odd, share.oddities))
    return plain and (reach > _UNLINKED or (share.first_s >= origin.first_s - _TOLERANCE_S and share.total >= _PLAIN))
