"""How a line is wrapped for a host: its environment, its mark, and a time limit kept by the host itself."""

import math
import re
import secrets
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin"

# What makes programs answer to a program: no pager, no colours, no questions, messages in one language, names in UTF-8. By its
# parts, because LC_ALL makes each program open a dozen files: a fifth of a short line's time (bench/fleet, 2026-11).
QUIET: Mapping[str, str] = {
    "TERM": "dumb",
    "LC_ALL": "",
    "LANG": "C",
    "LANGUAGE": "",
    "LC_CTYPE": "C.UTF-8",
    **dict.fromkeys(("LC_COLLATE", "LC_MESSAGES", "LC_MONETARY", "LC_NUMERIC", "LC_TIME"), "C"),
    "PAGER": "cat",
    "SYSTEMD_PAGER": "",
    "GIT_PAGER": "cat",
    "DEBIAN_FRONTEND": "noninteractive",
}
MARK = "VIGIE_ACTION"
_MARK_WORDS = re.compile(r"[A-Za-z0-9._:/-]+")

# Says whether the host's `timeout` knows -k; always ends well.
_HAS_TIMEOUT = "timeout -k 1 5 true >/dev/null 2>&1 && echo timeout; true"
_NUMBERS = 10**8
_SEEN_LENGTH = 200
# A greeting's answer is a few words.
GREETING_BYTES = 4096

# Whose login shells take the same lines as `sh`; others (fish, csh) get theirs through `sh -c`.
_POSIX_SHELLS = frozenset({"ash", "bash", "busybox", "dash", "ksh", "ksh93", "mksh", "sh", "zsh"})
# What a shell does itself, or reads as more than a program's name.
_SHELL_WORDS = (
    ". : [ alias bg break case cd command continue do done echo elif else esac eval exec exit export false fc fg fi for function "
    "getopts hash if in jobs kill let local printf pwd read readonly return select set shift source test then time times "
    "trap true type ulimit umask unalias unset until wait while"
)
_OF_THE_SHELL = frozenset(_SHELL_WORDS.split())
_PLAIN_WORDS = re.compile(r"[A-Za-z0-9_./+-]+( [A-Za-z0-9_./:,@%+=-]+)*")
# As many lines of our input as a login's start files may read for themselves.
_SPARE_LINES = 16


@dataclass(frozen=True, slots=True)
class Greeting:
    """The first line for a host, and what only a shell that runs it can answer.

    Something that says yes to everything, repeats what it is told or prints whatever else is no host, though it seems one.
    """

    line: str
    answer: bytes

    @classmethod
    def new(cls) -> "Greeting":
        """Return a sum that nobody has asked before."""
        one, other = (_NUMBERS + secrets.randbelow(_NUMBERS) for _ in range(2))
        return cls(shlex.join(["sh", "-c", f"echo $(({one} + {other})); {_HAS_TIMEOUT}"]), str(one + other).encode())

    def is_answered(self, stdout: bytes) -> bool:
        """Say whether the line was run."""
        return self.answer in stdout

    @staticmethod
    def has_timeout(stdout: bytes) -> bool:
        """Say whether the host can limit a line's time itself."""
        return b"timeout" in stdout


