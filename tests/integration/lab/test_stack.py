"""A laboratory starts, is what it says, and goes away without a trace, however far it got."""

import asyncio
import os
import shlex
import signal
import stat
import sys
import time
from pathlib import Path

import pytest

from vigie.domain.errors import Permanent
from vigie.lab import processes
from vigie.lab.counters import Counters
from vigie.lab.observation import observe
from vigie.lab.stack import Stack, sweep

pytestmark = pytest.mark.slow

SRC = Path(__file__).parents[3] / "src"
LEAVE_ONE_BEHIND = """
import asyncio, pathlib, sys
from vigie.lab.stack import Stack
async def main():
    stack = await Stack.build(parent=pathlib.Path(sys.argv[1]), order_count=2000)
    await stack.stray([str(stack.layout.python), "-c", "import time; time.sleep(600)"])
    print(stack.layout.home, flush=True)
    await asyncio.sleep(600)
asyncio.run(main())
"""


async def test_a_laboratory_serves_customers_and_is_private(stack: Stack) -> None:
    assert (await observe(stack, window_s=0.0)).complaints() == []
    assert stat.S_IMODE(stack.layout.home.stat().st_mode) == 0o700
    assert await stack.services() == {"proxy": "RUNNING", "web": "RUNNING", "worker": "RUNNING"}


async def test_the_way_in_is_a_host_of_its_own(stack: Stack) -> None:
    host = stack.host("shop")
    assert host.address == f"exec:{stack.layout.host}/enter"
    assert host.focus == (str(stack.layout.host),)
    completed = await stack.enter('pwd; echo "$HOME"; command -v supervisorctl; command -v python3; cat', stdin=b"given")
    folder = str(stack.layout.host)
    assert completed.text().split() == [folder, folder, f"{folder}/bin/supervisorctl", f"{folder}/bin/python3", "given"]


async def test_a_line_that_does_not_end_is_ended(stack: Stack) -> None:
    completed = await stack.enter("sleep 60", timeout_s=0.3)
    assert completed.killed
    assert completed.rc is None


async def test_an_order_is_taken_and_prepared(stack: Stack) -> None:
    answer = await stack.ask("/checkout", body=b"customer=7&product=1&address=2+Quay")
    assert answer.status == 201
    for _ in range(100):
        if '"order prepared"' in (stack.layout.logs / "worker.log").read_text(encoding="utf-8"):
            return
        await asyncio.sleep(0.05)
    pytest.fail("the worker did not prepare the order")


async def test_nothing_in_the_logs_of_a_quiet_host_is_an_error(stack: Stack) -> None:
    await observe(stack, window_s=0.0)
    for name in ("app.log", "proxy-error.log", "worker.log", "web.out", "worker.out", "proxy.out"):
        text = (stack.layout.logs / name).read_text(encoding="utf-8")
        assert not any(word in text.lower() for word in ("error", "traceback", "warning")), name


async def test_a_laboratory_can_be_taken_hold_of_by_another_process(stack: Stack) -> None:
    other = Stack.attach(stack.layout.home)
    assert other.url == stack.url
    assert await other.services() == await stack.services()


def test_where_there_is_no_laboratory_none_is_found(tmp_path: Path) -> None:
    with pytest.raises(Permanent) as none:
        Stack.attach(tmp_path)
    assert none.value.key == "lab.unknown"


async def test_stopping_leaves_no_process_and_no_file(parent: Path) -> None:
    stack = await Stack.build(parent=parent, order_count=2000)
    await stack.stray([str(stack.layout.python), "-c", "import signal; signal.signal(15, signal.SIG_IGN); signal.pause()"])
    assert len(processes.within(stack.layout.home)) == 7
    began = time.monotonic()
    assert await stack.stop() == []
    assert time.monotonic() - began < 5
    assert processes.within(stack.layout.home) == []
    assert list(parent.iterdir()) == []


@pytest.mark.parametrize("after_s", [0.0, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0])
async def test_a_laboratory_cut_short_while_it_starts_leaves_nothing(parent: Path, after_s: float) -> None:
    building = asyncio.create_task(Stack.build(parent=parent, order_count=2000))
    await asyncio.sleep(after_s)
    building.cancel()
    with pytest.raises(asyncio.CancelledError):
        await building
    assert processes.within(parent) == []
    assert list(parent.iterdir()) == []


async def test_what_a_killed_demonstration_leaves_is_cleared_away_by_the_next(parent: Path) -> None:
    maker = await asyncio.create_subprocess_exec(
        sys.executable, "-c", LEAVE_ONE_BEHIND, str(parent), env={"PYTHONPATH": str(SRC)}, stdout=asyncio.subprocess.PIPE
    )
    assert maker.stdout is not None
    home = Path((await maker.stdout.readline()).decode().strip())
    assert await sweep(parent) == []  # its maker still runs
    maker.kill()
    await maker.wait()
    assert len(processes.within(home)) == 7
    assert await sweep(parent) == [home]
    assert processes.within(home) == []
    assert not home.exists()


