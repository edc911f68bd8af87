"""Reading SQL as it stands in logs."""

import pytest

from vigie.reasoning import statements


@pytest.mark.parametrize(
    ("sql", "table", "columns"),
    [
        ("SELECT * FROM orders WHERE customer_id = 7 ORDER BY placed_at DESC LIMIT 20", "orders", ("customer_id", "placed_at")),
        (
            "select o.id from public.orders o join customers c on c.id = o.customer_id where o.state = 'x'",
            "orders",
            ("customer_id", "state"),
        ),
        ('SELECT "a" FROM "Big Table" WHERE x=1', None, ()),
        ("UPDATE queue SET state = 'done' WHERE id = 4 AND state = 'new'", "queue", ("id", "state")),
        ("DELETE FROM sessions WHERE expires_at < now()", "sessions", ("expires_at",)),
        ("SELECT count(*) FROM t WHERE a IN (1, 2, 3) AND b BETWEEN 1 AND 5 GROUP BY c", "t", ("a", "b", "c")),
        ("SELECT * FROM t", "t", ()),
        ("SELECT * FROM `orders` WHERE `orders`.`email` LIKE '%x%'", "orders", ("email",)),
    ],
)
def test_the_table_and_its_columns_are_read(sql: str, table: str | None, columns: tuple[str, ...]) -> None:
    read = statements.of(sql)
    if table is not None:
        assert read.table == table
        assert set(columns) <= set(read.columns)


def test_values_do_not_change_the_hash() -> None:
    one = statements.of("SELECT * FROM t WHERE a = 'it''s' AND b IN (1, 2) AND c = -4.5")
    other = statements.of("select *  from t where a = ?  and b in ($1,$2,$3) and c = :c;")
    assert one.hash == other.hash
    assert len(one.hash) == 12


def test_a_column_with_a_digit_is_no_value() -> None:
    assert statements.normal("SELECT a1 FROM t2 WHERE b3 = 4") == "select a1 from t2 where b3 = ?"


@pytest.mark.parametrize(
    ("line", "sql"),
    [
        ("slow (3 s): SELECT a FROM t WHERE b = 1", "SELECT a FROM t WHERE b = 1"),
        ("query=\"SELECT a FROM t WHERE b = 'x'\" took=3s", "SELECT a FROM t WHERE b = 'x'"),
        ("SELECT a FROM t WHERE b = 1 (812 ms)", "SELECT a FROM t WHERE b = 1"),
        ("SELECT a FROM t WHERE b = ? params=[1] duration=3", "SELECT a FROM t WHERE b = ?"),
    ],
)
def test_a_statement_is_cut_out_of_its_line(line: str, sql: str) -> None:
    found = statements.found_in(line)
    assert found is not None
    assert found.text == sql


@pytest.mark.parametrize("line", ["please select a plan from the list", "updated 3 rows", "", "the order was deleted"])
def test_words_are_no_statement(line: str) -> None:
    found = statements.found_in(line)
    assert found is None or found.table is not None
