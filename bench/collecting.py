"""The fifteen things that are done to logs, by a real writer in a process of its own, with random timing: is each line read once?

Each case runs for many seeds. A writer numbers its lines and does to its file what the case says, as rotation tools and programs
do it, while the follower reads and now and then dies without having stored where it was. In the last case the whole path, from
the file to the kept lines, is killed with SIGKILL in the middle of its work and begun again.
"""

import asyncio
import gzip
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial as partial_
from pathlib import Path

from bench.figure import Figure
from vigie.clock import SystemClock
from vigie.collectors.alertmanager import Alertmanager
from vigie.collectors.collector import Around, Spec
from vigie.collectors.follower import Follower
from vigie.collectors.post import StoredPost
from vigie.collectors.tail import LINE_MAX
from vigie.memory.lines.store import LineStore, Question

FULL, SHORT = 100, 4
KILLS = 3


@dataclass
class Writer:
    """Writes numbered lines to a file, as a program does that keeps it open and can be told to open it anew."""

    folder: Path
    dice: random.Random
    number: int = 0
    file: int = 0
    wrote: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.path = self.folder / "app.log"
        self.fd = -1
        self.reopen()

    def reopen(self) -> None:
        if self.fd >= 0:
            os.close(self.fd)
        self.fd = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self.file += 1

    def lines(self, count: int, tail: str = "", end: bytes = b"\n") -> None:
        """Write lines in pieces that end anywhere."""
        text = b""
        for _ in range(count):
            self.number += 1
            line = f"line {self.number} file {self.file} of {self.dice.getrandbits(40):x}{tail}"
            self.wrote.append(line)
            text += line.encode() + end
        self.raw(text)

    def raw(self, text: bytes) -> None:
        while text:
            size = self.dice.choice((len(text), self.dice.randint(1, max(1, len(text)))))
            os.write(self.fd, text[:size])
            text = text[size:]
            self.rest()

    def rest(self) -> None:
        if self.dice.random() < 0.3:
            time.sleep(self.dice.choice((0.0, 0.001, 0.01)))

    def some(self) -> int:
        return self.dice.choice((0, 1, 2, 10, 200))

    def rotate(self) -> None:
        for old in range(8, 0, -1):
            name = Path(f"{self.path}.{old}")
            if name.exists():
                name.rename(f"{self.path}.{old + 1}")
        self.path.rename(f"{self.path}.1")


def renamed(writer: Writer) -> None:
    for _ in range(3):
        writer.lines(writer.some() + 1)
        writer.rotate()
        if writer.dice.random() < 0.5:
            writer.path.touch()
        writer.lines(writer.some())  # into the renamed file
        writer.reopen()
        writer.lines(writer.some() + 1)


def copied_and_cut(writer: Writer) -> None:
    for _ in range(2):
        writer.lines(writer.some() + 3)
        copy = Path(f"{writer.path}.1")
        if copy.exists():
            copy.rename(f"{writer.path}.2")
        shutil.copy(writer.path, copy)
        os.truncate(writer.path, 0)
        writer.file += 1
        writer.rest()
        writer.lines(writer.some() + 1)


def inode_used_again(writer: Writer) -> None:
    for _ in range(3):
        writer.lines(writer.some() + 1)
        time.sleep(0.7)  # what nobody has read before it is deleted is gone for everybody
        writer.path.unlink()
        writer.reopen()  # file systems give the new file the inode of the one that is gone
        writer.lines(writer.some() + 1)


def partial(writer: Writer) -> None:
    for _ in range(4):
        writer.lines(3)
        writer.number += 1
        line = f"line {writer.number} in parts {'x' * writer.dice.randrange(200)}"
        writer.wrote.append(line)
        cut = writer.dice.randrange(1, len(line))
        os.write(writer.fd, line[:cut].encode())
        time.sleep(writer.dice.choice((0.0, 0.05, 0.3)))
        os.write(writer.fd, line[cut:].encode() + b"\n")


def traces(writer: Writer) -> None:
    for _ in range(5):
        writer.lines(1, " ERROR it broke")
        for frame in range(writer.dice.randint(1, 12)):
            writer.number += 1
            line = f"    at com.example.Part{frame}.run(Part.java:{writer.number})"
            writer.wrote.append(line)
            writer.raw(line.encode() + b"\n")
        if writer.dice.random() < 0.5:
            writer.rotate()
            writer.reopen()


