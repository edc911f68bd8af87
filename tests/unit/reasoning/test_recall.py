from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.reasoning.world import NOW

from vigie.domain.lesson import Lesson
from vigie.reasoning.complaint import understand
from vigie.reasoning.recall import similar

COMPLAINT = understand("La page des commandes est très lente depuis ce matin")


def lesson(label: str, words: tuple[str, ...], *, host: str = "srv1", worked: bool = True, number: int = 0) -> Lesson:
    return Lesson(f"L-{number}", host, label, words, "index.recreate_sqlite", worked, f"C-{number}", NOW - timedelta(days=number))


def test_like_words_raise_the_odds_a_little() -> None:
    boosts = similar([lesson("db.index.missing", COMPLAINT.words)], COMPLAINT)
    assert 1.0 < boosts.of("lost_index", "db.index.missing") <= 3.0
    assert boosts.of("lock_held", "db.lock.held") == 1.0


def test_other_words_do_nothing() -> None:
    assert similar([lesson("host.disk.full_logs", ("disque", "plein"))], COMPLAINT).factors == {}


def test_the_same_host_counts_more() -> None:
    here = similar([lesson("db.index.missing", COMPLAINT.words[:2])], COMPLAINT, host="srv1")
    elsewhere = similar([lesson("db.index.missing", COMPLAINT.words[:2], host="other")], COMPLAINT, host="srv1")
    assert here.of("c", "db.index.missing") > elsewhere.of("c", "db.index.missing")


def test_what_did_not_help_lowers_them() -> None:
    assert similar([lesson("db.index.missing", COMPLAINT.words, worked=False)], COMPLAINT).of("c", "db.index.missing") < 1.0


def test_a_label_with_variables_is_known_by_its_head() -> None:
    boosts = similar([lesson("web.nginx.upstream_port", COMPLAINT.words)], COMPLAINT)
    assert boosts.of("upstream_port_wrong", "web.{server}.upstream_port") > 1.0


def test_why_is_kept() -> None:
    recalled = similar([lesson("db.index.missing", COMPLAINT.words)], COMPLAINT).recalled
    assert recalled[0].lesson.case == "C-0"
    assert "commandes" in recalled[0].shared


@given(st.integers(min_value=0, max_value=200), st.booleans())
def test_no_memory_weighs_more_than_a_check(count: int, worked: bool) -> None:
    lessons = [lesson("db.index.missing", COMPLAINT.words, worked=worked, number=number) for number in range(count)]
    assert 0.5 <= similar(lessons, COMPLAINT, host="srv1").of("c", "db.index.missing") <= 3.0
