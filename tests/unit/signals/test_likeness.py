"""Wordings that say the like are found, in both languages; others are not."""

import pytest

from vigie.signals.likeness import wordings

# One trouble a line, said in several ways.
TROUBLES = (
    (
        "connection to database <*> refused",
        "connexion à la base de données <*> refusée",
        "cannot connect to postgres: ECONNREFUSED",
    ),
    ("disk /var is full: no space left on device", "plus d’espace sur le disque <*>"),
    ("out of memory: killed process <*>", "mémoire épuisée, processus <*> tué"),
    ("certificate of <*> expired", "le certificat de <*> a expiré"),
    ("upstream <*> timed out after <*> ms", "timeout while waiting for upstream <*>"),
    ("payment of order <*> declined by bank", "paiement de la commande <*> refusé par la banque"),
)
ORDINARY = (
    "request <*> served in <*> ms",
    "cache hit for key <*>",
    "GET <*> 200",
    "user <*> has a new avatar",
    "worker <*> began",
)
ALL = wordings((*(wording for trouble in TROUBLES for wording in trouble), *ORDINARY))


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: str(trouble[0]))
def test_the_nearest_wording_is_of_the_same_trouble_in_any_language(trouble: tuple[str, ...]) -> None:
    texts = [wording for each in TROUBLES for wording in each]
    for said in trouble:
        others = [texts[place] for place, _ in ALL.nearest(said, limit=3) if place < len(texts) and texts[place] != said]
        assert others, said
        assert others[0] in trouble


def test_what_is_ordinary_is_like_no_trouble() -> None:
    for said in ORDINARY:
        assert [place for place, _ in ALL.nearest(said, limit=9)] == [len(ALL.texts) - len(ORDINARY) + ORDINARY.index(said)]


def test_odd_wordings_are_like_nothing() -> None:
    for said in ("", "<*>", "12:30", "é" * 5000, "\x00"):
        assert ALL.nearest(said, limit=9) == []