def odd_bytes(writer: Writer) -> None:
    for _ in range(5):
        writer.lines(2)
        writer.number += 1
        odd = writer.dice.choice((b"\xff\xfe", "é".encode("latin-1"), "日".encode("shift_jis"), b"\xc3", b"\xed\xa0\x80"))
        whole = b"line %d odd " % writer.number + odd + b" end"
        writer.wrote.append(whole.decode("utf-8", "replace"))
        writer.raw(whole + b"\n")


def long_lines(writer: Writer) -> None:
    for size in (LINE_MAX - 1, LINE_MAX * 3, 1_000_000):
        writer.lines(2)
        writer.number += 1
        line = f"line {writer.number} " + "y" * size
        writer.wrote.append(line)
        for begin in range(0, len(line), 50_000):
            os.write(writer.fd, line[begin : begin + 50_000].encode())
            writer.rest()
        os.write(writer.fd, b"\n")
        writer.lines(1)


def nul_bytes(writer: Writer) -> None:
    """A file that was cut while its writer does not append begins with zeros; a crash leaves some too."""
    writer.lines(writer.some() + 3)
    time.sleep(0.6)
    os.truncate(writer.path, 0)
    os.close(writer.fd)
    writer.fd = os.open(writer.path, os.O_WRONLY)
    os.lseek(writer.fd, 4096, os.SEEK_SET)
    writer.lines(3)
    writer.number += 1
    writer.wrote.append(f"line {writer.number} with a hole")
    writer.raw(f"line {writer.number} with\0\0 a hole\n".encode())


def carriage_returns(writer: Writer) -> None:
    for _ in range(3):
        writer.lines(writer.some() + 1, end=b"\r\n")
        writer.lines(1)


def packed(writer: Writer) -> None:
    for _ in range(2):
        writer.lines(writer.some() + 1)
        writer.rotate()
        writer.reopen()
        writer.lines(writer.some())
        time.sleep(0.6)  # as logrotate's delaycompress
        old = Path(f"{writer.path}.1")
        with old.open("rb") as plain, gzip.open(f"{old}.gz", "wb") as target:
            shutil.copyfileobj(plain, target)
        old.unlink()
        writer.lines(writer.some() + 1)


def linked(writer: Writer) -> None:
    """The name is a link that is set to a new file, as programs do that write a file a day."""
    for day in range(3):
        target = writer.folder / f"day-{day}.txt"
        target.touch()
        fresh = writer.folder / "fresh"
        fresh.symlink_to(target)
        fresh.rename(writer.path)
        time.sleep(0.3)
        writer.lines(writer.some())  # into the one before
        writer.reopen()
        writer.lines(writer.some() + 1)


def deleted_open(writer: Writer) -> None:
    writer.lines(writer.some() + 1)
    time.sleep(0.6)
    writer.path.unlink()
    writer.lines(writer.some())  # nobody has a name for them, whoever has the file open reads them
    time.sleep(0.3)
    writer.reopen()
    writer.lines(writer.some() + 1)


def odd_clocks(writer: Writer) -> None:
    for old_s in (0, 2**31 - 1, time.time() + 10**7, 1):
        writer.lines(writer.some() + 1)
        os.utime(writer.path, (old_s, old_s))
        if writer.dice.random() < 0.5:
            writer.rotate()
            writer.reopen()
            os.utime(f"{writer.path}.1", (old_s, old_s))


def burst(writer: Writer) -> None:
    """Two rotations while nobody reads: see `stalls` in `follow`."""
    for _ in range(2):
        writer.lines(2000)
        writer.rotate()
        writer.reopen()
    writer.lines(100)


CASES: dict[str, Callable[[Writer], None]] = {
    "renamed": renamed,
    "copied and cut": copied_and_cut,
    "inode used again": inode_used_again,
    "partial lines": partial,
    "traces": traces,
    "invalid bytes": odd_bytes,
    "very long lines": long_lines,
    "NUL bytes": nul_bytes,
    "CRLF": carriage_returns,
    "packed": packed,
    "symbolic link": linked,
    "deleted while open": deleted_open,
    "clocks and old times": odd_clocks,
    "burst, nobody reads": burst,
}
# Where a file is deleted or packed, what a dead reader has not stored is nowhere any more: there it does not die.
NEVER_DIES = {"inode used again", "packed", "deleted while open", "NUL bytes", "symbolic link"}


