"""The scripts that speak to Redis, on a real one with a password that only its file and its clients know."""

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from vigie.knowledge import library

PASSWORD = "only-in-the-file"
SERVER = shutil.which("redis-server")
pytestmark = pytest.mark.skipif(SERVER is None, reason="redis-server is not installed")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Cache:
    """A server of our own."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.folder = folder

    def script(self, name: str, *words: str) -> subprocess.CompletedProcess[str]:
        source = library.load().scripts[name].source.decode()
        argv = [sys.executable, "-", str(self.port), *words]
        return subprocess.run(argv, input=source, capture_output=True, text=True, timeout=30, check=False)

    def tell(self, *words: str) -> str:
        argv = ["redis-cli", "-p", str(self.port), "-a", PASSWORD, "--no-auth-warning", *words]
        return subprocess.run(argv, capture_output=True, text=True, timeout=10, check=False).stdout.strip()

    def seen(self, what: str) -> list[dict[str, object]]:
        done = self.script("redis_read", what, str(self.folder))
        assert PASSWORD not in done.stdout + done.stderr
        return [json.loads(line)["value"] for line in done.stdout.splitlines()]

    def aside(self, end: str, item: object, *, back: bool = False) -> int:
        return self.script("redis_change", "back" if back else "aside", "mails", end, str(item)).returncode


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cache]:
    folder = tmp_path_factory.mktemp("redis")
    found = Cache(folder)
    lines = [f"port {found.port}", "bind 127.0.0.1", f"requirepass {PASSWORD}", "maxmemory 64mb", f"dir {folder}", 'save ""']
    (folder / "redis.conf").write_text("\n".join(lines) + "\n", encoding="utf-8")
    process = subprocess.Popen([str(SERVER), str(folder / "redis.conf")], stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 10
        while found.tell("ping") != "PONG" and time.monotonic() < deadline:
            time.sleep(0.05)
        yield found
    finally:
        process.terminate()
        process.wait(10)


def commands(*words: Sequence[str]) -> str:
    return json.dumps(list(words))


def test_a_setting_that_is_not_as_its_file_says_is_seen_and_put_back(cache: Cache) -> None:
    cache.tell("config", "set", "maxmemory", "2mb")
    [limit] = [row for row in cache.seen("settings") if row["key"] == "maxmemory"]
    assert (limit["value"], limit["filed"]) == ("2097152", "64mb")
    wanted = commands(json.loads(str(limit["refile"])))
    assert cache.script("redis_read", "holds", wanted).returncode == 1
    assert cache.script("redis_change", "put", wanted).returncode == 0
    assert cache.script("redis_read", "holds", wanted).returncode == 0


@pytest.mark.parametrize("words", [["FLUSHALL"], ["CONFIG", "SET", "requirepass", ""], ["CONFIG", "SET", "protected-mode", "no"]])
def test_what_would_lose_or_open_something_is_not_sent(cache: Cache, words: list[str]) -> None:
    assert cache.script("redis_change", "put", commands(words)).returncode == 3


def test_an_item_unlike_the_rest_goes_aside_and_comes_back_and_no_other_moves(cache: Cache) -> None:
    cache.tell("rpush", "mails", '{"id": 1}', '{"id": 2}', '{"id": 3}', "{broken")
    [queue] = cache.seen("queues")
    assert (queue["odd"], queue["length"], queue["excerpt"]) == ("right", 4, "{broken")
    item = queue["item"]
    assert cache.aside("left", item) == 3  # another item is at that end
    assert cache.aside("right", item) == 0
    assert cache.script("redis_read", "is_aside", "mails", "right", str(item)).returncode == 0
    assert cache.tell("lrange", "mails:vigie-aside", "0", "-1") == "{broken"
    assert [row["length"] for row in cache.seen("queues")] == [3]
    assert cache.aside("right", item, back=True) == 0
    assert [row["length"] for row in cache.seen("queues")] == [4]
