"""A real sshd that checks each line itself: what gets past it, what the check costs a line, and what is left when it is gone."""

import asyncio
import getpass
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from bench.figure import Figure
from bench.fleet import SSHD, Servers, servers
from vigie import config
from vigie.app import build
from vigie.domain.host import Host
from vigie.interfaces import fleet, observing
from vigie.interfaces.services import Services
from vigie.tools import tickets

ROUNDS, ROUNDS_SHORT = 40, 12
ACTOR = "person:owner"


def figures(short: bool) -> list[Figure]:
    if SSHD is None:
        raise SystemExit("no sshd on this machine (package openssh-server)")
    with tempfile.TemporaryDirectory(prefix="vigie-enforced-") as folder, servers(Path(folder), 1) as running:
        return asyncio.run(measured(running, ROUNDS_SHORT if short else ROUNDS))


async def measured(running: Servers, rounds: int) -> list[Figure]:
    file = running.folder / "authorized_keys"
    former = file.read_bytes()
    with tempfile.TemporaryDirectory(prefix="vigie-home-") as home:
        async with build(config.load({}, home=Path(home))) as services:
            options = {"key": str(running.key), "host_key": f"[127.0.0.1]:{running.ports[0]} {running.keys[0]}"}
            host = Host("web", f"ssh://{getpass.getuser()}@127.0.0.1:{running.ports[0]}", options=options)
            await services.store.hosts.save(await services.gate.identify(host, actor=ACTOR))
            plain_ms = await spent_ms(services, rounds)
            await observing.enforce(services, "web", actor=ACTOR, file=str(file))
            checked_ms = await spent_ms(services, rounds)
            tries = await forged(services, running)
            ran = await asyncio.to_thread(passed, running, tries)
            await observing.release(services, "web", actor=ACTOR)
    note = f"a line costs {plain_ms:.0f} ms without the check, {checked_ms:.0f} ms with it"
    return [
        Figure(f"lines without a valid ticket that ran, of {len(tries)}", ran, "lines", "at most", 0),
        Figure("cost of the check on the host, a line", round(checked_ms - plain_ms, 1), "ms", "at most", 300, note),
        Figure("authorized_keys that are not as before once it is gone", int(file.read_bytes() != former), "files", "at most", 0),
    ]


async def spent_ms(services: Services, rounds: int) -> float:
    spans = []
    for _ in range(rounds):
        started = time.monotonic()
        ended = await fleet.run(services, ["web"], "uptime", actor=ACTOR)
        spans.append((time.monotonic() - started) * 1000)
        assert fleet.document(ended, "en")["counts"]["done"] == 1
    return statistics.median(spans[1:])


async def forged(services: Services, running: Servers) -> list[str]:
    """Return what is sent in place of a ticket: each would leave a file behind."""
    host = await services.store.hosts.get("web")
    key = await services.store.secrets.get(tickets.secret_names("web")[0])
    assert key is not None
    gate, now, made = host.options[tickets.ENFORCED], time.time(), f"touch {running.folder}/made"
    signer = tickets.Signer(gate, key)
    word, body, signature = signer.ticket(made, at=now, timeout_s=9)[0].split(" ")
    good = signer.ticket("true", at=now, timeout_s=9)[0]
    signed = {
        "other key": tickets.Signer(gate, tickets.new_key()).ticket(made, at=now, timeout_s=9)[0],
        "other host": tickets.Signer("another", key).ticket(made, at=now, timeout_s=9)[0],
        "old": signer.ticket(made, at=now - 600, timeout_s=9)[0],
        "early": signer.ticket(made, at=now + 600, timeout_s=9)[0],
    }
    shells = [made, f"$({made})", f"`{made}`", f"{good}; {made}", f"{good}\n{made}", f"{good} && {made}", f"{good} | {made}"]
    flipped = [
        f"{word} {body} {signature[:at]}{'A' if signature[at] != 'A' else 'B'}{signature[at + 1 :]}" for at in range(0, 80, 8)
    ]
    altered = [f"{word} {body[:at]}{'A' if body[at] != 'A' else 'B'}{body[at + 1 :]} {signature}" for at in range(0, 200, 20)]
    return [*signed.values(), *shells, *flipped, *altered, f"{word} {body}", f"{word}  {signature}", ""]


def passed(running: Servers, tries: list[str]) -> int:
    """Send each over an ssh of its own, and return how many left their file behind."""
    count = 0
    for words in tries:
        argv = ["ssh", "-F", "none", "-i", str(running.key), "-p", str(running.ports[0]), "-o", "IdentitiesOnly=yes"]
        argv += ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "-T"]
        subprocess.run([*argv, "127.0.0.1", *([words] if words else [])], capture_output=True, input=b"", timeout=60, check=False)
        made = running.folder / "made"
        count += made.exists()
        made.unlink(missing_ok=True)
    return count
