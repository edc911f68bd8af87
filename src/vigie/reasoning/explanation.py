"""Says why: the chain from root to symptom, each claim with the facts that show it, and what was ruled out."""

from vigie import i18n
from vigie.domain.diagnosis import VerdictKind
from vigie.i18n import Language
from vigie.reasoning.checks import Prospect
from vigie.reasoning.facts import UNAVAILABLE, Facts
from vigie.reasoning.looks import Look, Looks
from vigie.reasoning.odds import Candidate, Testimony
from vigie.reasoning.standing import Standing
from vigie.reasoning.wording import LANGUAGES, percent, said, sentence, shown

_RULED_OUT_MOST = 8
_LISTED_MOST = 5
_SYMPTOMS_MOST = 4
_UNREAD_MOST = 4
_WORTH_SAYING = 0.02


def why_look(prospect: Prospect, standing: Standing, looks: Looks) -> dict[str, str]:
    """Say in one sentence why a look is the next."""
    told: dict[str, str] = {}
    for language in LANGUAGES:
        causes = list(dict.fromkeys(title(standing.candidates[index], language) for index in prospect.concerns))[:2]
        told[language] = _text(
            language, "why.look", probe=_of_what(prospect.look, looks, language), causes=_text(language, "or").join(causes)
        )
    return told


def _of_what(look: Look, looks: Looks, language: Language) -> str:
    """Say what a look looks at: the probe and the things that it is about."""
    things = [_text(language, f"of.{name}", value=shown(value)) for name, value in look.slots if i18n.has(f"diagnosis.of.{name}")]
    probe = looks.title(look.probe, language)
    return _text(language, "of_what", probe=probe, things=", ".join(things)) if things else probe


def title(candidate: Candidate, language: Language) -> str:
    """Return what a candidate is called, its things named."""
    if not candidate.bound:
        return candidate.label()
    return said(candidate.cause.title, language, candidate.bindings).rstrip(".")


def explain(
    kind: VerdictKind, standing: Standing, facts: Facts, *, leader: int | None, deciding: Look | None, looks: Looks
) -> dict[str, str]:
    """Return a verdict's explanation in Markdown, by language."""
    told: dict[str, str] = {}
    for language in LANGUAGES:
        if kind is VerdictKind.CAUSE and leader is not None:
            parts = _cause(standing, leader, facts, language)
        elif kind is VerdictKind.NO_FAULT:
            parts = _no_fault(standing, facts, looks, language)
        else:
            parts = _undecided(standing, deciding, looks, language)
        told[language] = "\n\n".join(part for part in parts if part)
    return told


def _cause(standing: Standing, leader: int, facts: Facts, language: Language) -> list[str]:
    candidate = standing.candidates[leader]
    parts = [
        _text(
            language, "cause.headline", title=title(candidate, language), percent=percent(standing.confidence(leader), language)
        ),
        sentence(said(candidate.cause.explanation, language, candidate.bindings)),
        _chain(standing, candidate, language),
        _since(standing, language),
        _list(language, "cause.evidence", [_claim(one, candidate, language) for one in _strongest(candidate)]),
    ]
    second = next((one for one in standing.rivals(leader) if standing.candidates[one].bound), None)
    if second is not None and standing.sober.candidates[second] >= _WORTH_SAYING:
        parts.append(_second(standing, second, language))
    also = standing.others_sure(leader)
    if also:
        named = [title(standing.candidates[one], language) for one in also]
        parts.append(_text(language, "cause.also", titles=_text(language, "and").join(named)))
    parts.append(_ruled_out(standing, leader, language))
    return parts


def _chain(standing: Standing, candidate: Candidate, language: Language) -> str:
    """From root to symptom: the cause, what it did, what people notice."""
    own = {one.fact for one in candidate.testimonies}
    links = [title(candidate, language)]
    for sign in sorted(standing.signs.seen, key=lambda one: (one.symptom.loose, one.fact.id not in own)):
        words = said(sign.symptom.says, language, {"subject": sign.fact.subject.partition(":")[2]})
        link = f"{words} [{sign.fact.id}]"
        if link not in links:
            links.append(link)
        if len(links) > _SYMPTOMS_MOST:
            break
    return _text(language, "cause.chain", chain=" → ".join(links)) if len(links) > 1 else ""


def _since(standing: Standing, language: Language) -> str:
    since = standing.times.since
    return "" if since is None else _text(language, "cause.since", since=since.strftime("%Y-%m-%d %H:%M:%S UTC"))


def _strongest(candidate: Candidate) -> list[Testimony]:
    return sorted((one for one in candidate.testimonies if one.weight > 0), key=lambda one: (not one.seen, -one.weight))


def _claim(testimony: Testimony, candidate: Candidate, language: Language) -> str:
    words = said(testimony.evidence.says, language, candidate.bindings).rstrip(".")
    key = "claim.seen" if testimony.seen else "claim.unseen"
    return _text(language, key, claim=words, fact=testimony.fact)


