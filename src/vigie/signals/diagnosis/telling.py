"""Says a verdict in a person's language."""

from datetime import datetime

from vigie import i18n
from vigie.i18n import Language
from vigie.signals.diagnosis.verdict import Cause, Verdict

_NAMES_MAX = 8


def summary(verdict: Verdict, language: Language) -> str:
    """Return in a few sentences what is wrong, or that nothing is."""
    cause = verdict.cause
    if cause is None:
        return i18n.text(language, "logs.told.nothing", lines=verdict.lines)
    kind = f"logs.told.{cause.kind}{'_until' if cause.until else ''}"
    since = instant(cause.since) or i18n.text(language, "logs.told.no_time")
    values = {"origin": cause.origin, "since": since, "until": instant(cause.until), "excerpt": cause.excerpt}
    return " ".join([i18n.text(language, kind, **values), *_more(cause, language)])


def instant(at: datetime | None) -> str | None:
    """Return an instant as RFC 3339 in UTC."""
    return None if at is None else at.isoformat(timespec="milliseconds").replace("+00:00", "Z").replace(".000Z", "Z")


def _more(cause: Cause, language: Language) -> list[str]:
    told = []
    if cause.instance:
        told.append(i18n.text(language, "logs.told.instance", instance=cause.instance))
    if cause.change:
        place = f"{cause.change.file}:{cause.change.line}"
        told.append(i18n.text(language, "logs.told.change", place=place, excerpt=cause.change.text))
    if cause.affected:
        names = ", ".join(cause.affected[:_NAMES_MAX]) + (", …" if len(cause.affected) > _NAMES_MAX else "")
        told.append(i18n.text(language, "logs.told.suffering", names=names))
    return told