@dataclass(frozen=True)
class Outcome:
    """What was lost, came twice although nothing died, or came in another order than it was written in."""

    lost: int
    doubled: int
    disordered: bool


def follow(case: str, seed: int, folder: Path) -> Outcome:
    """Run a case once."""
    dice = random.Random(f"{case}{seed}")
    path = folder / "app.log"
    path.write_text("before\n")
    told = folder / "told"
    follower, position = Follower([str(path)]), None
    follower.begin(None, time.monotonic())
    position = follower.position()
    child = os.fork()
    if not child:
        _write(case, seed, folder, told)
    stored: list[str] = []
    fresh: list[str] = []
    stall_until = time.monotonic() + 0.5 if case.startswith("burst") else 0.0
    ended = 0.0
    ahead_s = 0.0
    while ended < 14:
        if not ended and os.waitpid(child, os.WNOHANG)[0]:
            ended = 1.0
        if ended:
            ended, ahead_s = ended + 1, ahead_s + 1.0
        elif time.monotonic() < stall_until:
            time.sleep(0.02)
            continue
        fresh += [line.text for line in follower.poll(time.monotonic() + ahead_s).lines]
        if dice.random() < 0.5:
            stored, fresh, position = stored + fresh, [], follower.position()
        if case not in NEVER_DIES and not ended and dice.random() < 0.05:
            follower.close()
            fresh = []
            follower = Follower([str(path)])
            follower.begin(position, time.monotonic() + ahead_s)
        time.sleep(0 if ended else dice.choice((0, 0.002, 0.02)))
    follower.close()
    return judged(told.read_bytes().decode("utf-8").split("\n")[:-1], stored + fresh)


def _write(case: str, seed: int, folder: Path, told: Path) -> None:
    """Be the writer: a process of its own."""
    code = 1
    try:
        writer = Writer(folder, random.Random(seed))
        CASES[case](writer)
        told.write_bytes("".join(f"{line}\n" for line in writer.wrote).encode())
        code = 0
    finally:
        os._exit(code)


def judged(wrote: list[str], read: list[str]) -> Outcome:
    names = Counter(line[:LINE_MAX] for line in wrote)
    found = Counter(line.removesuffix(" […]")[:LINE_MAX] for line in read if line != "before")
    files: dict[str, list[int]] = {}
    for words in (line.split() for line in read if " file " in line[:40]):
        files.setdefault(words[3], []).append(int(words[1]))
    return Outcome(
        lost=sum((names - found).values()),
        doubled=sum((found - names).values()),
        disordered=any(numbers != sorted(numbers) for numbers in files.values()),
    )


def killed(seed: int, folder: Path, lines: int = 3000) -> Outcome:
    """Kill the whole path with SIGKILL while it reads and keeps; then look at what is kept."""
    dice = random.Random(seed)
    path, home = folder / "app.log", folder / "home"
    path.touch()
    told = folder / "told"
    running = _reader(home, path)
    while not _begun(home, path):
        time.sleep(0.1)
    child = os.fork()
    if not child:
        _write_slowly(seed, folder, told, lines)
    for _ in range(KILLS):
        before, until = len(_kept(home)), time.monotonic() + 10
        while time.monotonic() < until and len(_kept(home)) == before:
            time.sleep(0.05)
        time.sleep(dice.uniform(0.0, 0.6))
        running.send_signal(signal.SIGKILL)
        running.wait()
        running = _reader(home, path)
    os.waitpid(child, 0)
    wrote = told.read_text().split("\n")[:-1]
    read: list[str] = []
    until = time.monotonic() + 60
    while time.monotonic() < until and len(read) < len(wrote):
        time.sleep(0.3)
        read = _kept(home)
    running.send_signal(signal.SIGKILL)
    running.wait()
    return judged(wrote, read)


