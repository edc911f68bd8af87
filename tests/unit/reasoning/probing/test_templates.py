"""Filling line templates: a value is one word, or it is refused."""

import shlex

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.domain.errors import Permanent
from vigie.knowledge import library
from vigie.knowledge.detection import Found
from vigie.knowledge.models import SlotType
from vigie.reasoning import templates

GOOD: dict[SlotType, str] = {
    "name": "web@1.service",
    "path": "/var/log/with space/app.log",
    "port": "8080",
    "pid": "812",
    "url": "http://127.0.0.1:8000/a?b=c",
    "number": "-1.5",
    "identifier": "public.orders",
    "sql": "SELECT 'it''s'\n FROM t",
    "text": "l'été; $(reboot)",
    "artefact": "a" * 64,
    "mode": "0644",
    "owner": "web:www-data",
}
HOSTILE = [
    *("; reboot", "$(reboot)", "`id`", "a\nb", "-o ProxyCommand=x", "--help", "../../etc/shadow", "/a/../b", "a\x00b"),
    *("\u202eabc", "a\u200bb", "x" * 65536, "", " ", "'", '"', "\\", "a;b", "a|b", "&& id", "> /etc/passwd", "*", "~root"),
    *("${HOME}", "\x1b[31m", "é", "\ud800"),
]


@pytest.mark.parametrize("kind", GOOD)
def test_a_good_value_is_one_word(kind: SlotType) -> None:
    line = templates.fill("show -- {value}", {"value": GOOD[kind]}, {"value": kind})
    assert len(shlex.split(line)) == 3


def filled(template: str, kind: SlotType, value: str) -> str | None:
    try:
        return templates.fill(template, {"value": value}, {"value": kind})
    except Permanent as refused:
        return None if refused.key == "knowledge.slot_wrong" and refused.what("fr") else refused.key


@pytest.mark.parametrize("kind", GOOD)
@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("template", ["show {value}", "show -- {value}", "show --of={value} end"])
def test_a_hostile_value_is_one_word_or_refused(kind: SlotType, value: str, template: str) -> None:
    line = filled(template, kind, value)
    if line is None:
        return
    words = shlex.split(line)
    assert len(words) == len(shlex.split(template))
    assert "\n" not in line
    assert not (template == "show {value}" and words[1].startswith("-"))


@settings(max_examples=400, deadline=None)
@given(value=st.text(max_size=200), kind=st.sampled_from(sorted(GOOD)))
def test_no_value_changes_the_number_of_words(value: str, kind: SlotType) -> None:
    try:
        line = templates.fill("a {value} b -- {value} c={value}", {"value": value}, {"value": kind})
    except Permanent:
        return
    assert len(shlex.split(line)) == 6


@settings(max_examples=200, deadline=None)
@given(values=st.lists(st.text(max_size=40), max_size=6))
def test_several_values_are_as_many_words(values: list[str]) -> None:
    try:
        line = templates.fill("a {value*}", {"value": values}, {"value": "path"})
    except Permanent:
        return
    assert shlex.split(line) == ["a", *values]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("path", "relative/path"),
        ("path", "/a/../b"),
        ("port", "0"),
        ("port", "65536"),
        ("port", "٣"),
        ("pid", "1"),
        ("url", "ftp://x/"),
        ("url", "http://user:secret@x/"),
        ("url", "http:///x"),
        ("url", "http://x:99999/"),
        ("number", "nan"),
        ("name", "a/b"),
        ("name", "-x"),
        ("identifier", "a b"),
        ("sql", "\\! id"),
        ("mode", "9"),
        ("owner", "a b"),
        ("artefact", "abc"),
        ("text", "a\tb"),
    ],
)
def test_what_is_not_of_its_kind_is_refused(kind: SlotType, value: str) -> None:
    with pytest.raises(Permanent, match=kind):
        templates.fill("show -- {value}", {"value": value}, {"value": kind})


def test_a_slot_without_a_value_is_told() -> None:
    with pytest.raises(Permanent, match="log"):
        templates.fill("tail {log}", {}, {"log": "path"})


@pytest.mark.parametrize("template", ["show '{value}'", 'show "{value}"', "show \\{value}", "show {value", "show }"])
def test_a_template_that_would_undo_the_quoting_is_a_bug(template: str) -> None:
    with pytest.raises(ValueError, match="template"):
        templates.fill(template, {"value": "x"}, {"value": "text"})


def test_doubled_braces_are_braces() -> None:
    assert (
        templates.fill("curl -w '%{{http_code}}' {url}", {"url": "http://x/"}, {"url": "url"})
        == "curl -w '%{http_code}' http://x/"
    )


def manager(name: str, **slots: str) -> Found:
    return Found(library.load().managers[name], slots)


def test_a_verb_becomes_the_line_of_the_hosts_manager() -> None:
    slots, types = {"worker": "mail worker".replace(" ", "-")}, {"worker": "name"}
    assert templates.fill("@restart {worker}", slots, types, manager("systemd")) == "systemctl restart -- mail-worker"  # type: ignore[arg-type]
    assert templates.fill("@restart web", {}, {}, manager("supervisord")) == "supervisorctl restart web"
    line = templates.fill("@restart web", {}, {}, manager("supervisord", config="/etc/a b.conf"))
    assert line == "supervisorctl -c '/etc/a b.conf' restart web"


@pytest.mark.parametrize("value", ["web; reboot", "-h", "a b", "$(id)"])
def test_a_verb_takes_no_other_name_than_a_name(value: str) -> None:
    with pytest.raises(Permanent):
        templates.fill("@restart {service}", {"service": value}, {"service": "text"}, manager("systemd"))


def test_a_verb_needs_a_manager_that_has_it() -> None:
    with pytest.raises(Permanent) as caught:
        templates.fill("@restart web", {}, {})
    assert caught.value.key == "knowledge.no_manager"
    with pytest.raises(Permanent) as caught:
        templates.fill("@dance web", {}, {}, manager("systemd"))
    assert caught.value.key == "knowledge.verb_unknown"
