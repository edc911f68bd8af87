"""Whatever is done to any of 200 rows, the walk names the first one that is not as it was written."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from vigie.memory import audit_chain
from vigie.memory.audit_chain import AuditReport, Head, Link, Walk

KEY = bytes(range(32))
ROWS = 200
Row = tuple[Link, str]


def _chain(key: bytes = KEY) -> list[Row]:
    before = audit_chain.GENESIS
    rows: list[Row] = []
    for seq in range(1, ROWS + 1):
        link = Link(
            seq, f"2026-03-01T09:30:{seq % 60:02}+00:00", "default", f"C-{seq % 9}", "host.read", "vigie", f'{{"n":{seq}}}', None
        )
        before = audit_chain.link_hash(key, before, link)
        rows.append((link, before))
    return rows


CHAIN = _chain()


def _head(rows: Sequence[Row], key: bytes = KEY) -> Head:
    link, row_hash = rows[-1]
    return Head(link.seq, row_hash, audit_chain.head_seal(key, link.seq, row_hash))


def _walk(rows: Sequence[Row], head: Head | None) -> AuditReport:
    walk = Walk(KEY)
    walk.along(rows)
    return walk.ended(head)


def test_an_untouched_chain_is_valid() -> None:
    report = _walk(CHAIN, _head(CHAIN))
    assert report == AuditReport(ROWS, True, None, CHAIN[-1][1])


def test_a_journal_without_rows_is_valid() -> None:
    empty = Head(0, audit_chain.GENESIS, audit_chain.head_seal(KEY, 0, audit_chain.GENESIS))
    assert _walk([], empty).valid


COLUMNS: list[Callable[[Link], Link]] = [
    lambda link: replace(link, seq=link.seq + 1000),
    lambda link: replace(link, at=link.at.replace("09:30", "09:31")),
    lambda link: replace(link, tenant="other"),
    lambda link: replace(link, case=None),
    lambda link: replace(link, kind="host.write"),
    lambda link: replace(link, actor="person:eve"),
    lambda link: replace(link, body=link.body.replace("n", "m")),
    lambda link: replace(link, ref=""),
]


@pytest.mark.parametrize("column", range(len(COLUMNS)))
def test_a_flip_in_any_column_of_any_row_is_named(column: int) -> None:
    for place in range(column, ROWS, len(COLUMNS)):
        rows = list(CHAIN)
        rows[place] = (COLUMNS[column](rows[place][0]), rows[place][1])
        assert _walk(rows, _head(CHAIN)).first_bad == place + 1


def test_a_flip_in_the_hash_of_any_row_is_named() -> None:
    for place, (link, row_hash) in enumerate(CHAIN):
        rows = list(CHAIN)
        rows[place] = (link, row_hash[::-1])
        assert _walk(rows, _head(CHAIN)).first_bad == place + 1


def test_any_row_that_is_dropped_is_named() -> None:
    for place in range(ROWS):
        rows = CHAIN[:place] + CHAIN[place + 1 :]
        assert _walk(rows, _head(CHAIN)).first_bad == place + 1


def test_any_two_rows_that_are_swapped_are_named() -> None:
    for place in range(ROWS - 1):
        (one, one_hash), (other, other_hash) = CHAIN[place], CHAIN[place + 1]
        swapped = [(replace(other, seq=one.seq), other_hash), (replace(one, seq=other.seq), one_hash)]
        assert _walk(CHAIN[:place] + swapped + CHAIN[place + 2 :], _head(CHAIN)).first_bad == place + 1


def test_a_cut_after_any_row_is_named_whether_the_head_stays_or_is_forged() -> None:
    for kept in range(ROWS):
        rows = CHAIN[:kept]
        assert _walk(rows, _head(CHAIN)).first_bad == kept + 1
        assert _walk(rows, None).first_bad == kept + 1
        forged = replace(_head(CHAIN), seq=kept, hash=rows[-1][1] if rows else audit_chain.GENESIS)
        assert _walk(rows, forged).first_bad == kept + 1


def test_a_row_that_was_added_without_the_key_is_named() -> None:
    fresh = Link(ROWS + 1, "2026-03-01T10:00:00+00:00", "default", None, "host.read", "vigie", "{}", None)
    forged = (fresh, audit_chain.link_hash(bytes(32), CHAIN[-1][1], fresh))
    assert _walk([*CHAIN, forged], _head([*CHAIN, forged], bytes(32))).first_bad == ROWS + 1
    true_row_only = (fresh, audit_chain.link_hash(KEY, CHAIN[-1][1], fresh))
    assert _walk([*CHAIN, true_row_only], _head(CHAIN)).first_bad == ROWS + 1


def test_a_chain_made_anew_without_the_key_is_bad_from_its_first_row() -> None:
    other = _chain(bytes(32))
    assert _walk(other, _head(other, bytes(32))).first_bad == 1


def test_what_moves_from_one_column_to_the_next_changes_the_hash() -> None:
    one = Link(1, "t", "a", "b", "c", "d", "e", None)
    assert audit_chain.link_hash(KEY, "", one) != audit_chain.link_hash(KEY, "", replace(one, tenant="a,b", case=None))


def test_a_keys_print_tells_keys_apart() -> None:
    assert audit_chain.key_print(KEY) == audit_chain.key_print(bytes(range(32)))
    assert audit_chain.key_print(KEY) != audit_chain.key_print(bytes(32))
