"""The errors, by the next move they call for.

VigieError
├── Transient        try again after `retry_after_s`
├── Permanent        stop: a person must change something first
│   ├── BadUsage     the words given were wrong (exit code 2)
│   └── Refused      the policy says never (exit code 3)
└── NeedsApproval    a person decides (exit code 4)

Anything else is a bug: the step crashes, the case is kept.

An error carries a key and its values. For the key `host.unknown` the catalogue `i18n/*/host.yaml` holds `errors.unknown.what`,
`.why` and `.next`, so that each reader is told in their own language.
"""

from vigie import i18n
from vigie.i18n import Language

_VALUE_LENGTH_MAX = 500


class VigieError(Exception):
    """Something went wrong that we have words for."""

    def __init__(self, key: str, /, **values: object) -> None:
        self.key = key
        self.values = values
        super().__init__(key, values)

    def what(self, language: Language = "en") -> str:
        """Say what happened."""
        return self._words(language, "what")

    def why(self, language: Language = "en") -> str:
        """Say why it happened."""
        return self._words(language, "why")

    def next(self, language: Language = "en") -> str:
        """Say what to do about it."""
        return self._words(language, "next")

    def _words(self, language: Language, part: str) -> str:
        area, _, name = self.key.partition(".")
        values = {each: _said(language, value) for each, value in self.values.items()}
        return i18n.text(language, f"{area}.errors.{name}.{part}", **values)

    def __str__(self) -> str:
        return f"{self.what()} {self.why()} {self.next()}"


def _said(language: Language, value: object) -> object:
    """Return a value as it is told: what the system said in the reader's language, and nothing without an end."""
    if isinstance(value, BaseException):
        value = str(value)
    if not isinstance(value, str):
        return value
    said = i18n.system(language, value)
    return said if len(said) <= _VALUE_LENGTH_MAX else f"{said[:_VALUE_LENGTH_MAX]}…"


class Transient(VigieError):
    """Trying again may work."""

    def __init__(self, key: str, /, retry_after_s: float = 1.0, **values: object) -> None:
        super().__init__(key, **values)
        self.retry_after_s = retry_after_s


class Permanent(VigieError):
    """Trying again will not work."""


class BadUsage(Permanent):
    """The words given were wrong."""


class Refused(Permanent):
    """The policy refuses, whoever asks."""


class NeedsApproval(VigieError):
    """A person must decide; `approval_id` is what they decide on."""

    def __init__(self, key: str, /, approval_id: str, **values: object) -> None:
        super().__init__(key, approval_id=approval_id, **values)
        self.approval_id = approval_id
