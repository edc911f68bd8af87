"""Sessions are judged by what ordinary ones are made of."""

import random

from hypothesis import given
from hypothesis import strategies as st

from vigie.signals.sentence import of_oddity
from vigie.signals.sessions import SessionModel


def order(chance: random.Random) -> list[str]:
    """Return what one order leaves behind: three writers side by side, and reads as they come."""
    stored = ["store"] * 3
    chance.shuffle(stored)
    session = ["open", "reserve", *stored, "pay", "close"]
    for _ in range(chance.randrange(6)):
        session.insert(chance.randrange(1, len(session)), "read")
    return session


def model(count: int = 1500) -> SessionModel:
    chance = random.Random(1)
    return SessionModel(order(chance) for _ in range(count))


def test_other_ordinary_sessions_are_ordinary() -> None:
    chance = random.Random(2)
    known = model()
    assert [session for session in (order(chance) for _ in range(1000)) if known.judge(session).score >= 0.5] == []


def test_what_comes_as_often_as_it_likes_is_no_oddity() -> None:
    assert model().judge(["open", "reserve", *["store"] * 3, *["read"] * 11, "pay", "close"]).score < 0.5


def test_an_event_that_was_never_seen_is_odd() -> None:
    judgement = model().judge(["open", "reserve", "store", "store", "store", "refuse", "close"])
    assert judgement.score > 0.9
    assert [(each.kind, each.event) for each in judgement.oddities] == [("new_event", "refuse")]


def test_a_session_that_was_cut_is_odd() -> None:
    judgement = model().judge(["open", "reserve", "store", "read"])
    assert judgement.score >= 0.5
    assert ("missing", "pay") in [(each.kind, each.event) for each in judgement.oddities]


def test_a_count_that_never_was_is_odd_and_said() -> None:
    (oddity,) = model().judge(["open", "reserve", *["store"] * 4, "pay", "close"]).oddities
    assert of_oddity(oddity, "en") == "store came ×4; ×3 is usual here"
    assert of_oddity(oddity, "fr") == "store est venu 4 fois ; d’habitude c’est 3 fois"


def test_work_in_another_order_is_odd() -> None:
    judgement = model().judge(["close", "open", "reserve", "store", "store", "store", "pay"])
    assert judgement.score >= 0.5
    assert judgement.oddities[0].kind == "order"


def test_two_writers_that_swap_are_unusual_but_no_alarm() -> None:
    assert 0.2 < model().judge(["open", "reserve", *["store"] * 3, "close", "pay"]).score < 0.5


def test_where_every_session_is_different_only_new_events_are_odd() -> None:
    chance = random.Random(3)
    events = [f"e{number}" for number in range(12)]
    known = SessionModel(chance.choices(events, k=chance.randrange(5, 40)) for _ in range(600))
    strange = [chance.choices(events, k=chance.randrange(5, 40)) for _ in range(400)]
    assert sum(known.judge(session).score >= 0.5 for session in strange) <= 4
    assert known.judge(["e1", "other"]).score >= 0.5


def test_nothing_learned_means_nothing_said() -> None:
    assert SessionModel([]).judge(["a"]).score == 0
    assert model(50).judge([]).score == 0


_SESSIONS = st.lists(st.lists(st.sampled_from("abcdé"), max_size=8), max_size=30)


@given(_SESSIONS, _SESSIONS)
def test_every_session_gets_a_score_and_a_learned_one_no_alarm(train: list[list[str]], test: list[list[str]]) -> None:
    known = SessionModel(train)
    assert all(0 <= known.judge(session).score <= 1 for session in test)
    assert all(known.judge(session).score < 0.5 for session in train)
