"""Says a finding in a person's language."""

import re
from collections.abc import Mapping

from vigie import i18n
from vigie.domain.finding import Finding
from vigie.i18n import Language
from vigie.signals.metric import Verdict, View
from vigie.signals.numbers import shown
from vigie.signals.sessions import Oddity

_NUMBER = re.compile(r"-?\d+\.\d+")
_FIELDS = ("template", "level", "count", "usual", "seconds", "usual_s", "name", "value", "limit", "of", "message")
_PLACES = dict.fromkeys(_FIELDS, "…")


def sentence(finding: Finding, language: Language) -> str:
    """Return one sentence that says what was found; the excerpt when its kind has none."""
    key = f"signal.findings.{finding.kind}"
    for told in ("limit", "usual"):
        if told in finding.values and i18n.has(f"{key}_{told}"):
            key = f"{key}_{told}"
            break
    if not i18n.has(key):
        return finding.excerpt
    own = {"host": finding.host, "subject": finding.subject, "excerpt": finding.excerpt}
    values = {**_PLACES, **_written(finding.values, language), **own}
    return i18n.text(language, key, **values, judged=_judged(finding, language, values))


def _judged(finding: Finding, language: Language, values: Mapping[str, str]) -> str:
    """Return the part of a sentence that depends on what exactly was seen: `values["case"]` names it."""
    key = f"signal.{finding.kind}.{finding.values.get('case')}"
    return i18n.text(language, key, **values) if i18n.has(key) else finding.excerpt


def _written(values: Mapping[str, str], language: Language) -> dict[str, str]:
    """Return the values with their numbers written as the language does."""
    return {name: i18n.decimal(language, value) if _NUMBER.fullmatch(value) else value for name, value in values.items()}


def of_verdict(verdict: Verdict, value: float, count: int, language: Language) -> str:
    """Say what is out of the ordinary about a number, after `count` others."""
    values = _written(words(verdict, value, count), language)
    return i18n.text(language, f"signal.unusual.{values['case']}", **values)


def words(verdict: Verdict, value: float, count: int) -> dict[str, str]:
    """Return what the sentences about a verdict are filled from; `case` names the sentence."""
    seen = verdict.seen
    return {
        "case": f"{verdict.view.value}_{'high' if verdict.is_high else 'low'}",
        "value": shown(value),
        "count": str(count),
        "seen": shown(seen),
        "low": shown(verdict.low),
        "high": shown(verdict.high),
        "expected": shown(value - seen) if verdict.view is View.WEEKLY else "…",
    }


def of_oddity(oddity: Oddity, language: Language) -> str:
    """Say what is odd about a session."""
    return i18n.text(language, f"signal.odd_session.{oddity.kind}", event=oddity.event, seen=oddity.seen, usual=oddity.usual)
