"""An error as it is told to people and programs: code, what, why, next, exit code, HTTP status."""

from dataclasses import dataclass

from vigie import i18n
from vigie.domain.errors import BadUsage, NeedsApproval, Refused, Transient, VigieError
from vigie.i18n import Language

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_REFUSED = 3
EXIT_WAITING = 4


@dataclass(frozen=True, slots=True)
class Told:
    """One error in one language; `code` is its catalogue key."""

    code: str
    what: str
    why: str
    next: str

    def document(self) -> dict[str, str]:
        """Return the promise of `CLI.md`: the four words and nothing else."""
        return {"code": self.code, "what": self.what, "why": self.why, "next": self.next}


def told(error: VigieError, language: Language) -> Told:
    """Put an error in words; one that the catalogue does not know is told by its key, never hidden."""
    try:
        return Told(error.key, error.what(language), error.why(language), error.next(language))
    except KeyError:
        detail = ", ".join(f"{name}={value}" for name, value in error.values.items())
        return Told(error.key, error.key, detail, i18n.text(language, "cli.next_doctor"))


def exit_code(error: VigieError) -> int:
    """Return the exit code that the error's type calls for."""
    match error:
        case BadUsage():
            return EXIT_USAGE
        case Refused():
            return EXIT_REFUSED
        case NeedsApproval():
            return EXIT_WAITING
        case _:
            return EXIT_FAILED


def http_status(error: VigieError) -> int:
    """Return the HTTP status that the error's type and key call for."""
    name = error.key.partition(".")[2]
    if name.startswith("unknown"):
        return 404
    match error:
        case BadUsage():
            return 422
        case Refused():
            return 403
        case NeedsApproval():
            return 409
        case Transient():
            return 503
        case _:
            return 409
