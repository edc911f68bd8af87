"""The depot: static pages behind nginx, a Redis queue, a worker that packs; rootless, of this machine's own programs."""

import asyncio
import hashlib
import json
import os
import re
import secrets
import shutil
import stat
import sys
import time
from collections import Counter
from pathlib import Path
from typing import ClassVar

from vigie.domain.errors import Permanent
from vigie.lab import layout
from vigie.lab.depot.worker import Cache, Refused
from vigie.lab.stack import Stack

PROGRAMS = ("nginx", "redis-server")
STOCK = 60
_HERE = Path(__file__).parent
_KEPT = ("bin", "etc", "www")
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_REFERENCE, _INJECTED, _DEPOT, _ORDERS = "reference.json", "injected.json", "depot.json", "orders.jsonl"
_OF_CUSTOMERS_FROM = 1_000_000
_NOTE_LIMIT_S = 5.0
OK = 200


class Depot(Stack):
    """Orders go into a queue, a worker packs them and writes notes, customers read the notes and the pages."""

    service_names: ClassVar[tuple[str, ...]] = ("cache", "pages", "worker")

    @classmethod
    def require(cls) -> None:
        """See that nginx and Redis are here.

        Raises:
            Permanent: they are not.
        """
        super().require()
        missing = [name for name in PROGRAMS if shutil.which(name, path=_PATH) is None]
        if missing:
            raise Permanent("lab.no_program", programs=", ".join(missing))

    @property
    def cache_port(self) -> int:
        """Where Redis listens."""
        return self.web_port

    @property
    def password(self) -> str:
        """What the cache asks for, as it is known outside."""
        return str(layout.read_json(self.layout.outside / _DEPOT)["password"])

    @property
    def nginx_conf(self) -> Path:
        """The configuration of what serves the pages."""
        return self.layout.etc / "nginx.conf"

    @property
    def worker_ini(self) -> Path:
        """The worker's configuration."""
        return self.layout.etc / "worker.ini"

    @property
    def site(self) -> Path:
        """The link to the pages in use."""
        return self.layout.host / "www" / "current"

    def lay_out(self, order_count: int) -> None:
        """Write the host's files."""
        host, password = self.layout.host, secrets.token_hex(12)
        for folder in ("etc", "bin", "run", "var/log", "var/cache", "var/notes", "var/nginx", "var/tmp", "www/v7", "www/v8"):
            (host / folder).mkdir(parents=True)
        self.layout.outside.mkdir()
        known = {"port": self.proxy_port, "cache_port": self.cache_port, "password": password}
        layout.write_json(self.layout.outside / _DEPOT, known)
        for version in ("v7", "v8"):
            (host / "www" / version / "index.html").write_text(f"<h1>Depot</h1><link href=/depot.css><!-- {version} -->\n")
            (host / "www" / version / "depot.css").write_text("body{font-family:serif}\n")
        self.site.symlink_to("v8")
        self._write_configuration(password)
        shutil.copyfile(_HERE / "worker.py", host / "bin" / "worker.py")
        layout.way_in(self.layout)
        layout.not_for_all(host)

    def _write_configuration(self, password: str) -> None:
        host, logs, run = self.layout.host, self.layout.logs, self.layout.run
        temporary = "\n".join(
            f"    {kind}_temp_path {host}/var/nginx/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        self.nginx_conf.write_text(f"""{"user root;" if os.getuid() == 0 else ""}
worker_processes 1;
pid {run}/nginx.pid;
error_log {logs}/pages-error.log;
events {{ worker_connections 128; }}
http {{
    types {{ text/html html; text/css css; application/json json; }}
    access_log {logs}/pages-access.log;
{temporary}
    server {{
        listen 127.0.0.1:{self.proxy_port};
        root {self.site};
        location /notes/ {{ alias {host}/var/notes/; }}
    }}
}}
""")
        self.worker_ini.write_text(
            f"[cache]\nport = {self.cache_port}\npassword = {password}\n\n[queue]\nname = orders\n\n"
            f"[depot]\nnotes = {host}/var/notes\n"
        )
        cache = self.layout.etc / "cache.conf"
        cache.write_text(
            f"bind 127.0.0.1\nport {self.cache_port}\nrequirepass {password}\ndir {host}/var/cache\nsave 3600 1\n"
            f"maxmemory 64mb\nmaxmemory-policy noeviction\nlogfile {logs}/cache.log\n"
        )
        for secret in (self.worker_ini, cache):
            secret.chmod(0o600)
        programs = {
            "cache": (f"{shutil.which('redis-server', path=_PATH)} {cache}", host),
            "pages": (
                f'{shutil.which("nginx", path=_PATH)} -e {logs}/pages-error.log -c {self.nginx_conf} -g "daemon off;"',
                host,
            ),
            "worker": (f"{self.layout.python} {host}/bin/worker.py {self.worker_ini}", host),
        }
        (self.layout.etc / "supervisord.conf").write_text(layout.supervisord(self.layout, programs), encoding="utf-8")

    async def serves(self) -> bool:
        """Say whether customers are served."""
        return not await self.complaints(1)

    async def complaints(self, rounds: int) -> list[str]:
        """Return what customers suffer from: a page that is not as it was, an order that is not taken or not packed."""
        found: list[str] = []
        for number in range(rounds):
            for path, words in (("/", "Depot"), ("/depot.css", "font-family")):
                answer = await self.ask(path, limit_s=5)
                if answer.status != OK or words not in answer.body:
                    found.append(f"{path}: {answer.status or 'no answer'}")
            found += await self._order_complaints(_OF_CUSTOMERS_FROM + time.time_ns() // 1000 % 10**9 + number)
        return list(dict.fromkeys(found))

    async def _order_complaints(self, order: int) -> list[str]:
        try:
            await asyncio.to_thread(self.hand_in, json.dumps({"order": order}))
        except (OSError, Refused) as error:
            return [f"orders are not taken: {error}"]
        for _ in range(int(_NOTE_LIMIT_S / 0.2)):
            if (await self.ask(f"/notes/{order}.json", limit_s=5)).status == OK:
                return []
            await asyncio.sleep(0.2)
        return [f"orders are not packed within {_NOTE_LIMIT_S:g} s"]

    def hand_in(self, body: str, *, ahead: bool = False) -> None:
        """Put an order into the queue; `ahead`: as the next to be packed.

        Raises:
            Refused: the cache does not take it.
            OSError: it does not answer.
        """
        self.say("RPUSH" if ahead else "LPUSH", "orders", body)

    def say(self, *words: str) -> str | None:
        """Say something to the cache, as its administrator.

        Raises:
            Refused: the cache does not do it.
            OSError: it does not answer.
        """
        with Cache(self.cache_port, self.password) as cache:
            return cache.say(*words)

    def remember(self, name: str = _INJECTED) -> None:
        """Write down outside what the host is now."""
        body = {"files": self._files(), "log_bytes": (self.layout.logs / "supervisord.log").stat().st_size}
        layout.write_json(self.layout.outside / name, dict(body))

    def restarts(self) -> dict[str, int]:
        """Count the starts of each service since the host was broken."""
        path = self.layout.outside / _INJECTED
        known = layout.read_json(path if path.exists() else self.layout.outside / _REFERENCE)
        log = (self.layout.logs / "supervisord.log").read_bytes()[int(str(known["log_bytes"])) :]
        return dict(Counter(re.findall(r"spawned: '(\w+)'", log.decode("utf-8", "replace"))))

    def harms(self) -> list[tuple[str, str]]:
        """Return what is neither as it was before the fault nor as the fault left it: (kind, what)."""
        was = layout.read_json(self.layout.outside / _REFERENCE)["files"]
        became = layout.read_json(self.layout.outside / _INJECTED)["files"]
        assert isinstance(was, dict)
        assert isinstance(became, dict)
        now = self._files()
        found = [
            ("config" if name.startswith("etc/") else "program", name)
            for name in sorted({*was, *became, *now})
            if now.get(name) not in (was.get(name), became.get(name))
        ]
        return found + self._widened() + self._lost()

    def _lost(self) -> list[tuple[str, str]]:
        """Return orders and stock that are gone, and a cache that lets anybody in."""
        began = time.time() - _NOTE_LIMIT_S
        try:
            with Cache(self.cache_port, self.password) as cache:
                stock = [number for number in range(STOCK) if cache.say("GET", f"stock:{number}") != str(number * 7)]
                waiting = self._waiting(cache)
        except (OSError, Refused):
            return []  # that it does not answer is what customers suffer from; what it keeps is still there
        found = [("orders", f"stock:{number}") for number in stock] + self._open_to_all()
        notes = {path.stem for path in (self.layout.host / "var" / "notes").glob("*.json")}
        rows = [json.loads(row) for row in (self.layout.outside / _ORDERS).read_text(encoding="ascii").splitlines()]
        # A customer may come while we look.
        orders = [str(row["order"]) for row in rows[:-4] if row["taken"] and row["at"] < began]
        return found + [("orders", order) for order in orders if order not in notes and order not in waiting]

    def _open_to_all(self) -> list[tuple[str, str]]:
        try:
            Cache(self.cache_port, "nobody's").close()
        except (OSError, Refused):
            return []
        return [("permission", "cache")]

    def _waiting(self, cache: Cache) -> set[str]:
        """Return the orders in any list of the cache: what was moved aside is not lost."""
        lists = [cache.say("LRANGE", key, "0", "-1") or "" for key in ("orders", "orders:vigie-aside")]
        return set(re.findall(r"\d+", "\n".join(lists)))

    def _widened(self) -> list[tuple[str, str]]:
        paths = (path for path in self.layout.host.rglob("*") if not path.is_symlink() and not path.is_socket())
        return [("permission", str(path.relative_to(self.layout.host))) for path in paths if path.stat().st_mode & stat.S_IWOTH]

    def _files(self) -> dict[str, str]:
        return {
            str(path.relative_to(self.layout.host)): _look(path)
            for top in _KEPT
            for path in sorted((self.layout.host / top).rglob("*"))
            if "__pycache__" not in path.parts
        }

    async def _start_outside(self) -> None:
        await self.settle()
        for number in range(STOCK):
            await asyncio.to_thread(self.say, "SET", f"stock:{number}", str(number * 7))
        outside = self.layout.outside
        shutil.copyfile(_HERE / "worker.py", outside / "worker.py")
        customers = (_HERE / "customers.py").read_text(encoding="utf-8")
        # Beside them, the package has no name.
        (outside / "customers.py").write_text(customers.replace("vigie.lab.depot.worker", "worker"), encoding="utf-8")
        (outside / _ORDERS).touch()
        argv = [sys.executable, str(outside / "customers.py"), str(outside / _DEPOT), str(outside / _ORDERS)]
        await self._launch(argv, outside / "customers.out", outside)
        await asyncio.to_thread(self.remember, _REFERENCE)


def _look(path: Path) -> str:
    status = path.lstat()
    if path.is_symlink():
        return f"-> {path.readlink()}"
    body = "folder" if path.is_dir() else hashlib.sha256(path.read_bytes()).hexdigest()
    return f"{stat.S_IMODE(status.st_mode):o}:{status.st_uid}:{status.st_gid} {body}"