def _second(standing: Standing, second: int, language: Language) -> str:
    candidate = standing.candidates[second]
    against = min(candidate.testimonies, key=lambda one: one.weight, default=None)
    words = title(candidate, language)
    share = percent(standing.sober.candidates[second], language)
    if against is None or against.weight >= 0:
        return _text(language, "cause.second", title=words, percent=share)
    return _text(
        language, "cause.second_because", title=words, percent=share, claim=_claim(against, candidate, language)
    )  # fmt: skip


def _ruled_out(standing: Standing, leader: int | None, language: Language) -> str:
    """Say what was excluded, look-alikes of the leader first; of what there was nothing of, only those."""
    alike = set(standing.candidates[leader].cause.look_alikes) if leader is not None else set()
    excluded = [one for one in standing.candidates if not one.alive and (one.excluded != "absent" or one.cause.name in alike)]
    excluded.sort(key=lambda one: (one.cause.name not in alike, one.excluded == "absent"))
    lines: list[str] = []
    for candidate in excluded:
        line = _exclusion(candidate, language)
        if line not in lines:
            lines.append(line)
    return _list(language, "ruled_out", lines[:_RULED_OUT_MOST])


def _exclusion(candidate: Candidate, language: Language) -> str:
    name = title(candidate, language)
    if candidate.out is not None:
        return _text(language, "excluded.by", title=name, claim=_claim(candidate.out, candidate, language))
    return _text(language, f"excluded.{candidate.excluded}", title=name)


def _unread(facts: Facts, looks: Looks, language: Language) -> list[str]:
    """Say what could not be read, each kind once."""
    found: dict[str, list[str]] = {}
    for fact in facts.named(UNAVAILABLE):
        slots = fact.value.get("slots") if isinstance(fact.value, dict) else None
        about = ", ".join(shown(str(value)) for value in slots.values()) if isinstance(slots, dict) and slots else ""
        found.setdefault(fact.subject.removeprefix("probe:"), []).append(about)
    return [
        f"{looks.title(probe, language)}{': ' if any(names) else ''}{', '.join(name for name in names[:_UNREAD_MOST] if name)}"
        f"{' …' if len(names) > _UNREAD_MOST else ''}"
        for probe, names in found.items()
    ]


def _no_fault(standing: Standing, facts: Facts, looks: Looks, language: Language) -> list[str]:
    good = [said(symptom.good, language, {}) for symptom in standing.signs.good]
    return [
        _text(language, "no_fault.headline", percent=percent(standing.sober.nothing_wrong, language)),
        _list(language, "no_fault.looked", good),
        _list(language, "no_fault.unread", _unread(facts, looks, language)),
        _ruled_out(standing, None, language),
    ]


def _undecided(standing: Standing, deciding: Look | None, looks: Looks, language: Language) -> list[str]:
    ranked = [index for index in standing.order if standing.candidates[index].alive and standing.candidates[index].bound]
    named: dict[str, list[int]] = {}
    for index in ranked:
        named.setdefault(title(standing.candidates[index], language), []).append(index)
    listed = [_ranked(standing, group, language) for group in named.values()]
    noticed = [
        f"{said(sign.symptom.says, language, {'subject': sign.fact.subject.partition(':')[2]})} [{sign.fact.id}]"
        for sign in standing.signs.seen
    ]
    parts = [
        _text(language, "undecided.headline", percent=percent(standing.sober.something_else, language)),
        _list(language, "undecided.noticed", list(dict.fromkeys(noticed))[:_LISTED_MOST]),
        _list(language, "undecided.ranked", [line for line in listed if line][:_LISTED_MOST]),
    ]
    if deciding is not None:
        slots = ", ".join(shown(value) for _, value in deciding.slots)
        parts.append(_text(language, "undecided.deciding", probe=looks.title(deciding.probe, language), slots=slots or "—"))
    parts.append(_ruled_out(standing, None, language))
    return parts


def _ranked(standing: Standing, group: list[int], language: Language) -> str:
    """Say of candidates that are called the same how likely they are together; nothing of those not worth a line."""
    candidate = standing.candidates[group[0]]
    share = sum(standing.sober.candidates[index] for index in group)
    if share < _WORTH_SAYING:
        return ""
    claims = "; ".join(_claim(one, candidate, language) for one in _strongest(candidate)[:2]) or "—"
    return _text(
        language, "undecided.one", title=title(candidate, language), percent=percent(share, language), claims=claims
    )  # fmt: skip


def _list(language: Language, heading: str, lines: list[str]) -> str:
    if not lines:
        return ""
    return "\n".join([_text(language, heading), "", *(f"- {line}" for line in lines)])


def _text(language: Language, key: str, **values: object) -> str:
    return i18n.text(language, f"diagnosis.{key}", **values)
