"""The way into the command line: flags, parser, command, exit code."""

import contextlib
import logging
import sys
from collections.abc import Sequence
from typing import Any

import typer

from vigie import __version__, i18n
from vigie.domain.errors import BadUsage, Permanent, VigieError
from vigie.interfaces.cli import flags, usage
from vigie.interfaces.cli.commands import application
from vigie.interfaces.cli.flags import Flags
from vigie.interfaces.cli.frame import EXIT_INTERRUPTED, Interrupted, Session
from vigie.interfaces.cli.output import Answer, Output, OutputLost, mend_streams
from vigie.interfaces.services import Launcher
from vigie.interfaces.told import EXIT_FAILED, Told, exit_code, told

logger = logging.getLogger(__name__)
# Their warnings tell of their own inner life: a step that was cancelled, a connection that was closed.
_TALKATIVE = ("asyncssh", "dbos", "httpx", "uvicorn")


def run(arguments: Sequence[str], launcher: Launcher) -> int:
    """Run one command line and return its exit code."""
    mend_streams()
    given = flags.split(arguments, launcher.surroundings().language)
    output = Output(given.format, given.language)
    _log_to_stderr()
    try:
        return _run(given, output, launcher)
    except VigieError as error:
        output.error(told(error, given.language))
        return exit_code(error)
    except usage.UsageError as error:
        wrong = usage.bad_usage(error, given.language, *_asked(given))
        output.error(told(wrong, given.language))
        return exit_code(wrong)
    except (Interrupted, KeyboardInterrupt):
        output.error(_interrupted(given))
        return EXIT_INTERRUPTED
    except OutputLost as error:
        return _output_lost(error, given)
    except Exception as error:
        logger.exception("unexpected error")
        output.error(_bug(error, given))
        return EXIT_FAILED


def _output_lost(error: OutputLost, given: Flags) -> int:
    """Say on the error stream that the answer was lost, unless that one is full too."""
    with contextlib.suppress(OutputLost):
        Output("human", given.language).error(told(Permanent("cli.output_lost", reason=str(error)), given.language))
    return EXIT_FAILED


def _log_to_stderr() -> None:
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    for library in _TALKATIVE:
        logging.getLogger(library).setLevel(logging.ERROR)


def _run(given: Flags, output: Output, launcher: Launcher) -> int:
    if given.wrong:
        raise given.wrong
    root = usage.build(application())
    options = given.words[: given.words.index("--")] if "--" in given.words else given.words
    if "--help" in options or "-h" in options:
        output.answer(_help(root, list(options), output))
        return 0
    if "--version" in options[:1]:
        output.answer(Answer({"version": __version__}, f"vigie {__version__}"))
        return 0
    if not given.words:
        if output.form == "human":
            output.note(usage.help_text(root, "vigie", given.language))
            return exit_code(BadUsage("cli.missing_command"))
        raise BadUsage("cli.missing_command", command="vigie", commands=", ".join(root.commands))
    usage.refuse_twice(root, given.words)
    try:
        with root.make_context("vigie", list(given.words), obj=Session(launcher, output)) as context:
            root.invoke(context)
    except typer.Exit as end:
        return end.exit_code
    return 0


def _help(root: Any, words: list[str], output: Output) -> Answer:
    path, command = usage.command_of(root, [word for word in words if not word.startswith("-")])
    return Answer(usage.help_document(command, path, output.language), usage.help_text(command, path, output.language))


def _asked(given: Flags) -> tuple[str, str]:
    """Return the command as far as it was named, and the first word that named none."""
    words = [word for word in given.words if not word.startswith("-")]
    path, _ = usage.command_of(usage.build(application()), words)
    rest = words[len(path.split()) - 1 :]
    return path, rest[0] if rest else ""


def _interrupted(given: Flags) -> Told:
    words = (i18n.text(given.language, f"cli.errors.interrupted.{part}") for part in ("what", "why", "next"))
    return Told("cli.interrupted", *words)


def _bug(error: Exception, given: Flags) -> Told:
    detail = f"{type(error).__name__}: {error}"
    words = (i18n.text(given.language, f"cli.errors.bug.{part}", detail=detail) for part in ("what", "why", "next"))
    return Told("cli.bug", *words)
