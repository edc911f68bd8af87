"""What a service's account lost of the places that the service names, told without knowing how they were.

What lies beside a thing, and what the service itself holds elsewhere, say how it should be. Where they do not agree, nothing is
told.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from vigie.domain.fact import Fact, Value
from vigie.reasoning.derived import made
from vigie.reasoning.facts import Facts
from vigie.reasoning.house import House, tail, text_of, value_of
from vigie.reasoning.settings import is_settings
from vigie.reasoning.times import Times

_OF_REFUSAL = frozenset(("permission", "read_only"))
_WAITING_LEAST, _FRESH_S = 20, 120.0
_DOWN = "stopped"
_NOTHING: Mapping[str, Value] = {}


def unusual(facts: Facts, house: House, times: Times) -> Iterator[Fact]:
    """Yield `access.unusual` for what is closed to a service's account and would not be, were it like what it belongs to.

    `{service, mode, owner, mode_now, owner_now, above, why}`; `above`: its folder, where that has to get the same owner.
    """
    told: set[str] = set()
    for fact, want in _reached(facts, house):
        if fact.subject in told or value_of(fact, "guarded") is not False or facts.about("change.mode", fact.subject):
            continue
        for found in _unusual_of(fact, want, facts, house, times):
            told.add(fact.subject)
            yield found


def _unusual_of(fact: Fact, want: Fact, facts: Facts, house: House, times: Times) -> Iterator[Fact]:
    if text_of(fact, "state") == "closed":
        owed = _owed_by_neighbours(fact)
        named = _spoken_of(tail(fact), text_of(want, "service"), facts, house, times)
        if owed and named is not None:
            yield _unusual(fact, text_of(want, "service"), *owed, "neighbours", (fact, want, named))
    elif text_of(fact, "state") == "open" and value_of(fact, "writes") is False:
        yield from _not_writable(fact, want, facts, house, times)


def _owed_by_neighbours(fact: Fact) -> tuple[str, str] | None:
    """Return mode and owner that it should have, the owner as it is where the mode alone opens it."""
    like, beside = value_of(fact, "like"), value_of(fact, "beside")
    if (
        value_of(fact, "usual_opens") is not True
        or not isinstance(like, int)
        or not isinstance(beside, int)
        or like * 2 <= beside
    ):
        return None
    mode, now = text_of(fact, "usual_mode"), text_of(fact, "mode")
    bits = 5 if text_of(fact, "kind") == "folder" else 4
    opened_to_all = int(mode, 8) & bits == bits and mode != now
    return mode, text_of(fact, "owner") if opened_to_all else text_of(fact, "usual_owner")


def _not_writable(fact: Fact, want: Fact, facts: Facts, house: House, times: Times) -> Iterator[Fact]:
    """Yield what a service keeps things in and cannot write to any more."""
    service, user, path = text_of(want, "service"), text_of(fact, "user"), tail(fact)
    if text_of(want, "how") != "setting" or is_settings(path) or not path.startswith(text_of(fact, "wanted")):
        return
    whose = {_user_of(text_of(fact, name)) for name in ("held_by", "usual_owner")}
    if whose == {user} and _user_of(text_of(fact, "owner")) != user:
        yield _unusual(fact, service, text_of(fact, "mode"), text_of(fact, "held_by"), "content", (fact, want))
        return
    refused = _refusal(service, house, times)
    closed = [one for one, _ in _kept(facts, house, service) if value_of(one, "writes") is False]
    peers = [one for one, _ in _kept(facts, house, service) if value_of(one, "writes") is True]
    owners = {text_of(one, "owner") for one in peers if _user_of(text_of(one, "owner")) == user}
    if refused is not None and closed == [fact] and len(owners) == 1:
        owner = owners.pop()
        with_folder = text_of(fact, "kind") == "file" and value_of(fact, "writes_above") is False and _of_its_own(path, peers)
        above = {"above": str(PurePosixPath(path).parent), "above_now": text_of(fact, "owner_above")} if with_folder else {}
        yield _unusual(fact, service, text_of(fact, "mode"), owner, "peers", (fact, want, refused, *peers[:2]), above)


def _of_its_own(path: str, peers: Sequence[Fact]) -> bool:
    """Say whether a file's folder lies beside the folders that the service holds: then it is one of them."""
    beside = PurePosixPath(path).parent.parent
    return any(text_of(one, "kind") == "folder" and PurePosixPath(tail(one)).parent == beside for one in peers)


def _unusual(
    fact: Fact, service: str, mode: str, owner: str, why: str, sources: Sequence[Fact], above: Mapping[str, Value] = _NOTHING
) -> Fact:
    value: dict[str, Value] = {
        "service": service,
        "mode": mode,
        "owner": owner,
        "mode_now": text_of(fact, "mode"),
        "owner_now": text_of(fact, "owner"),
        "why": why,
        **above,
    }
    return made("access.unusual", fact.subject, value, sources)


