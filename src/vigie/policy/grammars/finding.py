"""find and xargs: programs that run other programs on what they find."""

from collections.abc import Callable

from vigie.policy import verbs
from vigie.policy.call import EMPTY, Call
from vigie.policy.models import Model
from vigie.policy.paths import PathKind, found_by_name, kind_of, normal
from vigie.policy.programs import Reading
from vigie.policy.words import UNKNOWN, Flow, Word, join
from vigie.policy.writes import touches_everything, write

_GLOB = ("*", "?", "[")
_RUNS = frozenset(("-exec", "-execdir", "-ok", "-okdir"))
_WRITES = frozenset(("-fprint", "-fprint0", "-fls", "-fprintf"))
_TESTS = frozenset(
    [
        "-name",
        "-iname",
        "-path",
        "-wholename",
        "-ipath",
        "-regex",
        "-iregex",
        "-lname",
        "-ilname",
        "-type",
        "-xtype",
        "-size",
        "-mtime",
        "-mmin",
        "-atime",
        "-amin",
        "-ctime",
        "-cmin",
        "-newer",
        "-anewer",
        "-cnewer",
        "-user",
        "-uid",
        "-group",
        "-gid",
        "-perm",
        "-empty",
        "-nouser",
        "-nogroup",
        "-links",
        "-inum",
        "-samefile",
        "-executable",
        "-readable",
        "-writable",
        "-newermt",
        "-newerct",
        "-fstype",
        "-context",
        "-used",
    ]
)
_KEPT = (PathKind.TRACES, PathKind.ACCOUNTS)
_SETTINGS = frozenset(
    [
        "-maxdepth",
        "-mindepth",
        "-mount",
        "-xdev",
        "-depth",
        "-d",
        "-daystart",
        "-noleaf",
        "-follow",
        "-regextype",
        "-prune",
        "-quit",
        "-print",
        "-print0",
        "-printf",
        "-ls",
        "-true",
        "-false",
        "-not",
        "-and",
        "-or",
        "-a",
        "-o",
        "-H",
        "-L",
        "-P",
        "-ignore_readdir_race",
        "-warn",
        "-nowarn",
        "-files0-from",
        "--help",
        "-help",
        "-version",
        "--version",
    ]
)
_TAKES = frozenset(
    [
        "-name",
        "-iname",
        "-path",
        "-wholename",
        "-ipath",
        "-regex",
        "-iregex",
        "-lname",
        "-ilname",
        "-type",
        "-xtype",
        "-size",
        "-mtime",
        "-mmin",
        "-atime",
        "-amin",
        "-ctime",
        "-cmin",
        "-newer",
        "-anewer",
        "-cnewer",
        "-user",
        "-uid",
        "-group",
        "-gid",
        "-perm",
        "-links",
        "-inum",
        "-samefile",
        "-newermt",
        "-newerct",
        "-fstype",
        "-context",
        "-used",
        "-maxdepth",
        "-mindepth",
        "-regextype",
        "-printf",
        "-files0-from",
    ]
)