@dataclass(frozen=True, slots=True)
class Opening:
    """What goes before each line on a way where a login shell's start files run first: they may print, wait, or read our input.

    The line's own output begins after a sum that only a shell that runs it can tell, on both outputs. Its input begins after that
    sum too, on a line of its own behind spare ones. A sum that cannot be told, because nobody listens any more, ends the shell:
    what was given up is not run later.
    """

    one: int
    other: int

    @classmethod
    def new(cls) -> "Opening":
        """Return a sum that nobody has asked before."""
        return cls(*(_NUMBERS + secrets.randbelow(_NUMBERS) for _ in range(2)))

    @property
    def sum(self) -> bytes:
        """Return what the shell answers."""
        return str(self.one + self.other).encode()

    def stdin(self, given: bytes, after: bytes | None = None) -> bytes:
        """Return what to send so that the line reads `given`, which it finds after its sum, or after other words."""
        return b"\n" * _SPARE_LINES + (after or self.sum) + b"\n" + given

    def asking(self, line: str, *, timeout_s: float, mark: str | None, path: str | None, has_stdin: bool) -> str:
        """Return a first line: it tells what `Told` reads, and then runs `line` as well as the host can."""
        told = f"echo $(({self.one} + {self.other}))"
        return (
            f"{self._begin(mark=mark, path=path, has_stdin=has_stdin)}{told} >&2 || exit 125; "
            f"set -- {shlex.join(argv_of(line))}; "
            f'if timeout -k 1 5 true >/dev/null 2>&1; then {told} "$SHELL" timeout || exit 125; '
            f'exec {shlex.join(timeout_argv(timeout_s))} "$@"; else {told} "$SHELL" || exit 125; exec "$@"; fi'
        )

    def before(
        self,
        line: str,
        *,
        timeout_s: float,
        has_timeout: bool,
        mark: str | None,
        path: str | None,
        has_stdin: bool,
        on_stderr: bool = True,
    ) -> str:
        """Return a line for a host that is known; not `on_stderr`: its sum is told on the standard output only."""
        limit = timeout_argv(timeout_s) if has_timeout else []
        told = f"echo $(({self.one} + {self.other}))"
        return (
            f"{self._begin(mark=mark, path=path, has_stdin=has_stdin)}"
            f"{f'{told} >&2 || exit 125; ' if on_stderr else ''}{told} || exit 125; "
            f"exec {shlex.join([*limit, *argv_of(line)])}"
        )

    def _begin(self, *, mark: str | None, path: str | None, has_stdin: bool) -> str:
        settings = " ".join(_settings(mark))
        own = f"{shlex.quote(path)}:" if path else ""
        found = f'until [ "$V" = $(({self.one} + {self.other})) ]; do IFS= read -r V || exit 125; done; unset V; '
        begin = f'PATH={own}"${{PATH:-/usr/bin:/bin}}":{SEARCH_PATH}; export PATH {settings}; '
        return begin + (found if has_stdin else "")


@dataclass(frozen=True, slots=True)
class Told:
    """What a host says of itself on the way to its first line."""

    has_timeout: bool
    is_posix: bool
    words: str = ""

    @classmethod
    def of(cls, words: bytes) -> "Told":
        """Read what stands behind the sum."""
        shell = words.split()[:1]
        name = shell[0].rpartition(b"/")[2].decode("ascii", "replace") if shell else ""
        said = words.decode("ascii", "replace").strip()
        return cls(has_timeout=words.split()[-1:] == [b"timeout"], is_posix=name in _POSIX_SHELLS, words=said)


def argv_of(line: str) -> list[str]:
    """Return what to run for a line: a shell, unless the line is a program's name and plain words, which need none."""
    words = line.split(" ")
    return words if _PLAIN_WORDS.fullmatch(line) and words[0] not in _OF_THE_SHELL else ["sh", "-c", line]


def first_words(output: bytes) -> str:
    """Return the first line of what a host said, short and fit to be shown; empty when it said nothing."""
    lines = output.decode("utf-8", "replace").strip().splitlines()
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in (lines or [""])[0][:_SEEN_LENGTH])


def timeout_argv(timeout_s: float) -> list[str]:
    """Return the prefix that makes the host itself end a line and all that it started.

    Closing a connection does not end what runs at its other end; this does.
    """
    return ["timeout", "-k", "5", str(max(1, math.ceil(timeout_s)))]


def wrapped(line: str, *, timeout_s: float, has_timeout: bool, mark: str | None = None, path: str | None = None) -> str:
    """Return the line to hand to a POSIX shell of the host so that `line` runs quietly, marked and limited in time."""
    limit = timeout_argv(timeout_s) if has_timeout else []
    own = f"{shlex.quote(path)}:" if path else ""
    command = shlex.join(["env", *_settings(mark), *limit, "sh", "-c", line])
    return f'PATH={own}"${{PATH:-/usr/bin:/bin}}":{SEARCH_PATH}; export PATH; exec {command}'


def _settings(mark: str | None) -> list[str]:
    settings = [f"{name}={value}" for name, value in QUIET.items()]
    return settings if mark is None else [*settings, f"{MARK}={checked_mark(mark)}"]


def checked_mark(mark: str) -> str:
    """Return `mark` when it is a plain word.

    Raises:
        ValueError: it could be taken for something else in an environment or a pattern.
    """
    if not _MARK_WORDS.fullmatch(mark):
        raise ValueError(f"{mark!r} is no mark")
    return mark


def ended_by_limit(rc: int | None, seconds: float, timeout_s: float) -> bool:
    """Say whether the host's `timeout` ended the line: its exit codes, at or after its time."""
    return rc in (124, 137) and seconds >= max(1, math.ceil(timeout_s)) - 0.1