async def test_a_process_that_only_looks_like_ours_is_left_alone(parent: Path) -> None:
    stack = await Stack.build(parent=parent, order_count=2000)
    stranger = await asyncio.create_subprocess_exec("sleep", "60", cwd=stack.layout.home, env={"NOTE": str(stack.layout.home)})
    try:
        await stack.stop()
        assert stranger.returncode is None
        assert processes.look(stranger.pid) is not None
    finally:
        stranger.kill()
        await stranger.wait()


async def test_a_path_too_long_for_a_socket_is_refused_and_left_clean(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100)
    deep.mkdir()
    with pytest.raises(Permanent) as refused:
        await Stack.build(parent=deep)
    assert refused.value.key == "lab.folder"
    assert list(deep.iterdir()) == []


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
async def test_an_ordinary_user_can_run_one_too(parent: Path) -> None:
    parent.chmod(0o777)
    reads = f"test -x {shlex.quote(sys.executable)} && test -r {shlex.quote(str(SRC / 'vigie' / 'app.py'))}"
    looker = await asyncio.create_subprocess_exec("sh", "-c", reads, user=65534, group=65534, extra_groups=[])
    if await looker.wait() != 0:
        pytest.skip("this interpreter or these sources are not open to an ordinary user")
    maker = await asyncio.create_subprocess_exec(
        sys.executable, "-c", LEAVE_ONE_BEHIND, str(parent),
        env={"PYTHONPATH": str(SRC), "PYTHONDONTWRITEBYTECODE": "1"}, user=65534, group=65534, extra_groups=[],
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, cwd="/",
    )  # fmt: skip
    assert maker.stdout is not None
    try:
        line = (await asyncio.wait_for(maker.stdout.readline(), 30)).decode().strip()
        if not line and not os.access(SRC, os.R_OK, follow_symlinks=True):
            pytest.skip("the sources are not readable for others")
        stack = Stack.attach(Path(line))
        assert stack.layout.home.stat().st_uid == 65534
        assert (await observe(stack, window_s=0.0)).complaints() == []
    finally:
        maker.kill()
        await maker.wait()
        assert line
        # The sweep is the ordinary user's own: root's leaves what belongs to others alone.
        assert await sweep(parent) == []
        code = "import asyncio, pathlib, sys; from vigie.lab.stack import sweep; asyncio.run(sweep(pathlib.Path(sys.argv[1])))"
        sweeper = await asyncio.create_subprocess_exec(
            sys.executable, "-c", code, str(parent), env={"PYTHONPATH": str(SRC), "PYTHONDONTWRITEBYTECODE": "1"},
            user=65534, group=65534, extra_groups=[], cwd="/",
        )  # fmt: skip
        assert await sweeper.wait() == 0
    assert list(parent.iterdir()) == []


async def test_each_side_effect_is_counted_exactly_once(stack: Stack) -> None:
    mark = stack.counters.mark()
    await stack.enter(
        'for n in 1 2 3; do echo "# $n" >> etc/proxy.conf; done;'
        " cp etc/shop.ini var/tmp/x; mv var/tmp/x etc/shop.ini; chmod 600 etc/shop.ini;"
        " ln -s r41 releases/.n; mv -T releases/.n releases/current; ln -s r42 releases/.n; mv -T releases/.n releases/current;"
        " : > var/log/worker.log"
    )
    script = (
        b"import sqlite3\n"
        b"db = sqlite3.connect('var/db/shop.db', isolation_level=None)\n"
        b"for line in 'CREATE INDEX a ON orders (status)', 'DROP INDEX a', 'CREATE INDEX b ON orders (status)':\n"
        b"    db.execute(line)\n"
    )
    assert (await stack.enter("python3 -", stdin=script)).rc == 0
    await stack.control("restart worker")
    await asyncio.sleep(0.5)
    tally = stack.counters.tally(mark)
    assert tally["config.written", "proxy.conf"] == 3
    assert tally["config.written", "shop.ini"] == 1
    assert tally["config.mode", "shop.ini"] == 1
    assert tally["release", "current"] == 2
    assert tally["log.truncated", "worker.log"] == 1
    assert tally["service.started", "worker"] == 1
    assert tally["index.created", "b"] == 1
    assert sum(int(str(one.fields["times"])) for one in stack.counters.read(mark) if one.kind == "schema.changed") == 3


async def test_the_counts_go_on_when_the_maker_is_killed(parent: Path) -> None:
    maker = await asyncio.create_subprocess_exec(
        sys.executable, "-c", LEAVE_ONE_BEHIND, str(parent), env={"PYTHONPATH": str(SRC)}, stdout=asyncio.subprocess.PIPE
    )
    assert maker.stdout is not None
    stack = Stack.attach(Path((await maker.stdout.readline()).decode().strip()))
    maker.send_signal(signal.SIGKILL)
    await maker.wait()
    try:
        counters: Counters = stack.counters
        mark = counters.mark()
        await stack.control("restart web")
        await asyncio.sleep(0.3)
        assert counters.tally(mark) == {("service.started", "web"): 1}
    finally:
        await stack.stop()
