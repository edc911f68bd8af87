"""Output in bounded memory."""

from hypothesis import given
from hypothesis import strategies as st

from vigie.tools.capped import Capped


@given(st.lists(st.binary(max_size=50)), st.integers(4, 60))
def test_what_fits_is_whole_and_of_more_the_ends_are_kept(chunks: list[bytes], cap_bytes: int) -> None:
    capped = Capped(cap_bytes)
    for chunk in chunks:
        capped.add(chunk)
    whole, kept = b"".join(chunks), capped.bytes()
    assert capped.truncated == (len(whole) > cap_bytes)
    if not capped.truncated:
        assert kept == whole
        return
    head = cap_bytes // 4
    assert kept == whole[:head] + b"\n" + whole[len(whole) - (cap_bytes - head) :]


def test_memory_does_not_grow_with_the_output() -> None:
    capped = Capped(1000)
    for _ in range(10_000):
        capped.add(b"x" * 997)
    assert len(capped._tail) <= 2 * 750 + 997