def _reader(home: Path, path: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-m", "bench.collecting", str(home), str(path)], stderr=subprocess.DEVNULL)


def _kept(home: Path) -> list[str]:
    if not (home / "events.db").exists():
        return []
    store = LineStore(home / "events.db")
    try:
        hits = store.find(Question("line", limit=100_000, patience_s=30)).hits
    finally:
        store.close()
    return [hit.text for hit in sorted(hits, key=lambda hit: hit.rank[1:])]


def _begun(home: Path, path: Path) -> bool:
    if not (home / "events.db").exists():
        return False
    store = LineStore(home / "events.db")
    try:
        return store.position(f"file:h:{path}") is not None
    finally:
        store.close()


def _write_slowly(seed: int, folder: Path, told: Path, lines: int) -> None:
    code = 1
    try:
        writer = Writer(folder, random.Random(seed))
        while writer.number < lines:
            writer.lines(writer.dice.choice((1, 10, 40)))
            time.sleep(writer.dice.choice((0.0, 0.1, 0.3)))
            if writer.dice.random() < 0.02:
                writer.rotate()
                writer.reopen()
        told.write_bytes("".join(f"{line}\n" for line in writer.wrote).encode())
        code = 0
    finally:
        os._exit(code)


def figures(short: bool) -> list[Figure]:
    found = []
    for case in CASES:
        seeds = range(SHORT if short else FULL)
        found.append(_figure(case, [_in_folder(partial_(follow, case, seed)) for seed in seeds]))
    kills = [_in_folder(partial_(killed, seed)) for seed in range(2 if short else 20)]
    return [*found, _figure(f"killed {KILLS} times in mid-batch", kills), _acknowledged(50 if short else 500)]


def _acknowledged(count: int) -> Figure:
    """How long it takes until what was sent is durable, its signature checked: what comes before the 202."""
    body = json.dumps(
        {"alerts": [{"status": "firing", "labels": {"alertname": "Load"}, "fingerprint": str(n)} for n in range(20)]}
    ).encode()

    async def measure(folder: Path) -> list[float]:
        (folder / "secret").write_text("secret")
        post = StoredPost(lambda: LineStore(folder / "events.db"))
        options = {"secret_file": str(folder / "secret")}
        receiver = Alertmanager.make(Spec("alertmanager", "h", options=options), Around(SystemClock(), _nothing, _unknown, post))
        took = []
        for _ in range(count):
            started = time.perf_counter()
            await receiver.accept({"authorization": "Bearer secret"}, body)
            took.append(time.perf_counter() - started)
        await post.close()
        return sorted(took)

    with tempfile.TemporaryDirectory() as folder:
        took = asyncio.run(measure(Path(folder)))
    p95, p50 = took[int(0.95 * len(took))], took[len(took) // 2]
    note = f"{count} notifications of 20 alerts, median {1000 * p50:.1f} ms"
    return Figure("webhook durable, p95", round(1000 * p95, 1), "ms", "at most", 50, note)


async def _nothing(_host: str, _line: str) -> bytes:
    return b""


async def _unknown(_host: str) -> bool:
    return False


def _figure(case: str, outcomes: list[Outcome]) -> Figure:
    lost, doubled = sum(each.lost for each in outcomes), sum(each.doubled for each in outcomes)
    disordered = sum(each.disordered for each in outcomes)
    bad = sum(each != Outcome(0, 0, disordered=False) for each in outcomes)
    note = f"{len(outcomes)} seeds; {lost} lines lost, {doubled} twice, {disordered} runs out of order"
    return Figure(f"{case}: runs that went wrong", bad, "", "at most", 0, note)


def _in_folder(run: Callable[[Path], Outcome]) -> Outcome:
    with tempfile.TemporaryDirectory() as folder:
        return run(Path(folder))


async def _main(home: Path, path: str) -> None:
    """Follow a file and keep its lines until killed."""
    from vigie.collectors.file import FileCollector
    from vigie.collectors.keeping import Keeper
    from vigie.collectors.loop import Loop
    from vigie.domain.finding import Finding
    from vigie.memory.memory import Memory
    from vigie.signals.pipeline import Pipeline

    async def sink(_: Finding) -> None:
        return

    clock = SystemClock()
    memory = (await Memory.open(home, clock=clock)).of()
    collector = FileCollector("h", [path], clock=clock, from_start=True, poll_s=0.05)
    keeper = Keeper(memory.lines, clock=clock)
    await Loop([collector], Pipeline(judges=[]), sink, memory.cursors, clock=clock, keeper=keeper).run()


if __name__ == "__main__":
    asyncio.run(_main(Path(sys.argv[1]), sys.argv[2]))
