"""How alone a change stands, and whether it could explain a complaint."""

from datetime import timedelta

from tests.unit.reasoning.world import NOW, fact

from vigie.domain.fact import Fact, Value
from vigie.knowledge import library
from vigie.reasoning import blame
from vigie.reasoning.complaint import understand
from vigie.reasoning.facts import Facts
from vigie.reasoning.house import House
from vigie.reasoning.times import Times

TIMES = Times(NOW, NOW - timedelta(minutes=5))
AT = (NOW - timedelta(minutes=7)).isoformat()


def change(kind: str, path: str, **value: Value) -> Fact:
    return fact(f"change.{kind}", f"file:{path}", {"before": "a", "after": "b", "at": AT, **value})


def places(*changes: Fact) -> list[Value]:
    facts = Facts(changes)
    return [one.value["places"] for one in blame.alone(facts, House(facts), TIMES) if isinstance(one.value, dict)]


def blamed(ticket: str, *changes: Fact) -> set[str]:
    return {one.subject for one in blame.blamed(Facts(changes), understand(ticket), library.load().lexicons)}


def test_a_file_and_its_settings_are_one_place() -> None:
    assert places(change("file", "/etc/x.conf"), change("setting", "/etc/x.conf", key="port")) == [1, 1]


def test_what_a_fault_does_is_no_act() -> None:
    assert places(change("mode", "/srv/x"), fact("change.endpoint", "url:http://x/", {"before": 200, "after": 500})) == [1]


def test_a_crowd_of_changes_is_told_of_no_one() -> None:
    assert places(*(change("file", f"/etc/{name}.conf") for name in "abcd")) == []


def test_a_new_release_and_the_link_to_it_are_one_place() -> None:
    release = fact("change.folder", "folder:/srv/x/r8", {"before": None, "after": {}, "at": None})
    assert places(change("link", "/srv/x/current", after="r8"), release) == [1, 1]


def test_a_setting_is_blamed_by_its_words() -> None:
    limit = change("setting", "/etc/x.conf", key="upload_max_size")
    assert blamed("The upload of a file fails", limit) == {"file:/etc/x.conf"}
    assert blamed("Names are resolved slowly", limit) == set()


def test_a_comment_explains_nothing() -> None:
    assert blamed("The database fails", change("file", "/etc/database.conf")) == set()


def test_without_words_of_a_person_nothing_is_blamed() -> None:
    assert blamed("", change("setting", "/etc/x.conf", key="upload_max_size")) == set()
