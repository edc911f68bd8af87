"""Outputs as sentences: recorded ones, and any text at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie import i18n, plugins
from vigie.i18n import LANGUAGES
from vigie.knowledge import library
from vigie.reasoning import answers
from vigie.reasoning.answers.answer import Answer

KNOWN = {name: kind() for name, kind in plugins.discover(answers, Answer).items()}
DF = "Filesystem Type Size Used Avail Use% Mounted on\n/dev/sda1 ext4 40G 37G 1.1G 93% /\ntmpfs tmpfs 2G 0 2G 0% /run\n"
FREE = (
    "       total   used  free  shared  buff/cache  available\n"
    "Mem:   3.8Gi  3.4Gi 120Mi    12Mi       300Mi      180Mi\n"
    "Swap:  1.0Gi  900Mi 124Mi\n"
)
STATUS = "● nginx.service - Web\n     Active: active (running) since Fri 2026-01-02 10:00:00 UTC; 3h 2min ago\n"
SS = 'Netid State Recv-Q Send-Q Local Peer\ntcp LISTEN 0 511 0.0.0.0:80 0.0.0.0:* users:(("nginx",pid=7,fd=6))\n'
APT = "Listing...\ncurl/stable-security 7.88.1 amd64 [upgradable from: 7.88.0]\n"
PS = "PID USER %MEM %CPU RSS COMMAND\n7 web 9.1 2.0 800 {}\n8 web 1.0 1.0 9 x\n"
RECORDED = [
    ("df", DF, 0, "full", {"mount": "/", "used": 93}),
    ("free", FREE, 0, "full", {"available": "180Mi"}),
    ("uptime", " 10:00:01 up 12 days,  3:04,  2 users,  load average: 0.52, 0.58, 0.59\n", 0, "up", {"one": "0.52"}),
    ("status", STATUS, 0, "runs", {"ago": "3h 2min"}),
    ("status", "Unit foo.service could not be found.", 4, "unknown", {}),
    ("status", "nginx   RUNNING   pid 12, uptime 1:00:00", 0, "runs_now", {}),
    ("units", "● nginx.service loaded failed failed A web server\n", 0, "failed", {"count": 1, "names": "nginx.service"}),
    ("log", "-- No entries --\n", 0, "empty", {}),
    ("log", "a: ok\nb: error: no space left\n", 0, "errors", {"bad": 1, "last": "b: error: no space left"}),
    ("processes", PS.format("/usr/bin/find /srv/"), 0, "memory", {"command": "find"}),
    ("processes", PS.format("/"), 0, "memory", {"command": "/"}),
    ("ports", SS, 0, "one", {"port": "80"}),
    ("certificate", "subject=CN = example.com\nnotAfter=Mar  4 10:00:00 2027 GMT\n", 0, "valid", {"name": "example.com"}),
    ("updates", APT, 0, "some", {"count": 1, "security": 1}),
    ("du", "10G\t/var\n8G\t/var/log\n", 0, "many", {"path": "/var/log", "size": "8G"}),
    ("check", "nginx: configuration file test is successful\n", 0, "good", {}),
    ("check", "nginx: [emerg] unknown directive\n", 1, "bad", {"last": "nginx: [emerg] unknown directive"}),
    ("ping", "4 packets transmitted, 0 received, 100% packet loss, time 3s\n", 1, "silent", {}),
    ("http", "HTTP 502 · 0.012 s\n", 0, "ill", {"code": "502"}),
    ("mailqueue", "Mail queue is empty\n", 0, "empty", {}),
    ("package", "vim:\n  Installed: (none)\n", 0, "absent", {}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "rc", "key", "values"), RECORDED)
def test_an_output_says_what_matters(name: str, text: str, rc: int, key: str, values: dict[str, object]) -> None:
    said = KNOWN[name].read(text, rc)
    assert said is not None
    assert said.key == key
    assert dict(said.values) | values == dict(said.values)
    for language in LANGUAGES:
        assert i18n.text(language, f"ask.says.{name}.{key}", host="web1", title="t", service="s", **said.values)


def test_every_intent_names_an_answer_that_exists() -> None:
    named = {intent.answer for intent in library.load().intents.values() if intent.answer}
    assert named <= set(KNOWN)


@given(st.sampled_from(sorted(KNOWN)), st.text(max_size=400), st.sampled_from([0, 1, None]))
def test_no_text_breaks_an_answer(name: str, text: str, rc: int | None) -> None:
    KNOWN[name].read(text, rc)


@given(st.sampled_from([each[1] for each in RECORDED]), st.integers(0, 200), st.text(max_size=5))
def test_no_damage_breaks_an_answer(text: str, place: int, noise: str) -> None:
    for known in KNOWN.values():
        known.read(text[:place] + noise + text[place + 1 :], 0)