class _Find:
    def __init__(self, call: Call) -> None:
        self.call = call
        self.words = list(call.args)
        self.starts: list[Word] = []
        self.narrowed = False  # a test was met: no start follows
        self.restricts = False  # a test leaves something out
        self.names: list[str] = []

    def judge(self) -> None:
        while self.words:
            word = self.words.pop(0)
            shape = word.shape
            if shape in _RUNS:
                self._run()
            elif shape in _WRITES:
                self._write(shape)
            elif shape == "-delete":
                self._delete()
            elif shape.startswith("-"):
                self._test(word)
            elif shape in ("(", ")", "!", ","):
                continue
            elif not self.narrowed and not word.maybe_option:
                self.starts.append(word)
            else:
                self.call.danger("unresolved", word.shown, "unresolved_option")

    def _test(self, word: Word) -> None:
        name = word.shape
        if name in _TESTS:
            self.narrowed = True
            self.restricts |= name not in ("-type", "-xtype")
        elif name not in _SETTINGS and not name.startswith(("-newer", "-O", "-D")):
            self.call.danger("unknown-option", f"find {word.shown}", "unknown_option")
        if (name in _TAKES or name.startswith("-newer")) and self.words:
            value = self.words.pop(0)
            if name in ("-name", "-iname"):
                self.names.append(value.shape)

    def _write(self, name: str) -> None:
        if self.words:
            write(self.call, self.words.pop(0), "overwrite")
        if name == "-fprintf" and self.words:
            self.words.pop(0)

    def _delete(self) -> None:
        shown = " ".join(word.shown for word in self.starts) or "."
        everything = any(touches_everything(self.call, word) for word in self.starts)
        if everything and not self.restricts:
            self.call.forbid("delete", f"{shown}, recursive", "wipe")
        elif any(
            kind_of(f"{self.call.path(start)}/{name}", is_pattern=True) in _KEPT
            for start in self.starts
            for name in self.names
            if name[:1].isalpha()
        ):
            self.call.forbid("delete", f"{shown}, recursive", "traces")
        else:
            self.call.danger("delete", f"{shown}, recursive", "deletes")

    def _run(self) -> None:
        argv: list[Word] = []
        while self.words:
            word = self.words.pop(0)
            if word.shape == ";" or (word.shape == "+" and argv and "{}" in argv[-1].shape):
                break
            argv.append(word)
        for start in self.found():
            command = [Word(word.shape.replace("{}", start.shape), word.taint | start.taint, word.glob) for word in argv]
            if command:
                flow = self.call.runner.run(command, EMPTY)
                self.call.taint |= flow.taint

    def found(self) -> tuple[Word, ...]:
        """Return what stands for the files found: below the folders given, and the folders unless a test leaves them out."""
        start = join(self.starts) if self.starts else Word("./")
        below = start.shape.rstrip("/") + "/" + UNKNOWN if start.shape else UNKNOWN
        folder = start.shape.rstrip("/")
        named = tuple(Word(f"{below if name[:1] in _GLOB else folder}/{name}", start.taint, glob=True) for name in self.names)
        named += tuple(
            Word(path, start.taint)
            for name in self.names
            for path in found_by_name(normal(start.shape, self.call.runner.cwd), name)
        )
        return named or (
            (Word(below, start.taint),) if self.narrowed or not self.starts else (*self.starts, Word(below, start.taint))
        )


def _find(call: Call, model: Model) -> None:
    found = _Find(call)
    found.judge()
    call.like = found.found()
    verbs.lists(call, call.like if found.names else (), "")


def _xargs(call: Call, model: Model) -> None:
    reading = Reading(call, model)
    reading.take(call.args)
    if not reading.act():
        return
    command = list(reading.operands) or [Word("echo")]
    given = _given(call.stdin, is_whole=reading.has("-0", "--null", "-d", "--delimiter"))
    places = reading.values_of("-I", "-i", "--replace")
    place = places[0].shape if places else "{}" if reading.has("-i", "--replace") else None
    if place is not None:
        one = join(given) if given else Word(UNKNOWN, call.stdin.taint)
        words = [Word(word.shape.replace(place, one.shape), word.taint | one.taint) for word in command]
    else:
        words = [*command, *(given or [Word(UNKNOWN, call.stdin.taint, splits=True)])]
    flow = call.runner.run(words, EMPTY)
    call.taint |= flow.taint


def _given(stdin: Flow, *, is_whole: bool) -> list[Word]:
    """Return the words that xargs will append, as far as they are known."""
    if stdin.text is None:
        if stdin.taint == {"names"}:
            return [Word(UNKNOWN, named=True)]
        return [word._replace(splits=not is_whole) for word in stdin.like]
    return [Word(part, stdin.taint) for part in stdin.text.replace("\x00", " ").split()[:64]]


def _parallel(call: Call, model: Model) -> None:
    reading = Reading(call, model)
    reading.take(call.args)
    if not reading.act():
        return
    shapes = [word.shape for word in reading.operands]
    place = next((index for index, shape in enumerate(shapes) if shape.startswith(":::")), len(shapes))
    command = reading.operands[:place]
    for word in reading.operands[place + 1 :]:
        call.runner.try_shell(" ".join(each.shape for each in (*command, word)), EMPTY)
    text = " ".join(word.shape for word in command)
    verbs.shell(call, [Word(f"{text} {UNKNOWN}" if text else UNKNOWN, call.taint)], "")


GRAMMARS: dict[str, Callable[[Call, Model], None]] = {"find": _find, "xargs": _xargs, "parallel": _parallel}