def missing(facts: Facts, house: House, times: Times) -> Iterator[Fact]:
    """Yield `folder.missing` `{service, mode, owner}`: a folder a service cannot do without, and whose it would be.

    And `setting.misspelt` `{service, line, old, new, key}` where a thing of nearly that name is there instead.
    """
    told: set[str] = set()
    for fact, want in _reached(facts, house):
        service, path = text_of(want, "service"), tail(fact)
        named = _spoken_of(path, service, facts, house, times)
        if text_of(fact, "state") != "missing" or path in told or named is None or facts.about("change.folder", f"folder:{path}"):
            continue
        twins = value_of(fact, "twins")
        if isinstance(twins, list) and twins:
            if len(twins) == 1 and text_of(want, "how") == "setting":
                value: dict[str, Value] = {"service": service, "key": value_of(want, "key"), "line": value_of(want, "line")}
                value |= {"old": path, "new": twins[0]}
                yield made("setting.misspelt", f"file:{text_of(want, 'file')}", value, (fact, want, named))
            continue
        owner = _owner_of_missing(fact, service, facts, house)
        if owner and (value_of(fact, "below") or _is_gone_below(path, facts, named)):
            told.add(path)
            mode = text_of(fact, "usual_mode") or text_of(fact, "mode_above")
            yield made(
                "folder.missing", f"folder:{path}", {"service": service, "mode": mode, "owner": owner}, (fact, want, named)
            )


def _owner_of_missing(fact: Fact, service: str, facts: Facts, house: House) -> str:
    user = text_of(fact, "user")
    peers = [text_of(one, name) for one, _ in _kept(facts, house, service) for name in ("owner", "owner_above")]
    told = [text_of(fact, "usual_owner"), text_of(fact, "owner_above"), *peers]
    return next((owner for owner in told if _user_of(owner) == user), "")


def _is_gone_below(path: str, facts: Facts, named: Fact) -> bool:
    """Say whether somebody was refused something below a path: then it was a folder."""
    spoken = (named, *facts.named("log.failed_request"), *facts.named("log.error"))
    return any(f"{path}/" in text_of(one, "example") or f"{path}/" in text_of(one, "trace") for one in spoken)


def links(facts: Facts, house: House, times: Times) -> Iterator[Fact]:
    """Yield `link.astray` `{service, former, target}`: it leads where what is asked for is not, and one other place has it."""
    for fact, want in _reached(facts, house):
        others = value_of(fact, "others")
        if text_of(fact, "state") != "link" or not isinstance(others, list) or len(others) != 1:
            continue
        named = _spoken_of(tail(fact), text_of(want, "service"), facts, house, times)
        if value_of(fact, "leads") is False and named is not None and not facts.about("change.link", fact.subject):
            value: dict[str, Value] = {
                "service": text_of(want, "service"),
                "target": text_of(fact, "target"),
                "former": others[0],
            }
            yield made("link.astray", fact.subject, value, (fact, want, named))


def awaited(facts: Facts, house: House, _times: Times) -> Iterator[Fact]:
    """Yield `service.awaited` `{path, entries}`: what a stopped service takes away piles up, and others add to it."""
    states = {tail(fact): fact for fact in facts.named("service.state")}
    by_path: dict[str, set[str]] = {}
    for want in house.derived.get("path.wanted", ()):
        by_path.setdefault(tail(want), set()).add(text_of(want, "service"))
    for fact, want in _reached(facts, house):
        entries, newest = value_of(fact, "entries"), value_of(fact, "newest_s")
        service = text_of(want, "service")
        if text_of(states.get(service, fact), "state") != _DOWN or not isinstance(entries, int) or entries < _WAITING_LEAST:
            continue
        fillers = [one for one in by_path.get(tail(fact), ()) if text_of(states.get(one, fact), "state") == "running"]
        if fillers and isinstance(newest, int | float) and newest < _FRESH_S:
            value: dict[str, Value] = {"path": tail(fact), "entries": entries, "filled_by": min(fillers)}
            yield made("service.awaited", f"service:{service}", value, (fact, want, states[service]))


def _reached(facts: Facts, house: House) -> list[tuple[Fact, Fact]]:
    """Return what was seen along the places that are wanted, with who wants them."""
    wants: dict[tuple[str, str], list[Fact]] = {}
    for want in house.derived.get("path.wanted", ()):
        wants.setdefault((tail(want), text_of(want, "user")), []).append(want)
    return [
        (fact, want)
        for fact in facts.named("path.reach")
        for want in wants.get((text_of(fact, "wanted"), text_of(fact, "user")), ())
    ]


def _kept(facts: Facts, house: House, service: str) -> list[tuple[Fact, Fact]]:
    """Return the places, settings apart, that a service's settings name and its account reaches."""
    return [
        (fact, want)
        for fact, want in _reached(facts, house)
        if text_of(want, "service") == service
        and text_of(want, "how") == "setting"
        and text_of(fact, "state") == "open"
        and not is_settings(tail(fact))
        and tail(fact).startswith(text_of(fact, "wanted"))
    ]


def _refusal(service: str, house: House, times: Times) -> Fact | None:
    told = (
        fact for fact in house.derived.get("service.error", ()) if fact.subject == f"service:{service}" and times.recent(fact)
    )
    return next((fact for fact in told if text_of(fact, "kind") in _OF_REFUSAL), None)


def _spoken_of(path: str, service: str, facts: Facts, house: House, times: Times) -> Fact | None:
    """Return what a service says of a path or of something below it, in its log or of a request that it failed."""
    errors = [fact for fact in house.derived.get("service.error", ()) if fact.subject == f"service:{service}"]
    failed = [fact for fact in facts.named("log.failed_request") if service in {name for name, _ in house.speakers(fact)}]
    for fact in (*errors, *failed):
        said = f"{text_of(fact, 'message')} {text_of(fact, 'example')} {text_of(fact, 'trace')} "
        place = said.find(path)
        if place >= 0 and not (said[place + len(path)].isalnum() or said[place + len(path)] in "_-") and times.recent(fact):
            return fact
    return None


def _user_of(owner: str) -> str:
    return owner.partition(":")[0]
