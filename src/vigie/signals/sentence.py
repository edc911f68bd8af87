"""Says a finding in a person's language."""

from vigie import i18n
from vigie.domain.finding import Finding
from vigie.i18n import Language


def sentence(finding: Finding, language: Language) -> str:
    """Return one sentence that says what was found; the excerpt when its kind has none."""
    key = f"signal.findings.{finding.kind}"
    for told in ("limit", "usual"):
        if told in finding.values and i18n.has(f"{key}_{told}"):
            key = f"{key}_{told}"
            break
    if not i18n.has(key):
        return finding.excerpt
    return i18n.text(
        language,
        key,
        **{**_PLACES, **finding.values, "host": finding.host, "subject": finding.subject, "excerpt": finding.excerpt},
    )


_PLACES = dict.fromkeys(("template", "level", "count", "usual", "seconds", "usual_s", "name", "value", "limit"), "…")
